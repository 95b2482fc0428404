"""A machine with little: one sandbox, one place in the queue, no toolchains of ours, little time to compile."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess, server_process


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with a runner of its own."""
    limits: dict[str, Any] = {
        "runner_slots": 1,
        "runner_queue": 1,
        "runner_resting": 0,
        "runner_warm": 2,
        "compile_seconds": 1.5,
        "cache_dir": tmp_path_factory.mktemp("empty"),
    }
    with server_process(tmp_path_factory.mktemp("small"), **limits) as process:
        deadline = time.monotonic() + 30
        while any(each["starting"] for each in languages(process).values()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield process


def languages(server: ServerProcess) -> dict[str, Any]:
    return {each["id"]: each for each in httpx2.get(f"{server.url}/api/languages").json()}


def runs_of(server: ServerProcess, code: str, language: str = "python") -> str:
    body = {"language": language, "initial_code": code}
    session = httpx2.post(f"{server.url}/api/sessions", json=body).json()
    return f"{server.url}/api/sessions/{session['session_id']}/runs"


def test_a_missing_toolchain_takes_its_language_only(small: ServerProcess) -> None:
    found = languages(small)
    assert {name for name, each in found.items() if each["runnable"]} == {
        "python",
        "javascript",
        "java",
        "cpp",
    }
    assert "pizarra toolchains" in found["typescript"]["reason"]
    refused = httpx2.post(runs_of(small, "let x = 1", "typescript"))
    assert refused.status_code == 409
    assert "pizarra toolchains" in refused.json()["detail"]


def test_a_full_queue_is_the_platforms_fault_and_places_are_shown(small: ServerProcess) -> None:
    slow = "import time\ntime.sleep(1.5)\nprint('done')"
    paths = [runs_of(small, slow) for _ in range(2)]
    runs = [f"{path}/{httpx2.post(path).json()['run_id']}" for path in paths]
    answer = httpx2.post(runs_of(small, "print(1)"))
    assert answer.status_code == 503
    assert "All 1 sandboxes are busy and 1 runs wait" in answer.json()["detail"]
    deadline = time.monotonic() + 15
    while any(httpx2.get(run).json()["status"] in ("queued", "running") for run in runs):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [httpx2.get(run).json()["stdout"] for run in runs] == ["done\n", "done\n"]


SLOW = (
    "constexpr int f(int n) {\n  for (int i = 0; i < 200000; i++) n += 1 + (i & 1);\n  return n;\n}\n"
    + "".join(f"static_assert(f({n}) > {n});\n" for n in range(40))
    + "int main() {}"
)


def test_a_compilation_has_its_time(small: ServerProcess) -> None:
    result = httpx2.post(f"{runs_of(small, SLOW, 'cpp')}?wait=true", timeout=30).json()
    assert result["status"] == "compile_error"
    assert result["stderr"] == "The compiler took longer than 1.5 s and was stopped.\n"


def test_what_does_not_compile_is_compiled_for_one_test_and_not_for_twenty(
    small: ServerProcess,
) -> None:
    address = runs_of(small, SLOW, "cpp").replace("/runs", "/tests")
    httpx2.put(address, json={"tests": [{"expected": str(number)} for number in range(20)]})
    httpx2.post(address.replace("/tests", "/end"))
    wait_until(lambda: httpx2.get(address).json()["attempts"], "the tests", seconds=25)
    results = httpx2.get(address).json()["attempts"][-1]["results"]
    assert {each["status"] for each in results} == {"compile_error"}


def test_what_somebody_typed_before_the_program_started_is_not_lost(small: ServerProcess) -> None:
    path = runs_of(small, "print('got', input())")
    run_id = httpx2.post(path).json()["run_id"]
    httpx2.post(f"{path}/{run_id}/stdin", json={"text": "it\n", "eof": True})
    deadline = time.monotonic() + 10
    while (result := httpx2.get(f"{path}/{run_id}").json())["status"] != "exited":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert result["stdout"] == "got it\n"


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "import time\nprint('ready')\nwhile True: time.sleep(1)"),
        ("javascript", "console.log('ready'); setInterval(() => {}, 1000)"),
        (
            "cpp",
            '#include <cstdio>\n#include <unistd.h>\nint main() { std::puts("ready"); pause(); }',
        ),
    ],
)
def test_the_interrupt_key_ends_a_program_of_the_servers_own_runner(
    small: ServerProcess, language: str, code: str
) -> None:
    path = runs_of(small, code, language)
    run = f"{path}/{httpx2.post(path, json={'terminal': {'columns': 80, 'rows': 24}}).json()['run_id']}"
    deadline = time.monotonic() + 20
    while "ready" not in httpx2.get(run).json()["stdout"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    httpx2.post(f"{run}/stdin", json={"text": "\x03"})
    while (result := httpx2.get(run).json())["ended_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert (result["status"], result["signal"]) == ("exited", "SIGINT")
