"""Read-only is read-only, on every frame type."""

from typing import Any

from pycrdt import Doc, Text
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, join, text_of
from tests.harness.server import ServerProcess

from pizarra.collab.wire.codec import SyncStep, sync_frame


async def test_an_observer_watches_and_cannot_write(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    watcher_token, writer_token = (
        join(sqlite_server, session, "observer"),
        join(sqlite_server, session, "candidate"),
    )
    async with connect_peer(url, token=writer_token) as writer:
        for step in (SyncStep.UPDATE, SyncStep.STEP2):
            async with connect_peer(url, token=watcher_token) as watcher:
                number = await writer.insert(5, "!")
                await writer.wait_acknowledged(number)
                await watcher.wait_for(lambda seen=watcher: str(seen.text) == str(writer.text))  # type: ignore[misc]
                # nothing new: no violation
                await watcher.socket.send(sync_frame(step, watcher.doc.get_update()))
                forged: Doc[Any] = Doc()
                forged.get("file:main.py", type=Text).insert(0, "forged")
                await watcher.socket.send(sync_frame(step, forged.get_update()))
                assert await watcher.wait_closed() == 4403
    assert text_of(sqlite_server, session) == "hello!!"
