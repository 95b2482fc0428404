"""A session's tests are tried in the background, whatever others run, or have tried, meanwhile."""

import asyncio
import time
from typing import Any

import httpx2
from tests.harness.ports import wait_until
from tests.harness.rooms import create
from tests.harness.server import ServerProcess
from tests.integration.test_test_cases import address_of, tried

_TESTS = 10
_RESTING_SECONDS = 15  # two for each test, were they to wait for a program that rests
_SLOW_SECONDS = 30  # fifteen for each slow session, were they to wait for them
_SLOW_SESSIONS = 4


def put(server: ServerProcess, code: str, count: int) -> str:
    """Make a session with tests, tried on its code when it ends; return the address of the tests."""
    session = create(server, code)
    tests = [{"stdin": f"{number}\n", "expected": f"{number}\n"} for number in range(count)]
    address = address_of(server, session)
    assert httpx2.put(address, json={"tests": tests}).status_code == 200
    httpx2.post(address.replace("/tests", "/end"))
    return address


def statuses(read: dict[str, Any]) -> list[str]:
    return [each["status"] for each in read["attempts"][-1]["results"]]


def spoilt(word: str) -> str:
    """Return a comment that makes a program one that nobody has tried."""
    return f"  # {word} {time.time_ns()}\n"


async def test_a_program_that_rests_delays_no_tests(sqlite_server: ServerProcess) -> None:
    waiting = create(sqlite_server, "input()\n")
    runs = address_of(sqlite_server, waiting).replace("/tests", "/runs")
    run = httpx2.post(runs, json={"terminal": {"columns": 80, "rows": 24}}).json()["run_id"]
    wait_until(lambda: httpx2.get(f"{runs}/{run}").json()["status"] == "running", "it", 20)
    async with asyncio.timeout(_RESTING_SECONDS):
        read = await tried(put(sqlite_server, "print(input())" + spoilt("rests"), _TESTS))
    assert statuses(read) == ["exited"] * _TESTS
    assert httpx2.get(f"{runs}/{run}").json()["status"] == "running"
    httpx2.post(f"{runs}/{run}/stop")


async def test_slow_tests_of_others_are_not_waited_for(sqlite_server: ServerProcess) -> None:
    endless = "while True: pass" + spoilt("slow")
    slow = [put(sqlite_server, endless + f"# {n}\n", _TESTS) for n in range(_SLOW_SESSIONS)]
    async with asyncio.timeout(_SLOW_SECONDS):
        read = await tried(put(sqlite_server, "print(input())" + spoilt("quick"), 2))
    assert statuses(read) == ["exited"] * 2
    assert any(httpx2.get(address).json()["pending"] for address in slow)
    for address in slow:  # nobody waits for the rest
        httpx2.put(address, json={"tests": []})
