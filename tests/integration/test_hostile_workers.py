"""A worker that lies harms its own runs, and nobody else: it is cut off, or read slowly, and the server goes on."""

import asyncio
import base64
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from tests.harness.ports import wait_until
from tests.harness.program import pizarra
from tests.harness.rooms import create
from tests.harness.server import ServerProcess, server_process
from tests.harness.workers import (
    FakeWorker,
    environment_of,
    fake_worker,
    make_token,
    metric,
    wait_for_workers,
)

from pizarra.collab.wire.close_codes import CloseCode
from pizarra.sandbox.runner.protocol import ProgramEnded

END = {
    "exit_code": 0,
    "signal": None,
    "duration_ms": 1,
    "memory_kb": 1,
    "detail": None,
    "compile_ms": None,
}


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that runs nothing itself."""
    folder = tmp_path_factory.mktemp("waiting")
    limits: dict[str, Any] = {"max_remote_workers": 3, "remote_worker_bytes_per_second": 2**20}
    with server_process(folder, runner="workers", admission_seconds=4, **limits) as process:
        yield process


@pytest.fixture
def token(waiting: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> str:
    # one of its own: what a test does with it is held against it for a while
    return make_token(waiting, tmp_path_factory.mktemp("tokens"), "fake").read_text().strip()


def outcome(run_id: str, **changed: Any) -> dict[str, Any]:
    return {
        "type": "ended",
        "run_id": run_id,
        "status": "exited",
        "diagnostics": [],
        **END,
        **changed,
    }


def output(run_id: str, data: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode()
    return {"type": "output", "run_id": run_id, "stream": "stdout", "data": encoded}


def state(run_id: str, status: str = "running") -> dict[str, Any]:
    return {"type": "state", "run_id": run_id, "status": status, "position": None}


class Asking:
    """Somebody who runs a session's program, and waits for its end."""

    def __init__(self, server: ServerProcess) -> None:
        self._session = create(server, "print(1)\n")["session_id"]
        self._client = httpx2.AsyncClient(base_url=server.url, timeout=60)
        path = f"/api/sessions/{self._session}/runs?wait=true"
        self._answer = asyncio.create_task(self._client.post(path, json={}))

    async def result(self) -> dict[str, Any]:
        answer = await self._answer
        await self._client.aclose()
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def test_a_run_goes_there_and_comes_back(waiting: ServerProcess, token: str) -> None:
    async with fake_worker(waiting, token) as worker:
        await (await worker.greet()).offer("python")
        asking = Asking(waiting)
        start = await worker.hear("start")
        assert start["files"] == {"main.py": "print(1)\n"}
        # Nothing else of the session: a worker learns programs and their input.
        assert set(start) == {
            *("type", "run_id", "language", "main", "files", "stdin", "keep_stdin_open"),
            *("terminal", "limits", "share", "team", "behind", "window"),
        }
        await worker.say({**state(start["run_id"]), "a_newer_field": True})
        await worker.say(output(start["run_id"], b"1\n"))
        await worker.say(outcome(start["run_id"]))
        found = await asking.result()
        assert (found["status"], found["stdout"]) == ("exited", "1\n")


