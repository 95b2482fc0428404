"""Trying a program on the samples of its question: for whoever may run programs, and on the timeline."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import update
from tests.harness.application import Application
from tests.harness.peer import connect_peer
from tests.harness.rooms import join, url_of
from tests.harness.server import ServerProcess
from tests.integration.test_export import export, members
from tests.integration.test_questions import FUNCTION, QUESTION, begin, make

from pizarra.config import Settings
from pizarra.models import SessionProblem


@pytest.fixture
def burst_bytes() -> int:
    """How much somebody may have recorded at once."""
    return 64 * 1024


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest, burst_bytes: int) -> Settings:
    """Limits that are reached soon; that of time only where it is to be reached."""
    reached = request.node.get_closest_marker("never_ends") is not None
    return settings.model_copy(
        update={
            "test_seconds": 0.5 if reached else settings.test_seconds,
            "person_log_burst_bytes": burst_bytes,
            "person_log_bytes_per_second": 1024,
            "max_text_bytes": 10_000,
        }
    )


async def tried(client: httpx2.AsyncClient, path: str, **body: Any) -> list[dict[str, Any]]:
    answer = await client.post(f"{path}/samples?wait=true", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def with_code(
    client: httpx2.AsyncClient, code: str, *, language: str = "python", **changes: Any
) -> str:
    question = await make(client, **{"languages": ["python", "java", "cpp"], **changes})
    return await begin(client, question, initial_code=code, language=language)


async def test_each_sample_says_what_came_out(client: httpx2.AsyncClient) -> None:
    samples = [
        {"name": "three", "input": "3\n", "expected": "6\n"},
        {"name": "zero", "input": "0\n", "expected": "1\n"},
    ]
    path = await with_code(client, "print(int(input()) * 2)\n", samples=samples)
    right, wrong = await tried(client, path)
    duration = right.pop("duration_ms")
    assert isinstance(duration, int)
    assert right == {
        "name": "three",
        "passed": True,
        "status": "exited",
        "expected": "6\n",
        "got": "6\n",
        "stdout": "6\n",
        "stderr": "",
        "own": False,
    }
    assert (wrong["passed"], wrong["got"], wrong["expected"]) == (False, "0\n", "1\n")
    entries = (await client.get(f"{path}/timeline?kinds=samples")).json()
    assert len(entries) == 1
    told = entries[0]["data"]
    assert (told["problem"], told["path"], told["language"], told["at"]) == (
        2,
        "main.py",
        "python",
        2,
    )
    assert [each["passed"] for each in told["results"]] == [True, False]


async def test_how_a_program_may_fail(client: httpx2.AsyncClient) -> None:
    path = await with_code(client, "raise SystemExit(3)\n")
    assert [(each["status"], each["passed"]) for each in await tried(client, path)] == [
        ("exited", False)
    ]
    path = await with_code(client, "int main( {", language="cpp")
    (broken,) = await tried(client, path)
    assert broken["status"] == "compile_error"
    assert "main.cpp" in broken["stderr"]


@pytest.mark.never_ends
async def test_what_never_ends_is_tried_three_times(client: httpx2.AsyncClient) -> None:
    slow = [{"input": str(number)} for number in range(5)]
    path = await with_code(client, "while True: pass\n", samples=slow)
    statuses = [each["status"] for each in await tried(client, path)]
    assert statuses == ["timeout"] * 3 + ["not_tried"] * 2


@pytest.mark.parametrize(
    ("comparator", "expected", "printed", "passed"),
    [
        ({"how": "exact"}, "1 2\n", "1 2 \n\n", True),
        ({"how": "exact"}, "1 2\n", "1  2\n", False),
        ({"how": "tokens"}, "Yes 1\n", "Yes\n1", True),
        ({"how": "tokens"}, "Yes\n", "yes\n", False),
        ({"how": "tokens", "case_sensitive": False}, "Yes\n", "yES\n", True),
        ({"how": "tokens", "space_sensitive": True}, "a b\n", "a  b\n", False),
        ({"how": "tokens", "absolute_tolerance": 1e-6}, "1.0\n", "1.0000001\n", True),
        ({"how": "tokens", "relative_tolerance": 1e-6}, "1000000\n", "1000000.5\n", True),
        ({"how": "tokens", "absolute_tolerance": 0.1}, "1000000\n", "1000000.5\n", False),
        ({"how": "multiset"}, "b\na\na\n", "a\nb\na\n", True),
        ({"how": "multiset"}, "b\na\na\n", "a\nb\nb\n", False),
    ],
)
async def test_samples_are_compared_as_the_question_says(
    client: httpx2.AsyncClient,
    comparator: dict[str, Any],
    expected: str,
    printed: str,
    passed: bool,
) -> None:
    samples = [{"input": "", "expected": expected}]
    path = await with_code(
        client, f"print({printed!r}, end='')\n", samples=samples, comparator=comparator
    )
    assert [each["passed"] for each in await tried(client, path)] == [passed]


PYTHON_CHECKER = """\
import sys
assert open(sys.argv[1]).read() == "7\\n" and open(sys.argv[2]).read() == "ignored"
open(sys.argv[3] + "judgemessage.txt", "w").write("for judges")
total = sum(map(int, sys.stdin.read().split()))
sys.exit(42 if total == 7 else 43)
"""
CPP_CHECKER = """\
#include <fstream>
#include <iostream>
int main(int argc, char** argv) {
    std::ifstream given(argv[1]);
    int wanted = 0, each = 0, total = 0;
    given >> wanted;
    while (std::cin >> each) total += each;
    return total == wanted ? 42 : 43;
}
"""


@pytest.mark.parametrize(
    "checker",
    [
        {"language": "python", "source": PYTHON_CHECKER},
        {"language": "cpp", "source": CPP_CHECKER},
    ],
)
async def test_a_checker_says_whether_it_is_right(
    client: httpx2.AsyncClient, checker: dict[str, Any]
) -> None:
    about: dict[str, Any] = {
        "comparator": {"how": "checker", "checker": checker},
        "samples": [{"input": "7\n", "expected": "ignored"}],
    }
    for code, passed in (("print(3, 4)\n", True), ("print(1, 5, 2)\n", False)):
        path = await with_code(client, code, **about)
        (result,) = await tried(client, path)
        assert (result["status"], result["passed"]) == ("exited", passed), result


@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.exit(0)\n",
        "raise KeyError('ch3cker')\n",
        pytest.param("while True: pass\n", marks=pytest.mark.never_ends),
    ],
)
async def test_a_checker_that_fails_passes_nobody_and_tells_candidates_nothing(
    client: httpx2.AsyncClient, source: str
) -> None:
    checker = {"how": "checker", "checker": {"language": "python", "source": source}}
    path = await with_code(client, "print(1)\n", comparator=checker)
    (result,) = await tried(client, path)
    assert (result["status"], result["passed"]) == ("judge_error", False)
    assert "ch3cker" not in str(result)


async def test_samples_of_a_question_given_later_are_tried_on_its_own_file(
    client: httpx2.AsyncClient,
) -> None:
    question = await make(client, starters={"java": JAVA, "python": "print(6)\n"})
    session = (await client.post("/api/sessions", json={"initial_code": "mine\n"})).json()
    path = f"/api/sessions/{session['session_id']}"
    assert (await client.post(f"{path}/samples?wait=true")).json()["code"] == "no_problem"
    await client.put(f"{path}/problem", json={"question_id": question["question_id"]})
    assert [each["passed"] for each in await tried(client, path)] == [True]
    await client.patch(path, json={"language": "java"})
    assert [each["passed"] for each in await tried(client, path)] == [True]
    assert [each["passed"] for each in await tried(client, path, language="python")] == [True]
    missing = await client.post(f"{path}/samples?wait=true", json={"language": "cpp"})
    assert missing.status_code == 404


JAVA = """\
public class Main {
    public static void main(String[] args) {
        System.out.println(new java.util.Scanner(System.in).nextInt() * 2);
    }
}
"""


async def test_what_is_not_tried(running: Application, client: httpx2.AsyncClient) -> None:
    path = await with_code(client, "import time; time.sleep(0.4)\n")
    running.services.settings.max_sample_runs_per_session = 1
    first = asyncio.ensure_future(client.post(f"{path}/samples?wait=true", timeout=60))
    while not running.services.samples._under_way:  # noqa: SLF001
        await asyncio.sleep(0.01)
    second = await client.post(f"{path}/samples?wait=true")
    assert (second.status_code, second.json()["code"]) == (429, "too_many_runs")
    assert (await first).status_code == 200
    later = await client.post(f"{path}/samples")
    assert (later.status_code, later.json()) == (202, [])
    await client.post(f"{path}/end")
    ended = await client.post(f"{path}/samples?wait=true")
    assert (ended.status_code, ended.json()["code"]) == (409, "session_ended")
    project: dict[str, Any] = {"kind": "project", "project": {"test_command": ["true"]}}
    project |= {"starters": {}, "references": {}, "wrong": []}
    path = await begin(client, await make(client, **project))
    refused = await client.post(f"{path}/samples?wait=true")
    assert (refused.status_code, refused.json()["code"]) == (409, "question_not_runnable")


async def test_everybody_in_the_session_is_told(shared_server: ServerProcess) -> None:
    url = shared_server.url
    question = httpx2.post(f"{url}/api/questions", json=QUESTION).json()
    body = {"question_id": question["question_id"], "initial_code": "print(6)\n"}
    session = httpx2.post(f"{url}/api/sessions", json=body).json()
    path = f"{url}/api/sessions/{session['session_id']}"
    token = join(shared_server, session)
    watcher = join(shared_server, session, "observer", "Olga")
    mine = {"authorization": f"Bearer {token}"}
    async with connect_peer(url_of(shared_server, session), control=True, token=watcher) as olga:
        answer = await asyncio.to_thread(
            httpx2.post, f"{path}/samples?wait=true", headers=mine, timeout=60
        )
        assert [each["passed"] for each in answer.json()] == [True]
        await olga.wait_for(lambda: bool(olga.controls_of("samples.ran")))
        told = olga.controls_of("samples.ran")[0]
        assert [each["got"] for each in told["results"]] == ["6\n"]
        refused = httpx2.post(
            f"{path}/samples?wait=true", headers={"authorization": f"Bearer {watcher}"}
        )
        assert refused.status_code == 403
        httpx2.patch(path, json={"running_locked": True})
        locked = httpx2.post(f"{path}/samples?wait=true", headers=mine)
        assert (locked.status_code, locked.json()["code"]) == (403, "running_locked")
    report = members(export(shared_server, session))["report.html"]
    assert "1 of 1 samples passed" in report


SUM_OF = """
def sum_of(a, b):
    print("debug")
    return sum(a) + b if len(a) != 1 else None
