"""Isolation: a reader that stops reading costs no more than its outbox, and is let go; the others do not notice."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from pycrdt import Doc, Text
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, metric, resident, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import (
    Reader,
    SyncStep,
    awareness_frame,
    sync_frame,
    var_bytes,
    var_uint,
)

PIECE = 100_000


@pytest.fixture
def narrow_server(tmp_path: Path, runner_socket: Path) -> Iterator[ServerProcess]:
    """A server that keeps one megabyte for a reader at most, and lets one person write as much as it takes."""
    limits: dict[str, Any] = {"max_outbox_bytes": 2**20, "person_log_burst_bytes": 2**26}
    with server_process(tmp_path, runner_socket=runner_socket, **limits) as process:
        yield process


async def test_a_stalled_reader_is_let_go_and_resyncs(narrow_server: ServerProcess) -> None:
    session = create(narrow_server, "")
    url = url_of(narrow_server, session)
    async with connect_peer(url) as writer, connect_peer(url) as reader:
        stalled = await websockets.connect(url, compression=None, max_size=None)
        await stalled.recv()  # it has joined
        stalled.transport.pause_reading()
        before = resident(narrow_server)
        waits = []
        for number in range(150):  # 15 MB of updates, which leave no text behind
            started = time.monotonic()
            await writer.insert(0, chr(97 + number % 26) * PIECE)
            await writer.wait_acknowledged(
                await writer.edit(lambda text: text.__delitem__(slice(0, PIECE)))
            )
            waits.append(time.monotonic() - started)
        number = await writer.insert(0, "end")
        await writer.wait_acknowledged(number)
        await reader.wait_text("end")
        async with asyncio.timeout(5):
            while metric(narrow_server, "pizarra_websocket_connections ") != 2:
                await asyncio.sleep(0.02)
        assert metric(narrow_server, 'pizarra_websocket_drops_total{reason="slow"}') == 1
        assert resident(narrow_server) - before < 60e6
        assert sorted(waits)[len(waits) // 2] < 0.25
        stalled.transport.abort()
    # Back again, it has everything.
    async with connect_peer(url) as back:
        assert str(back.text) == "end" == text_of(narrow_server, session)


async def test_presence_is_dropped_before_edits(narrow_server: ServerProcess) -> None:
    """A slow reader misses cursors, not text; once it has caught up it is shown where everybody is."""
    session = create(narrow_server, "")
    url = url_of(narrow_server, session)
    async with connect_peer(url) as writer:
        slow = await websockets.connect(url, compression=None, max_size=None, max_queue=None)
        await slow.recv()
        slow.transport.pause_reading()
        padding = "x" * 3000
        clock = 0
        async with asyncio.timeout(30):
            while metric(narrow_server, "pizarra_presence_dropped_total") == 0:
                await writer.insert(0, "y" * 50_000)
                await writer.wait_acknowledged(
                    await writer.edit(lambda text: text.__delitem__(slice(0, 50_000)))
                )
                clock += 1
                state = f'{{"at":{clock},"padding":"{padding}"}}'.encode()
                await writer.socket.send(
                    awareness_frame(b"\x01\x05" + var_uint(clock) + var_bytes(state))
                )
        await writer.wait_acknowledged(await writer.insert(0, "end"))
        slow.transport.resume_reading()
        doc: Doc[Any] = Doc()
        text = doc.get("file:main.py", type=Text)
        await slow.send(sync_frame(SyncStep.STEP1, b"\0"))
        latest = f'"at":{clock},'.encode()
        seen = False
        async with asyncio.timeout(10):
            while not seen or str(text) != "end":
                frame = await slow.recv()
                assert isinstance(frame, bytes)
                if frame[0] == 0 and frame[1] != 0:
                    doc.apply_update(Reader(frame[2:]).var_bytes())
                seen = seen or (frame[0] == 1 and latest in frame)
        await slow.close()
