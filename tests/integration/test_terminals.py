"""Programs on a terminal that everybody in the session shares."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.peer import Peer, connect_peer
from tests.harness.rooms import create, join, url_of
from tests.harness.server import ServerProcess, server_process

SIZE = {"columns": 80, "rows": 24}


@pytest.fixture(scope="module")
def strict(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server whose limits are reached soon."""
    limits: dict[str, Any] = {
        "run_idle_seconds": 1.5,
        "run_terminal_seconds": 3,
        "run_cpu_seconds": 1,
        "run_input_bytes": 1024,
        "run_files": 100,
        "max_run_resizes": 2,
        "max_runs_per_address": 2,
    }
    with server_process(
        tmp_path_factory.mktemp("strict"), runner_socket=runner_socket, **limits
    ) as process:
        yield process


def printed(peer: Peer) -> str:
    return "".join(message["chunk"]["text"] for message in peer.controls_of("run.output"))


async def start(peer: Peer, **options: Any) -> str:
    before = len(peer.controls_of("run.started"))
    await peer.control(type="run.start", terminal=SIZE, **options)
    await peer.wait_for(lambda: len(peer.controls_of("run.started")) > before)
    return str(peer.controls_of("run.started")[-1]["run"]["run_id"])


async def see(peer: Peer, text: str) -> None:
    try:
        await peer.wait_for(lambda: text in printed(peer), seconds=10)
    except TimeoutError:
        pytest.fail(
            f"no {text!r} in {printed(peer)!r}; {peer.controls_of('refusal')}, {peer.controls_of('run.ended')}"
        )


async def end_of(peer: Peer, run_id: str, seconds: float = 30) -> dict[str, Any]:
    await peer.wait_for(
        lambda: any(each["run_id"] == run_id for each in peer.controls_of("run.ended")), seconds
    )
    return next(each for each in peer.controls_of("run.ended") if each["run_id"] == run_id)


async def wait_for_resizes(peer: Peer, count: int) -> None:
    await peer.wait_for(lambda: len(peer.controls_of("run.resized")) == count)


async def type_in(peer: Peer, run_id: str, text: str) -> None:
    await peer.control(type="run.input", run_id=run_id, text=text)


async def test_a_program_asks_and_anyone_answers(sqlite_server: ServerProcess) -> None:
    session = create(
        sqlite_server, "print('Hello', input('Name? '))\nprint('and', input('Again? '))\n"
    )
    url = url_of(sqlite_server, session)
    zoe_token, watcher_token = (
        join(sqlite_server, session),
        join(sqlite_server, session, "observer", "Watcher"),
    )
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=zoe_token) as zoe,
        connect_peer(url, control=True, token=watcher_token) as watcher,
    ):
        run_id = await start(zoe)
        await see(zoe, "Name? ")
        await type_in(watcher, run_id, "nobody\n")
        await watcher.wait_for(lambda: bool(watcher.controls_of("refusal")))
        for key in "Añna":
            await type_in(zoe, run_id, key)
        await type_in(zoe, run_id, "\x7f\x7fna\n")  # the erase key takes whole characters
        await see(host, "Again? ")
        await type_in(host, run_id, "Bob\n")
        ended = await end_of(host, run_id)
        assert (ended["status"], ended["exit_code"]) == ("exited", 0)
        assert "Hello Añna\r\n" in printed(host)
        assert "and Bob\r\n" in printed(host)
        await end_of(watcher, run_id)
        assert printed(watcher) == printed(zoe) == printed(host)
        async with connect_peer(url, control=True) as late:
            await late.wait_for(lambda: bool(late.controls_of("welcome")))
            run = late.controls_of("welcome")[0]["run"]
            assert "".join(chunk["text"] for chunk in run["output"]) == printed(host)
            assert run["terminal"] is True
    address = f"{sqlite_server.url}/api/sessions/{session['session_id']}/timeline"
    typed = httpx2.get(address, params={"kinds": "run.input"}).json()
    assert "".join(entry["data"]["text"] for entry in typed) == "Añna\x7f\x7fna\nBob\n"
    assert typed[0]["participant_id"] == zoe.controls_of("welcome")[0]["you"]["participant_id"]
    assert typed[-1]["participant_id"] == host.controls_of("welcome")[0]["you"]["participant_id"]
    started = httpx2.get(address, params={"kinds": "run.started"}).json()[0]["data"]
    assert started["terminal"] == SIZE
    assert started["limits"]["memory_bytes"] > 0