"""


async def test_a_function_is_called_and_hidden_cases_too(client: httpx2.AsyncClient) -> None:
    cases = [{"input": "[]\n7", "expected": "7"}, {"input": "[1]\n1", "expected": "2"}]
    question = await make(client, **(FUNCTION | {"secret": [{"name": "few", "cases": cases}]}))
    path = await begin(client, question, initial_code=SUM_OF)
    (result,) = await tried(client, path)
    assert (result["passed"], result["got"], result["stdout"]) == (True, "6", "debug\n")
    await client.post(f"{path}/runs?wait=true")
    for _ in range(300):
        read = (await client.get(f"{path}/tests")).json()
        if read["attempts"] and read["pending"] == 0:
            break
        await asyncio.sleep(0.1)
    results = read["attempts"][-1]["results"]
    assert [each["passed"] for each in results] == [True, False]
    assert results[1]["got"] == "None"


_BUSY = "import time\nn = int(input())\nwhile n == 3 and time.process_time() < 60:\n    pass\nprint(n * 2)\n"
_ASLEEP = (
    "import time\ndef sum_of(a, b):\n    time.sleep(0.4 if b == 3 else 0)\n    return sum(a) + b\n"
)


@pytest.mark.parametrize(
    ("about", "code", "slow", "quick"),
    [
        ({}, _BUSY, ("3\n", "6\n"), ("1\n", "2\n")),
        (FUNCTION, _ASLEEP, ("[1, 2]\n3", "6"), ("[]\n1", "1")),
    ],
)
async def test_the_time_limit_of_a_question_holds_in_its_sessions(
    client: httpx2.AsyncClient,
    about: dict[str, Any],
    code: str,
    slow: tuple[str, str],
    quick: tuple[str, str],
) -> None:
    cases = [dict(zip(("input", "expected"), each, strict=True)) for each in (slow, quick)]
    secret = [{"name": "same", "cases": cases}]
    more = {"samples": cases, "secret": secret, "limits": {"time_limit": 0.3}}
    path = await with_code(client, code, **(about | more))
    found = [(each["passed"], each["status"]) for each in await tried(client, path)]
    assert found == [(False, "timeout"), (True, "exited")]
    await client.post(f"{path}/runs?wait=true", json={"stdin": "1\n"})
    for _ in range(300):
        read = (await client.get(f"{path}/tests")).json()
        if read["attempts"] and read["pending"] == 0:
            break
        await asyncio.sleep(0.1)
    hidden = [(each["passed"], each["status"]) for each in read["attempts"][-1]["results"]]
    assert hidden == found


async def test_a_run_that_names_no_file_is_of_the_question(client: httpx2.AsyncClient) -> None:
    """As on the page, where the question's file is in front of whoever clicks."""
    session = (await client.post("/api/sessions", json={"initial_code": "print(1)\n"})).json()
    path = f"/api/sessions/{session['session_id']}"
    first = (await client.post(f"{path}/runs?wait=true", timeout=60)).json()
    question = await make(client, starters={"python": "print(2)\n"})
    folder = (
        await client.put(f"{path}/problem", json={"question_id": question["question_id"]})
    ).json()["folder"]
    second = (await client.post(f"{path}/runs?wait=true", timeout=60)).json()
    named = await client.post(f"{path}/runs?wait=true", json={"path": "main.py"}, timeout=60)
    assert [each["stdout"] for each in (first, second, named.json())] == ["1\n", "2\n", "1\n"]
    assert second["path"] == f"{folder}main.py"