LIES: dict[str, list[Any]] = {
    "no json": [b"\x00\x01\x02"],
    "no message": [{"type": "unheard of"}],
    "a message of the other side": [{"type": "stop", "run_id": "RUN"}],
    "twice begun": [state("RUN"), state("RUN")],
    "handed back though begun": [state("RUN"), {"type": "busy", "run_id": "RUN"}],
    "more output than any may print": [output("RUN", b"x" * 60_000)] * 40,
    "empty output": [output("RUN", b"")],
    "deep": [b"[" * 100_000],
    "intricate": [b'{"type":"load","computing":[' + b"{}," * 100_000 + b"{}]}"],
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_ends_its_own_run_and_its_connection(
    waiting: ServerProcess, token: str, lie: str
) -> None:
    async with fake_worker(waiting, token) as worker:
        await (await worker.greet()).offer("python")
        asking = Asking(waiting)
        run_id = (await worker.hear("start"))["run_id"]
        with contextlib.suppress(websockets.ConnectionClosed):  # it is cut off meanwhile
            for message in LIES[lie]:
                names_it = isinstance(message, dict) and "run_id" in message
                await worker.say({**message, "run_id": run_id} if names_it else message)
        code, reason = await worker.goodbye()
        assert code == CloseCode.TRY_AGAIN, reason
        found = await asking.result()
        assert found["status"] == "sandbox_error"
        assert found["detail"].startswith("The runner stopped while this ran.")
        assert len(found["stdout"]) <= 2 * 2**20


async def test_a_frame_beyond_any_is_not_read(waiting: ServerProcess, token: str) -> None:
    async with fake_worker(waiting, token) as worker:
        await (await worker.greet()).offer("python")
        with contextlib.suppress(websockets.ConnectionClosed):
            await worker.say(b"x" * (7 * 2**20))
        code, _ = await worker.goodbye()
        assert code in (CloseCode.TOO_LARGE, 1006)


async def test_others_runs_are_none_of_its_business(waiting: ServerProcess, token: str) -> None:
    async with fake_worker(waiting, token) as honest, fake_worker(waiting, token) as liar:
        await (await honest.greet()).offer("python")
        asking = Asking(waiting)
        run_id = (await honest.hear("start"))["run_id"]
        await (await liar.greet()).offer("javascript")
        for message in (
            state(run_id),
            output(run_id, b"forged\n"),
            outcome(run_id),
            {"type": "busy", "run_id": run_id},
        ):
            await liar.say(message)
        async with httpx2.AsyncClient(base_url=waiting.url) as client:  # the liar was heard
            await liar.say({"type": "load", "computing": 0, "waiting": 0, "draining": True})
            await until(client, "pizarra_workers", 1, state="draining")
        await honest.say(state(run_id))
        await honest.say(output(run_id, b"true\n"))
        await honest.say(outcome(run_id))
        await honest.say(output(run_id, b"late\n"))
        found = await asking.result()
        assert (found["status"], found["stdout"]) == ("exited", "true\n")


async def until(client: httpx2.AsyncClient, name: str, value: float, **labels: str) -> None:
    async with asyncio.timeout(20):
        while metric((await client.get("/metrics")).text, name, **labels) != value:
            await asyncio.sleep(0.02)


async def test_a_million_frames_are_read_slowly_and_hold_nobody_up(
    waiting: ServerProcess, token: str
) -> None:
    """They are not read at all, for the most part: what a worker may say in a second is bounded."""
    async with fake_worker(waiting, token) as honest, fake_worker(waiting, token) as flood:
        await (await flood.greet()).offer("javascript")
        await (await honest.greet()).offer("python")
        sent = 0

        async def pour() -> None:
            nonlocal sent
            for _ in range(1_000_000):
                await flood.say(b'{"type":"load","computing":0,"waiting":0}')
                sent += 1
                if sent % 50 == 0:
                    await asyncio.sleep(0)  # the others' pings are answered by this loop too

        pouring = asyncio.create_task(pour())
        for _ in range(3):
            asking = Asking(waiting)
            run_id = (await honest.hear("start"))["run_id"]
            await honest.say(outcome(run_id))
            assert (await asking.result())["status"] == "exited"
        assert not pouring.done(), sent
        pouring.cancel()
        # What waits of it is in sockets, and the test's own watchdog looks at the server's event loop.
        flood.socket.transport.abort()


async def test_a_token_that_is_shown_again_and_again_is_noted_once(
    waiting: ServerProcess, token: str
) -> None:
    """Everybody on SQLite waits for whoever writes."""

    async def come_and_go() -> None:
        async with fake_worker(waiting, token) as worker:
            await worker.hear("hello")

    def noted() -> str | None:
        with contextlib.closing(sqlite3.connect(waiting.data_dir / "pizarra.db")) as database:
            (found,) = database.execute("SELECT max(used_at) FROM worker_tokens").fetchone()
            return found  # type: ignore[no-any-return]

    await come_and_go()
    await asyncio.to_thread(wait_until, lambda: noted() is not None, "the note")
    first = noted()
    for _ in range(3):
        await come_and_go()
    assert noted() == first


async def test_who_says_nothing_is_not_waited_for(waiting: ServerProcess, token: str) -> None:
    async with fake_worker(waiting, token) as worker:
        code, reason = await worker.goodbye()
        assert (code, reason) == (CloseCode.TRY_AGAIN, "it does not say what it can do")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"oldest": 900, "newest": 901}, "version 1 of the worker does not fit"),
        ({"oldest": 1, "newest": 2}, "version 1 of the worker does not fit"),
        ({"worker": "../../etc"}, "a greeting that is none"),
        ({"version": "x" * 5000}, "a greeting longer than any"),
    ],
)
async def test_a_greeting_that_does_not_fit(
    waiting: ServerProcess, token: str, changed: dict[str, Any], reason: str
) -> None:
    async with fake_worker(waiting, token) as worker:
        await worker.greet(**changed)
        code, told = await worker.goodbye()
        assert code == CloseCode.MALFORMED
        assert str(told).startswith(reason)