async def test_a_prompt_is_seen_however_slow_the_disk(sqlite_server: ServerProcess) -> None:
    """What a program prints while the piece before is being recorded does not wait for the program's next word."""
    code = "import time\ntime.sleep(1)\nprint('One', end=' ', flush=True)\ntime.sleep(0.3)\ninput('Two? ')\n"
    session = create(sqlite_server, code)
    async with connect_peer(url_of(sqlite_server, session), control=True) as host:
        run_id = await start(host)
        await host.wait_for(
            lambda: any(each["status"] == "running" for each in host.controls_of("run.progress"))
        )
        with contextlib.closing(
            sqlite3.connect(sqlite_server.data_dir / "pizarra.db", isolation_level=None)
        ) as locker:
            locker.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(1.8)
            assert "One" not in printed(host)  # what is not recorded is not shown
            locker.execute("ROLLBACK")
        await see(host, "One Two? ")
        await type_in(host, run_id, "\n")
        assert (await end_of(host, run_id))["status"] == "exited"


async def test_it_is_a_real_terminal(sqlite_server: ServerProcess) -> None:
    code = (
        "import os, signal, sys\n"
        "print(sys.stdin.isatty(), sys.stdout.isatty(), tuple(os.get_terminal_size()), os.environ['TERM'])\n"
        "signal.signal(signal.SIGWINCH, lambda *_: print('now', tuple(os.get_terminal_size())))\n"
        "print('\\x1b[32mgreen\\x1b[0m', input('?'))\n"
    )
    session = create(sqlite_server, code)
    async with connect_peer(url_of(sqlite_server, session), control=True) as host:
        run_id = await start(host)
        await see(host, "?")
        assert "True True (80, 24) xterm-256color" in printed(host)
        await host.control(type="run.resize", run_id=run_id, size={"columns": 132, "rows": 50})
        await see(host, "now (132, 50)")
        await type_in(host, run_id, "ok\n")
        await see(host, "\x1b[32mgreen\x1b[0m ok")


async def test_a_run_has_one_size_for_everybody_whenever_they_come(
    sqlite_server: ServerProcess,
) -> None:
    code = "import os\nwhile True:\n    input('?')\n    print('at', *os.get_terminal_size())\n"
    session = create(sqlite_server, code)
    url = url_of(sqlite_server, session)
    async with (
        connect_peer(url, control=True) as host,
        connect_peer(url, control=True, token=join(sqlite_server, session)) as zoe,
    ):
        run_id = await start(zoe)
        # A window that is dragged: what lies between is left out, the last is not.
        for columns in range(128, 133):
            await zoe.control(
                type="run.resize", run_id=run_id, size={"columns": columns, "rows": 50}
            )
        # not the host's to say
        await host.control(type="run.resize", run_id=run_id, size={"columns": 20, "rows": 5})
        await host.wait_for(
            lambda: (
                [each["size"]["columns"] for each in host.controls_of("run.resized")][-1:] == [132]
            )
        )
        await type_in(host, run_id, "\n")
        await see(host, "at 132 50")
        begun = host.controls_of("run.started")[0]["run"]["sizes"]
        sizes = [*begun, *(each["size"] for each in host.controls_of("run.resized"))]
        assert (begun[0]["columns"], begun[0]["rows"], len(begun)) == (80, 24, 1)
        assert len(sizes) <= 4
        assert all(each["rows"] == 50 for each in sizes[1:])
        async with connect_peer(url, control=True) as late:
            await late.wait_for(lambda: bool(late.controls_of("welcome")))
            assert late.controls_of("welcome")[0]["run"]["sizes"] == sizes
    log = httpx2.get(f"{sqlite_server.url}/api/sessions/{session['session_id']}/timeline").json()
    resized = [(entry["seq"], entry["data"]) for entry in log if entry["kind"] == "run.resized"]
    assert resized == [
        (each["seq"], {"run_id": run_id, "columns": each["columns"], "rows": each["rows"]})
        for each in sizes[1:]
    ]


async def test_a_terminal_changes_its_size_so_often_and_no_more(strict: ServerProcess) -> None:
    session = create(strict, "input('? ')\n")
    async with connect_peer(url_of(strict, session), control=True) as host:
        run_id = await start(host)
        for done, columns in enumerate((100, 110)):
            await host.control(
                type="run.resize", run_id=run_id, size={"columns": columns, "rows": 24}
            )
            await wait_for_resizes(host, done + 1)
        await host.control(type="run.resize", run_id=run_id, size={"columns": 120, "rows": 24})
        await host.wait_for(lambda: bool(host.controls_of("refusal")))
        assert "2 times" in host.controls_of("refusal")[0]["detail"]
        await host.control(type="run.stop", run_id=run_id)
        await end_of(host, run_id)
        assert len(host.controls_of("run.resized")) == 2