async def test_samples_are_given_up_when_the_session_ends(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """Nobody could stop them: they went on computing for a session that was gone."""
    samples = [{"name": str(each), "input": "", "expected": "x"} for each in range(60)]
    path = await with_code(client, "import time\ntime.sleep(0.4)\n", samples=samples)
    assert (await client.post(f"{path}/samples")).status_code == 202
    await asyncio.sleep(1)
    await client.post(f"{path}/end")
    async with asyncio.timeout(12):
        while running.services.samples._tasks:  # noqa: SLF001 - nothing else shows it
            await asyncio.sleep(0.1)


async def test_who_ends_the_process_each_time_is_begun_anew_ten_times(
    client: httpx2.AsyncClient,
) -> None:
    """Every case that was left was written down anew for each: two hundred of them took half a minute."""
    signature = {**FUNCTION["signature"], "process": "per_call"}
    samples = FUNCTION["samples"] * 12
    question = await make(client, **(FUNCTION | {"signature": signature, "samples": samples}))
    path = await begin(client, question, initial_code="import os\ndef sum_of(a, b): os._exit(0)\n")
    found = await tried(client, path)
    assert [each["status"] for each in found] == ["exited"] * 10 + ["not_tried"] * 2
    assert found[0]["stderr"] == "The program ended before sumOf returned.\n"


@pytest.mark.parametrize("burst_bytes", [8 * 1024])
async def test_what_samples_print_counts_as_recorded(client: httpx2.AsyncClient) -> None:
    samples = [{"name": str(each), "input": "", "expected": "x"} for each in range(20)]
    path = await with_code(client, "print('x' * 3000)\n", samples=samples)
    assert len(await tried(client, path)) == 20
    again = await client.post(f"{path}/samples?wait=true", timeout=60)
    assert (again.status_code, again.json()["code"]) == (429, "recording_too_fast")


async def test_a_question_whose_code_does_not_fit_is_refused(client: httpx2.AsyncClient) -> None:
    """Its starter came past the limit of a session's text, again and again."""
    session = (await client.post("/api/sessions", json={"initial_code": "mine\n"})).json()
    path = f"/api/sessions/{session['session_id']}"
    question = await make(client, starters={"python": "#" * 9_999})
    refused = await client.put(f"{path}/problem", json={"question_id": question["question_id"]})
    assert (refused.status_code, refused.json().get("code")) == (422, "question_too_large"), (
        refused.text[:300]
    )
    assert (await client.get(f"{path}/problem")).status_code == 404
    assert [each["path"] for each in (await client.get(f"{path}/files")).json()] == ["main.py"]


async def test_samples_of_a_question_that_is_not_here_are_not_judged(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """As in a session that came in an archive: it was judged by its exact text, whatever the question said."""
    path = await with_code(client, "print(int(input()) * 2)\n")
    async with running.services.database.write() as db:
        await db.execute(update(SessionProblem).values(version_id=None))
    refused = await client.post(f"{path}/samples?wait=true", timeout=60)
    assert (refused.status_code, refused.json()["code"]) == (409, "question_not_runnable")


async def test_the_owner_has_a_name_in_what_was_tried(client: httpx2.AsyncClient) -> None:
    path = await with_code(client, "print(int(input()) * 2)\n")
    await tried(client, path)
    (entry,) = (await client.get(f"{path}/timeline?kinds=samples")).json()
    people = (await client.get(f"{path}/people")).json()
    named = {each["participant_id"]: each["name"] for each in people}
    assert named[entry["participant_id"]] == "Host"
