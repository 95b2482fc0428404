"""Web processes that are killed, stand still, or are told to stop while people type: nothing acknowledged is lost."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from tests.harness.peer import connect_peer
from tests.harness.ports import wait_until
from tests.harness.prefork import counted, processes, processes_state, several, wait_until_all_serve
from tests.harness.rooms import create, text_of, url_of
from tests.harness.server import ServerProcess, server_process
from tests.harness.typist import Trace, Typist, load_trace

from pizarra.cluster.places import nearest
from pizarra.collab.wire.codec import SyncStep, sync_frame

KILLS = 3
TYPISTS = 3


@pytest.fixture
def two(tmp_path: Path, runner_socket: Path, postgres_url: str) -> Iterator[ServerProcess]:
    """Two web processes; one that stands still is noticed soon."""
    patience = {"process_silent_seconds": 1.5, "process_hung_seconds": 4}
    with several(tmp_path, postgres_url, runner_socket, **patience) as running:
        yield running


def of(server: ServerProcess, session: dict[str, Any]) -> int:
    """Return the process that has a session."""
    return processes(server)[nearest(session["session_id"][:16].encode(), (1, 2))]


def is_there(pid: int) -> bool:
    """Tell whether a process runs."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def have_one_each(server: ServerProcess) -> list[dict[str, Any]]:
    """Return a session of each of two processes."""
    found: dict[int, dict[str, Any]] = {}
    while len(found) < 2:
        session = create(server, "")
        found[of(server, session)] = session
    return list(found.values())


async def type_all(typist: Typist, url: str, closes: list[int]) -> None:
    """Type to the end, over as many connections as it takes; note how each was closed."""
    while typist.acknowledged < len(typist.trace.transactions):
        try:
            await typist.type_until(url, len(typist.trace.transactions))
        except (OSError, websockets.WebSocketException) as error:
            if isinstance(error, websockets.ConnectionClosed) and error.rcvd is not None:
                closes.append(error.rcvd.code)
            await asyncio.sleep(0)  # as soon as it can, unlike a browser


def assert_whole(server: ServerProcess, session: dict[str, Any], trace: Trace) -> None:
    """What was typed is there, once, in a log without holes."""
    assert text_of(server, session) == trace.end
    address = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    entries: list[dict[str, Any]] = []
    while more := httpx2.get(address, params={"after": len(entries), "limit": 1000}).json():
        entries += more
    assert [each["seq"] for each in entries] == list(range(1, len(entries) + 1))


async def test_a_process_that_is_killed_loses_nothing(two: ServerProcess) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    trace = load_trace(600)
    sessions = [create(two, trace.start) for _ in range(TYPISTS)]
    typists = [Typist(trace) for _ in sessions]
    typing = asyncio.gather(
        *(
            type_all(typist, url_of(two, session), [])
            for typist, session in zip(typists, sessions, strict=True)
        )
    )
    for stop in sorted(moments.sample(range(50, 500), KILLS)):
        while typists[0].typed < stop and not typing.done():
            await asyncio.sleep(0)
        with contextlib.suppress(
            ProcessLookupError
        ):  # killed a moment ago, and not started anew yet
            os.kill(of(two, sessions[0]), signal.SIGKILL)
    await typing
    for session in sessions:
        assert_whole(two, session, trace)
    assert two.log().count("ended with signal 9; another one is started") >= 1
    wait_until_all_serve(two)


async def test_a_process_that_stands_still_holds_up_its_own_people_alone(
    two: ServerProcess,
) -> None:
    """Others go on at once; who asks for one of its sessions anew is served soon; its own are let go of in the end."""
    mine, others = have_one_each(two)
    stopped = of(two, mine)
    async with (
        connect_peer(url_of(two, mine)) as ann,
        connect_peer(url_of(two, others)) as bob,
        httpx2.AsyncClient(timeout=30) as client,
    ):
        await ann.wait_acknowledged(await ann.insert(0, "kept"))
        os.kill(stopped, signal.SIGSTOP)
        asked = [
            asyncio.create_task(
                client.get(f"{two.url}/api/sessions/{mine['session_id']}/files/main.py")
            )
            for _ in range(5)
        ]
        unsaved = await ann.insert(4, " in mind")
        await bob.wait_acknowledged(await bob.insert(0, "on"))
        for answer in await asyncio.gather(*asked):
            assert answer.text == "kept"
        assert is_there(stopped)
        assert processes_state(two)["detail"].startswith("1 of 2 serve: ")
        assert len(counted(two, "pizarra_rooms")) == 1
        assert ann.acknowledged < unsaved
        assert await ann.wait_closed(30) == 1006
        async with connect_peer(url_of(two, mine)) as again:
            update = ann.doc.get_update(again.doc.get_state())
            await again.socket.send(sync_frame(SyncStep.UPDATE, update))
            await again.wait_acknowledged(await again.edit(lambda _: None))
        assert text_of(two, mine) == "kept in mind"
        assert text_of(two, others) == "on"
        await bob.wait_acknowledged(await bob.insert(0, "g"))
    assert not is_there(stopped)
    wait_until_all_serve(two)


