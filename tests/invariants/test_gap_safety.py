"""Gap safety: frames withheld or out of order never lose what comes later, across unload and snapshot."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from pycrdt import Doc
from tests.harness.peer import connect_peer
from tests.harness.rooms import appended, create, text_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import SyncStep, sync_frame


async def test_updates_out_of_order_are_kept_until_the_gap_is_filled(
    server: ServerProcess, url: str, session: dict[str, Any]
) -> None:
    doc: Doc[Any] = Doc()
    async with connect_peer(url) as ann:
        doc.apply_update(ann.doc.get_update())
        updates = appended(doc, "A", "B", "C")
        await ann.socket.send(sync_frame(SyncStep.UPDATE, updates[2]))
        await ann.socket.send(sync_frame(SyncStep.UPDATE, updates[1]))
        await ann.edit(lambda text: None)
        await ann.wait_acknowledged(1)
    server.kill()
    server.start()
    async with connect_peer(url) as bob:
        await bob.socket.send(sync_frame(SyncStep.UPDATE, updates[0]))
        await bob.edit(lambda text: None)
        await bob.wait_acknowledged(1)
        assert text_of(server, session) == "helloABC"
    server.kill()
    server.start()
    assert text_of(server, session) == "helloABC"


async def test_a_gap_outlives_the_snapshot_taken_over_it(
    tmp_path: Path, runner_socket: Path
) -> None:
    """A snapshot cannot hold what is not integrated yet: loading must apply the marked rows beside it."""
    with server_process(tmp_path, runner_socket=runner_socket, snapshot_updates=10) as server:
        session = create(server, "")
        url = f"{server.ws_url}/{session['room_id']}"
        updates = appended(Doc(), "first ", "second ")
        async with connect_peer(url) as ann:
            await ann.socket.send(sync_frame(SyncStep.UPDATE, updates[1]))
            for _ in range(15):
                number = await ann.insert(0, "x")
            await ann.wait_acknowledged(number)
        with sqlite3.connect(tmp_path / "pizarra.db") as database:
            async with asyncio.timeout(5):
                while database.execute("SELECT count(*) FROM snapshots").fetchone() == (0,):
                    await asyncio.sleep(0.01)
        server.kill()
        server.start()
        async with connect_peer(url) as bob:
            await bob.socket.send(sync_frame(SyncStep.UPDATE, updates[0]))
            await bob.edit(lambda text: None)
            await bob.wait_acknowledged(1)
        assert "first second " in text_of(server, session)