@pytest.mark.parametrize(
    ("key", "status", "signal", "says"),
    [
        ("\x03", "exited", "SIGINT", "KeyboardInterrupt"),
        ("\x04", "exited", None, "EOFError"),
        ("\x1c", "exited", "SIGQUIT", ""),
    ],
    ids=["^C", "^D", "^\\"],
)
async def test_control_keys(
    sqlite_server: ServerProcess, key: str, status: str, signal: str | None, says: str
) -> None:
    session = create(sqlite_server, "input('? ')\n")
    async with connect_peer(url_of(sqlite_server, session), control=True) as host:
        run_id = await start(host)
        await see(host, "? ")
        await type_in(host, run_id, key)
        ended = await end_of(host, run_id)
        assert (ended["status"], ended["signal"]) == (status, signal)
        assert says in printed(host)
        assert "sitecustomize" not in printed(host)


async def test_a_second_run_replaces_or_queues(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server, "input('? ')\n")
    async with connect_peer(url_of(sqlite_server, session), control=True) as host:
        first = await start(host)
        await see(host, "? ")
        second = await start(host, if_running="replace")
        assert (await end_of(host, first))["status"] == "stopped"
        await host.wait_for(lambda: printed(host).count("? ") == 2)
        third = await start(host, if_running="queue")
        fourth = await start(host, if_running="queue")
        await host.wait_for(
            lambda: any(
                (each["run_id"], each["status"], each["queue_position"]) == (fourth, "queued", 2)
                for each in host.controls_of("run.progress")
            )
        )
        await host.control(type="run.stop", run_id=third)
        assert (await end_of(host, third))["status"] == "stopped"
        await type_in(host, second, "\n")
        assert (await end_of(host, second))["status"] == "exited"
        await host.wait_for(lambda: printed(host).count("? ") == 3)
        await type_in(host, fourth, "\n")
        assert (await end_of(host, fourth))["status"] == "exited"


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("import time\ntime.sleep(60)", "timeout", "Nobody typed"),
        ("while True: pass", "timeout", "processor time"),
        (
            "import time\nwhile True:\n    print('.')\n    time.sleep(0.2)",
            "timeout",
            "the longest a program may",
        ),
        (
            "for i in range(500): open(f'/tmp/{i}', 'w')\nimport time; time.sleep(60)",
            "memory",
            "more than 100 files",
        ),
        ("while True: print('x' * 1000)", "output_limit", "printed more than"),
    ],
    ids=["idle", "cpu", "total", "files", "output"],
)
async def test_limits_of_a_terminal_run_say_which(
    strict: ServerProcess, code: str, status: str, says: str
) -> None:
    session = create(strict, code)
    async with connect_peer(url_of(strict, session), control=True) as host:
        ended = await end_of(host, await start(host))
        assert ended["status"] == status
        assert says in ended["detail"]


async def test_input_and_runs_have_their_limits(strict: ServerProcess) -> None:
    sessions = [create(strict, "input('? ')\n") for _ in range(3)]
    async with connect_peer(url_of(strict, sessions[0]), control=True) as host:
        run_id = await start(host)
        await see(host, "? ")
        path = f"{strict.url}/api/sessions/{sessions[0]['session_id']}/runs/{run_id}/stdin"
        assert httpx2.post(path, json={"text": "x" * 1000}).status_code == 204
        refused = httpx2.post(path, json={"text": "x" * 1000})
        assert refused.status_code == 409
        assert "1,024 bytes" in refused.json()["detail"]
        answers = [
            httpx2.post(
                f"{strict.url}/api/sessions/{session['session_id']}/runs", json={"terminal": SIZE}
            )
            for session in sessions[1:]
        ]
        assert [answer.status_code for answer in answers] == [202, 429]
        assert "from your address" in answers[1].json()["detail"]
        await host.control(type="run.stop", run_id=run_id)
        assert (await end_of(host, run_id))["status"] == "stopped"


async def test_nobody_waits_for_a_terminal(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    answer = httpx2.post(
        f"{sqlite_server.url}/api/sessions/{session['session_id']}/runs?wait=true",
        json={"terminal": SIZE},
    )
    assert answer.status_code == 409
    assert "terminal" in answer.json()["detail"]
