"""Running Python over the API: every ending, in a real sandbox."""

import asyncio
import re
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application

from pizarra.collab.state.document import Document
from pizarra.config import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Shorter limits, so that reaching them does not take long."""
    return settings.model_copy(
        update={"run_wall_seconds": 2.0, "run_output_bytes": 64 * 1024, "run_source_files": 200}
    )


async def run(client: httpx2.AsyncClient, code: str, **body: Any) -> dict[str, Any]:
    session = (await client.post("/api/sessions", json={"initial_code": code})).json()
    answer = await client.post(f"/api/sessions/{session['session_id']}/runs?wait=true", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_stdout_stderr_and_exit_code(client: httpx2.AsyncClient) -> None:
    code = "import sys\nprint('out', input())\nprint('err', file=sys.stderr)\nsys.exit(3)\n"
    result = await run(client, code, stdin="42\n")
    assert result["status"] == "exited"
    assert result["exit_code"] == 3
    assert result["signal"] is None
    assert result["stdout"] == "out 42\n"
    assert result["stderr"] == "err\n"
    assert result["duration_ms"] > 0
    assert result["memory_kb"] > 1000
    assert result["diagnostics"] == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("while True: pass", "timeout"),
        ("x = []\nwhile True: x.append(bytearray(10_000_000))", "memory"),
        ("while True: print('x' * 1000)", "output_limit"),
    ],
)
async def test_limits_end_a_run_with_their_name(
    client: httpx2.AsyncClient, code: str, status: str
) -> None:
    result = await run(client, code)
    assert result["status"] == status
    assert result["exit_code"] is None
    if status == "output_limit":
        assert len(result["stdout"]) == 64 * 1024


async def test_a_signal_is_named(client: httpx2.AsyncClient) -> None:
    result = await run(client, "import os\nos.kill(os.getpid(), 11)")
    assert (result["status"], result["exit_code"], result["signal"]) == ("exited", None, "SIGSEGV")


async def test_a_traceback_names_the_persons_own_file(client: httpx2.AsyncClient) -> None:
    result = await run(client, "def f():\n    return 1 / 0\nf()\n")
    assert result["exit_code"] == 1
    assert 'File "/work/main.py", line 2, in f' in result["stderr"]
    assert "shim" not in result["stderr"]


async def test_files_of_the_session_can_be_imported(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (
        await client.post(
            "/api/sessions", json={"initial_code": "import pkg.solver\nprint(pkg.solver.X)"}
        )
    ).json()
    await running.services.hub.change(
        session["room_id"],
        lambda document: document.put_file("pkg/solver.py", "python", "X = 42\n"),
    )
    path = f"/api/sessions/{session['session_id']}"
    result = (await client.post(f"{path}/runs?wait=true")).json()
    assert result["stdout"] == "42\n"


async def test_more_than_a_hundred_files_are_taken_and_too_many_refused(
    running: Application, client: httpx2.AsyncClient, settings: Settings
) -> None:
    code = "import importlib\nprint(sum(importlib.import_module(f'm{n}').X for n in range(150)))"
    session = (await client.post("/api/sessions", json={"initial_code": code})).json()

    def put(document: Document, numbers: range) -> None:
        for number in numbers:
            document.put_file(f"m{number}.py", "python", "X = 1")

    await running.services.hub.change(
        session["room_id"], lambda document: put(document, range(150))
    )
    path = f"/api/sessions/{session['session_id']}/runs?wait=true"
    assert (await client.post(path)).json()["stdout"] == "150\n"
    most = settings.run_source_files
    await running.services.hub.change(
        session["room_id"], lambda document: put(document, range(150, most))
    )
    refused = await client.post(path)
    assert refused.status_code == 409
    assert (
        refused.json()["detail"]
        == f"A program has at most {most:,} files. Delete some that it does not need."
    )


async def test_binary_and_broken_output_is_kept_as_text(client: httpx2.AsyncClient) -> None:
    code = "import sys\nsys.stdout.buffer.write(b'a\\x00b\\xff\\xc3\\xa9' + 'é€😀'.encode())"
    result = await run(client, code)
    assert result["stdout"] == "a␀b�éé€😀"


async def test_a_run_is_on_the_timeline(client: httpx2.AsyncClient) -> None:
    # each line in one write, or it may be told in two pieces
    code = "print('1\\n', end='')\nimport time\ntime.sleep(0.1)\nprint('2\\n', end='')"
    result = await run(client, code, stdin="x")
    path = f"/api/sessions/{result['session_id']}"
    entries = (
        await client.get(f"{path}/timeline", params={"kinds": "run.started,run.output,run.ended"})
    ).json()
    assert [entry["kind"] for entry in entries] == [
        "run.started",
        "run.output",
        "run.output",
        "run.ended",
    ]
    assert all(entry["data"]["run_id"] == result["run_id"] for entry in entries)
    assert entries[0]["data"]["stdin"] == "x"
    assert entries[1]["data"] == {"run_id": result["run_id"], "stream": "stdout", "text": "1\n"}
    assert entries[-1]["data"]["status"] == "exited"
    assert (await client.get(f"{path}/runs/{result['run_id']}")).json() == result


async def test_stop_and_stdin_of_a_running_program(client: httpx2.AsyncClient) -> None:
    code = "while True:\n    print('got', input())\n"
    session = (await client.post("/api/sessions", json={"initial_code": code})).json()
    path = f"/api/sessions/{session['session_id']}"
    started = await client.post(f"{path}/runs")
    assert started.status_code == 202
    run_path = f"{path}/runs/{started.json()['run_id']}"

    async def status_and_output() -> tuple[str, str]:
        body = (await client.get(run_path)).json()
        return body["status"], body["stdout"]

    async with asyncio.timeout(10):
        while (await status_and_output())[0] != "running":
            await asyncio.sleep(0.01)
        await client.post(f"{run_path}/stdin", json={"text": "Zoë\n"})
        while (await status_and_output())[1] != "got Zoë\n":
            await asyncio.sleep(0.01)
    stopped = await client.post(f"{run_path}/stop")
    assert stopped.status_code == 202
    assert stopped.json()["status"] == "stopped"
    assert (await client.post(f"{run_path}/stdin", json={"text": "more"})).status_code == 409
    assert (await client.post(f"{run_path}/stop")).json()["status"] == "stopped"


async def test_end_of_input_ends_a_reader(client: httpx2.AsyncClient) -> None:
    session = (
        await client.post(
            "/api/sessions", json={"initial_code": "import sys\nprint(len(sys.stdin.read()))"}
        )
    ).json()
    path = f"/api/sessions/{session['session_id']}"
    run_id = (await client.post(f"{path}/runs")).json()["run_id"]
    async with asyncio.timeout(10):
        while (await client.get(f"{path}/runs/{run_id}")).json()["status"] != "running":
            await asyncio.sleep(0.01)
        while (
            await client.post(f"{path}/runs/{run_id}/stdin", json={"text": "", "eof": True})
        ).status_code == 204:
            await asyncio.sleep(0.02)
    assert (await client.get(f"{path}/runs/{run_id}")).json()["stdout"] == "0\n"


async def test_the_code_of_an_instant_can_be_run(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (await client.post("/api/sessions", json={"initial_code": "print('then')\n"})).json()
    await running.services.hub.change(
        session["room_id"],
        lambda document: document.put_file("main.py", "python", "print('now')\n"),
    )
    path = f"/api/sessions/{session['session_id']}/runs?wait=true"
    assert (await client.post(path, json={"at": 1})).json()["stdout"] == "then\n"
    assert (await client.post(path)).json()["stdout"] == "then\nnow\n"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"terminal": {"columns": 1, "rows": 24}}, 422, "columns"),
        ({"language": "java"}, 404, "Main.java"),
        ({"path": "missing.py"}, 404, "missing.py"),
        ({"path": "../../etc/passwd"}, 404, "passwd"),
        ({"language": "cobol"}, 422, "python"),
        ({"stdin": 5}, 422, "stdin"),
        ({"stdin": "x" * 262_145}, 422, "262,144"),
        ({"at": 99}, 404, "the timeline ends at 1"),
        ({"shell": "rm"}, 422, "shell"),
    ],
)
async def test_bad_requests_are_refused(
    client: httpx2.AsyncClient, body: Any, status: int, says: str
) -> None:
    session = (await client.post("/api/sessions")).json()
    answer = await client.post(f"/api/sessions/{session['session_id']}/runs", json=body)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


async def test_unknown_runs_are_404(client: httpx2.AsyncClient) -> None:
    mine = await run(client, "print(1)")
    other = (await client.post("/api/sessions")).json()
    for session_id, run_id in (
        (mine["session_id"], "0" * 32),
        (other["session_id"], mine["run_id"]),
        (other["session_id"], "x"),
    ):
        path = f"/api/sessions/{session_id}/runs/{run_id}"
        assert (await client.get(path)).status_code == 404
        assert (await client.post(f"{path}/stop")).status_code == 404
    for odd in ("%F3%A7", "%E2%82%AC", "%F0%9F%98%80"):  # which no header can hold as they are
        answer = await client.post(f"/api/sessions/{mine['session_id']}/runs/{odd}/stop")
        assert answer.status_code == 404


async def test_runs_in_parallel_do_not_meet(client: httpx2.AsyncClient) -> None:
    results = await asyncio.gather(*(run(client, f"print({index} * 2)") for index in range(8)))
    assert [result["stdout"] for result in results] == [f"{index * 2}\n" for index in range(8)]


async def test_languages_say_what_runs_here(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(20):
        while not (languages := (await client.get("/api/languages")).json())[0]["runnable"]:
            await asyncio.sleep(0.05)
    assert [language["id"] for language in languages] == [
        "python",
        "javascript",
        "typescript",
        "java",
        "cpp",
    ]
    assert re.fullmatch(r"Python 3\.\d+\.\d+", languages[0]["version"])
    assert all(language["reason"] for language in languages if not language["runnable"])


async def test_other_processes_are_told_to_look_when_a_run_begins_and_ends(
    running: Application, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, told = running.services.hub, []
    tell = hub.recorded_and_shown

    def note(key: int) -> None:
        told.append(key)
        tell(key)

    monkeypatch.setattr(hub, "recorded_and_shown", note)
    session = (await client.post("/api/sessions", json={"initial_code": "pass\n"})).json()
    run = await client.post(f"/api/sessions/{session['session_id']}/runs?wait=true", json={})
    assert run.json()["status"] == "exited"
    assert len(told) == 2, "by the rows: nothing else of a silent run is told"
