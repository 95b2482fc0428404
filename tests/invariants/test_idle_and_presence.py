"""Idle sockets stay, dead ones are noticed, and who comes late sees everybody at once."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, metric, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import awareness_frame, var_bytes, var_uint


def cursor(client: int, clock: int = 1) -> bytes:
    state = f'{{"cursor":{client}}}'.encode()
    return awareness_frame(b"\x01" + var_uint(client) + var_uint(clock) + var_bytes(state))


@pytest.fixture
def quick_server(tmp_path: Path, runner_socket: Path) -> Iterator[ServerProcess]:
    """A server that keeps idle sockets alive every half second instead of every fifteen."""
    settings: dict[str, Any] = {
        "keepalive_seconds": 0.5,
        "silence_seconds": 1.5,
        "probe_seconds": 0.5,
    }
    with server_process(tmp_path, runner_socket=runner_socket, **settings) as process:
        yield process


async def test_an_idle_socket_hears_from_the_server_and_stays(quick_server: ServerProcess) -> None:
    """A stock provider reconnects after 30 s of silence; the server speaks well before, and asks for a sign of life."""
    async with connect_peer(url_of(quick_server, create(quick_server))) as peer:
        heard = len(peer.messages)
        # twice as long as silence is borne
        await peer.wait_for(lambda: len(peer.messages) >= heard + 6, seconds=8)
        assert all(message.payload == b"\0" for message in peer.messages[heard:])
        assert peer.socket.close_code is None


async def test_a_peer_that_died_unnoticed_is_dropped(quick_server: ServerProcess) -> None:
    """No TCP reset comes from a laptop that was closed: it just does not answer any more."""
    url = url_of(quick_server, create(quick_server))
    async with connect_peer(url) as watcher:
        dead = await websockets.connect(url, compression=None)
        await dead.send(cursor(5))
        await watcher.wait_for(
            lambda: any(b'"cursor":5' in message.payload for message in watcher.messages)
        )
        dead.transport.pause_reading()  # the kernel still acknowledges; nobody answers the ping
        gone = b"\x05\x02\x04null"
        await watcher.wait_for(
            lambda: any(message.payload.endswith(gone) for message in watcher.messages), seconds=10
        )
        assert metric(quick_server, 'pizarra_websocket_drops_total{reason="silent"}') == 1
        assert metric(quick_server, "pizarra_event_loop_lag_seconds_count") > 0
        dead.transport.abort()


async def test_a_killed_clients_cursor_is_gone_within_a_second(
    sqlite_server: ServerProcess,
) -> None:
    url = url_of(sqlite_server, create(sqlite_server))
    async with connect_peer(url) as watcher:
        victim = await websockets.connect(url, compression=None)
        await victim.send(cursor(5))
        await watcher.wait_for(
            lambda: any(b'"cursor":5' in message.payload for message in watcher.messages)
        )
        started = time.monotonic()
        victim.transport.abort()
        await watcher.wait_for(
            lambda: watcher.messages[-1].payload == b"\x01\x05\x02\x04null", seconds=1
        )
        assert time.monotonic() - started < 1


async def test_a_late_joiner_sees_every_cursor_in_the_first_round_trip(
    sqlite_server: ServerProcess,
) -> None:
    url = url_of(sqlite_server, create(sqlite_server))
    async with connect_peer(url) as ann, connect_peer(url) as bob:
        await ann.socket.send(cursor(5))
        await bob.socket.send(cursor(6))
        await ann.wait_for(
            lambda: any(b'"cursor":6' in message.payload for message in ann.messages)
        )
        await bob.wait_for(
            lambda: any(b'"cursor":5' in message.payload for message in bob.messages)
        )
        async with websockets.connect(url, compression=None) as late:
            # It has not sent anything yet: the state vector and everybody's presence come unasked.
            frames = [await asyncio.wait_for(late.recv(), 2) for _ in range(2)]
            assert frames[0][:2] == b"\0\0"
            assert isinstance(frames[1], bytes)
            assert b'"cursor":5' in frames[1]
            assert b'"cursor":6' in frames[1]
