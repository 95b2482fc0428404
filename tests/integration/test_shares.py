"""One session's programs and sources take nothing from the others: slots, the queue, and the compilers all share."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.harness.ports import wait_until
from tests.harness.rooms import join
from tests.harness.server import ServerProcess, server_process

LIMITS: dict[str, Any] = {
    "runner_slots": 1,
    "runner_queue": 16,
    "runner_resting": 6,
    "runner_warm": 2,
    "max_runs_per_invitation": 2,
}
WAITS = "import time\nprint('here', flush=True)\nwhile True: time.sleep(60)\n"


def nested(depth: int) -> str:
    """Return one in so many brackets, deeper than a compiler can go."""
    return "(" * depth + "1" + ")" * depth


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with a runner of its own that computes one program at a time."""
    with server_process(tmp_path_factory.mktemp("shares"), **LIMITS) as process:
        wait_until(
            lambda: all(
                found(process, each)["runnable"] for each in ("python", "java", "typescript")
            ),
            "all",
            60,
        )
        yield process


def found(server: ServerProcess, language: str) -> dict[str, Any]:
    return next(
        each for each in httpx2.get(f"{server.url}/api/languages").json() if each["id"] == language
    )


def made(server: ServerProcess, code: str, language: str = "python") -> dict[str, Any]:
    body = {"language": language, "initial_code": code}
    return dict(httpx2.post(f"{server.url}/api/sessions", json=body).json())


def run(server: ServerProcess, session: dict[str, Any], **body: Any) -> httpx2.Response:
    path = f"{server.url}/api/sessions/{session['session_id']}/runs"
    return httpx2.post(
        path, params={} if "terminal" in body else {"wait": "true"}, json=body, timeout=60
    )


def test_a_program_that_waits_gives_its_slot_to_one_that_computes(machine: ServerProcess) -> None:
    window = {"columns": 80, "rows": 24}
    waiting = [made(machine, WAITS) for _ in range(3)]
    runs = [run(machine, session, terminal=window).json()["run_id"] for session in waiting]
    started = time.monotonic()
    result = run(machine, made(machine, "print(2)")).json()
    assert (result["status"], result["stdout"]) == ("exited", "2\n")
    assert time.monotonic() - started < 15
    for session, run_id in zip(waiting, runs, strict=True):  # they are alive, and go on
        path = f"{machine.url}/api/sessions/{session['session_id']}/runs/{run_id}"
        wait_until(lambda path=path: httpx2.get(path).json()["status"] == "running", "it", 10)  # type: ignore[misc]
        httpx2.post(f"{path}/stop")


def test_an_interview_and_its_rehearsals_have_one_share(machine: ServerProcess) -> None:
    session = made(machine, WAITS)
    rooms = [(session["session_id"], join(machine, session))]
    token = session["share_url"].rpartition("/")[2]
    room = httpx2.post(f"{machine.url}/api/rehearsals", json={"token": token}).json()
    rooms += [rooms[0], (room["session_id"], room["access_token"])]
    answers = []
    for session_id, credential in rooms:
        path = f"{machine.url}/api/sessions/{session_id}/runs"
        answers.append(
            httpx2.post(path, json={}, headers={"Authorization": f"Bearer {credential}"})
        )
    assert [each.status_code for each in answers] == [202, 202, 429]
    assert (
        answers[-1].json()["detail"]
        == "2 programs of this interview and its rehearsals run. Wait for one to end."
    )
    httpx2.delete(f"{machine.url}/api/sessions/{session['session_id']}")


def test_reruns_of_a_session_have_a_share(machine: ServerProcess) -> None:
    session = made(machine, "import time; time.sleep(2)")
    path = f"{machine.url}/api/sessions/{session['session_id']}/runs"
    answers = [httpx2.post(path, json={"at": 1, "stdin": str(number)}) for number in range(6)]
    assert [each.status_code for each in answers] == [202] * 4 + [429] * 2
    assert (
        answers[-1].json()["detail"]
        == "4 reruns of this session are under way. Wait for one to end."
    )


@pytest.mark.parametrize(
    ("language", "broken", "good"),
    [
        ("typescript", f"const x: number = {nested(300_000)};", "console.log({n} as number);"),
        (
            "java",
            f"public class Main {{ public static void main(String[] a) {{ int x = {nested(100_000)}; }} }}",
            "public class Main {{ public static void main(String[] a) {{ System.out.println({n}); }} }}",
        ),
    ],
)
def test_who_breaks_a_compiler_breaks_it_for_nobody_else(
    machine: ServerProcess, language: str, broken: str, good: str
) -> None:
    guilty = made(machine, broken, language)
    for _ in range(2):  # the second time it is not remembered from the first
        result = run(machine, guilty).json()
        assert result["status"] == "compile_error"
        assert "ompiler" in result["stderr"]
        assert result["diagnostics"] == []
    for number in range(3):
        other = run(machine, made(machine, good.format(n=number), language)).json()
        assert (other["status"], other["stdout"]) == ("exited", f"{number}\n")


async def test_who_formats_what_takes_long_waits_for_nobody_but_themselves(
    machine: ServerProcess,
) -> None:
    heavy = "".join(
        f"const a{number}={{b:{number},c:[{number},{number}]}};\n" for number in range(8_000)
    )
    async with httpx2.AsyncClient(base_url=machine.url, timeout=60) as client:

        async def formatted(session: dict[str, Any], text: str) -> httpx2.Response:
            body = {"path": "main.ts", "text": text}
            return await client.post(f"/api/sessions/{session['session_id']}/format", json=body)

        guilty, other = made(machine, "", "typescript"), made(machine, "", "typescript")
        under_way = [asyncio.create_task(formatted(guilty, heavy)) for _ in range(4)]
        # two are too many at once
        await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        for _ in range(3):
            answer = await formatted(other, "let a=1")
            assert (answer.status_code, answer.json()["text"]) == (200, "let a = 1;\n")
        assert sum(not each.done() for each in under_way) > 0
        busy = [each.result().json()["detail"] for each in under_way if each.done()]
        assert busy.count("The formatters are busy. Try again in a moment.") == 2
        for each in under_way:
            each.cancel()