async def test_a_process_that_goes_on_gets_its_rooms_back(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    patience = {"process_silent_seconds": 1.5, "process_hung_seconds": 600}
    with several(tmp_path, postgres_url, runner_socket, **patience) as two:
        session, _ = have_one_each(two)
        stopped = of(two, session)
        async with connect_peer(url_of(two, session)) as ann:
            os.kill(stopped, signal.SIGSTOP)
            sent = await ann.insert(0, "typed meanwhile")
            wait_until(lambda: "is silent" in processes_state(two)["detail"], "silence")
            os.kill(stopped, signal.SIGCONT)
            await ann.wait_acknowledged(sent, 30)
        wait_until_all_serve(two)
        assert text_of(two, session) == "typed meanwhile"
        assert processes(two)[nearest(session["session_id"][:16].encode(), (1, 2))] == stopped


async def test_who_comes_back_meets_the_others_in_one_process(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    """The first are back before the process is that was killed: the next do not go to it at once."""
    settling = {"process_settling_seconds": 3}
    with several(tmp_path, postgres_url, runner_socket, **settling) as server:
        session = create(server, "")
        killed, url = of(server, session), url_of(server, session)
        number = {pid: number for number, pid in processes(server).items()}[killed]
        other = 3 - number

        def sockets() -> dict[int, float]:
            return counted(server, "pizarra_websocket_connections")

        async with connect_peer(url):
            assert sockets()[number] == 1
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: not is_there(killed), "its end")
        async with connect_peer(url):
            wait_until_all_serve(server)
            async with connect_peer(url):
                assert (sockets()[other], sockets()[number]) == (2, 0)
            async with asyncio.timeout(30):
                is_home = False
                while not is_home:  # in time it has its sessions again
                    async with connect_peer(url):
                        is_home = sockets()[number] == 1


async def test_told_to_stop_while_people_type(two: ServerProcess) -> None:
    trace = load_trace(1500)
    sessions = [create(two, trace.start) for _ in range(TYPISTS)]
    typists = [Typist(trace) for _ in sessions]
    closes: list[int] = []
    typing = [
        asyncio.create_task(type_all(typist, url_of(two, session), closes))
        for typist, session in zip(typists, sessions, strict=True)
    ]
    while min(typist.acknowledged for typist in typists) < 50:
        await asyncio.sleep(0)
    children = processes(two).values()
    begun = time.monotonic()
    assert await asyncio.to_thread(two.terminate) == 0
    assert time.monotonic() - begun < 5
    assert not any(is_there(child) for child in children)
    for task in typing:
        task.cancel()
    await asyncio.gather(*typing, return_exceptions=True)
    assert set(closes) == {1012}
    acknowledged = [typist.acknowledged for typist in typists]
    await asyncio.to_thread(two.start)
    for typist, session, known in zip(typists, sessions, acknowledged, strict=True):
        # Nobody is back yet: what the server has is what it had committed.
        kept = text_of(two, session)
        assert kept in {text for number, text in typist.pending if number >= known}
    for typist, session in zip(typists, sessions, strict=True):
        await type_all(typist, url_of(two, session), [])
        assert_whole(two, session, trace)


async def test_many_sockets_are_closed_a_few_at_a_time(tmp_path: Path, runner_socket: Path) -> None:
    """Fifty at once; whoever is left writes on meanwhile, and is told that it is safe."""
    slowly: dict[str, Any] = {"drain_seconds": 40, "shutdown_seconds": 45}
    with server_process(tmp_path, runner_socket=runner_socket, **slowly) as server:
        sessions = [create(server, "") for _ in range(6)]
        async with contextlib.AsyncExitStack() as stack:
            peers = [
                await stack.enter_async_context(connect_peer(url_of(server, session)))
                for session in sessions
                for _ in range(10)
            ]
            os.kill(server.pid, signal.SIGTERM)
            async with asyncio.timeout(20):
                while sum(peer.socket.close_code == 1012 for peer in peers) < 50:
                    await asyncio.sleep(0.01)
            left = [peer for peer in peers if peer.socket.close_code is None]
            assert len(left) == 10
            await left[0].wait_acknowledged(await left[0].insert(0, "still here"))
            assert await left[0].wait_closed(20) == 1012
        assert await asyncio.to_thread(server.terminate) == 0
        server.start()
        assert "still here" in {text_of(server, session) for session in sessions}


def test_nobody_outlives_the_parent(tmp_path: Path, postgres_url: str) -> None:
    """With a runner of their own; and that is one for both."""
    with several(tmp_path, postgres_url, None) as two:
        parent = two.pid
        session = create(two, "print(6 * 7)")
        for attempt in ("first", "after it was killed"):
            run = httpx2.post(
                f"{two.url}/api/sessions/{session['session_id']}/runs?wait=true", timeout=60
            )
            assert run.json()["stdout"] == "42\n"
            family = children_of(parent)
            runners = [each for each in family if b"worker" in command_of(each)]
            assert (len(family), len(runners)) == (3, 1)
            if attempt == "first":
                os.kill(runners[0], signal.SIGKILL)
                wait_until(lambda: "the runner ended with -9" in two.log(), "the news")
        two.kill()
        wait_until(lambda: not any(is_there(each) for each in family), "their end", seconds=20)


def children_of(pid: int) -> list[int]:
    """Return a process's children."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> bytes:
    """Return what a process was started as."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()