async def test_a_token_opens_or_does_not(
    waiting: ServerProcess, token: str, tmp_path: Path
) -> None:
    for wrong in ("", "pzw_", "pzt_abc", f"{token}x", token.upper()):
        async with fake_worker(waiting, wrong) as stranger:
            code, reason = await stranger.goodbye()
            assert (code, reason) == (
                CloseCode.NOT_ALLOWED,
                "the worker's token opens nothing here",
            )
    mine = make_token(waiting, tmp_path, "revoked").read_text().strip()
    environment = environment_of(waiting)
    async with fake_worker(waiting, mine) as worker:
        await (await worker.greet()).offer("python")
        asking = Asking(waiting)
        await worker.hear("start")
        assert "revoked" in pizarra("worker-token", "list", environment=environment).stdout
        done = pizarra("worker-token", "revoke", "revoked", environment=environment)
        assert done.returncode == 0, done.stderr
        assert await worker.goodbye(3) == (CloseCode.NOT_ALLOWED, "the worker's token was revoked")
        assert (await asking.result())["status"] == "sandbox_error"
    async with fake_worker(waiting, mine) as worker:
        assert (await worker.goodbye())[0] == CloseCode.NOT_ALLOWED
    again = pizarra("worker-token", "revoke", "revoked", environment=environment)
    assert "There is no worker token revoked" in again.stderr


async def test_enough_workers_are_enough(waiting: ServerProcess, token: str) -> None:
    wait_for_workers(waiting, 0)  # those of earlier tests have no place any more
    async with contextlib.AsyncExitStack() as connected:
        for _ in range(3):
            worker = await connected.enter_async_context(fake_worker(waiting, token))
            await (await worker.greet()).offer("python")
        async with fake_worker(waiting, token) as fourth:
            assert await fourth.goodbye() == (CloseCode.TRY_AGAIN, "enough workers are connected")


async def test_one_that_is_silent_is_dead(waiting: ServerProcess, token: str) -> None:
    """It answers no ping: nobody reads its socket."""
    async with fake_worker(waiting, token) as worker:
        await (await worker.greet()).offer("python")
        asking = Asking(waiting)
        await worker.hear("start")
        loop = asyncio.get_running_loop()
        worker.socket.transport.pause_reading()
        silent = loop.time()
        found = await asking.result()
        assert found["status"] == "sandbox_error"
        assert 4 < loop.time() - silent < 8
        worker.socket.transport.abort()


async def test_busy_everywhere_and_without_anybody(waiting: ServerProcess, token: str) -> None:
    wait_for_workers(waiting, 0)  # those of earlier tests have no place any more
    async with contextlib.AsyncExitStack() as connected:
        one, two, besides = [  # each greets at once: there is little time for it
            await (await connected.enter_async_context(fake_worker(waiting, token))).greet()
            for _ in range(3)
        ]
        for worker in (one, two):
            await worker.offer("python")
        await besides.offer("javascript")  # which is no help
        asking = Asking(waiting)
        sent = [asyncio.create_task(worker.hear("start")) for worker in (one, two)]
        begun, _ = await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
        (first,) = begun
        run_id = first.result()["run_id"]
        by: dict[bool, FakeWorker] = {sent[0] is first: one, sent[1] is first: two}
        await by[True].say({"type": "busy", "run_id": run_id})
        other = next(task for task in sent if task is not first)
        assert (await other)["run_id"] == run_id
        await by[False].say({"type": "busy", "run_id": run_id})
        found = await asking.result()
        assert (found["status"], found["detail"]) == (
            "sandbox_error",
            "The queue is full: try again.",
        )
        for worker in (one, two):
            await worker.say({"type": "load", "computing": 4, "waiting": 4})
        async with httpx2.AsyncClient(base_url=waiting.url, timeout=30) as client:
            session = create(waiting, "print(1)\n")["session_id"]
            async with asyncio.timeout(20):  # until both were heard
                while True:
                    refused = await client.post(f"/api/sessions/{session}/runs", json={})
                    if refused.status_code == 503:
                        break
            assert refused.headers["Retry-After"]
            assert refused.json()["detail"].startswith("All 8 sandboxes are busy and 8 runs wait.")
        assert not [each for each in besides.told if each["type"] == "start"]


def test_an_ending_is_made_here_as_there() -> None:
    """What the tests say is what a runner says."""
    assert ProgramEnded.model_validate(outcome("r")).status == "exited"
