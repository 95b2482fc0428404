"""No duplication: restarts, reloads, replays and repeated frames leave the text as it is."""

from typing import Any

from tests.harness.peer import connect_peer
from tests.harness.rooms import create, edits_of
from tests.harness.server import ServerProcess

from pizarra.collab.wire.codec import SyncStep, sync_frame


async def test_the_starter_text_is_there_once_after_restarts(
    server: ServerProcess, url: str, session: dict[str, Any]
) -> None:
    async with connect_peer(url) as ann:
        server.kill()
        server.start()
        async with connect_peer(url) as bob:
            # Ann sends everything she has again, as a stock client does after reconnecting.
            await bob.socket.send(sync_frame(SyncStep.STEP2, ann.doc.get_update()))
            await bob.edit(lambda text: None)
            await bob.wait_acknowledged(1)
            assert str(bob.text) == "hello"
    assert len(edits_of(server, session)) == 1


async def test_what_was_recorded_is_not_recorded_again(shared_server: ServerProcess) -> None:
    server, session = shared_server, create(shared_server)
    url = f"{server.ws_url}/{session['room_id']}"
    async with connect_peer(url) as ann:
        await ann.edit(lambda text: text.__delitem__(slice(0, 2)))
        await ann.wait_acknowledged(1)
        before = edits_of(server, session)
        whole = ann.doc.get_update()
        for step in (SyncStep.UPDATE, SyncStep.STEP2):
            await ann.socket.send(sync_frame(step, whole))
        await ann.socket.send(sync_frame(SyncStep.UPDATE, b"\0\0"))
        await ann.edit(lambda text: None)
        await ann.wait_acknowledged(2)
        assert edits_of(server, session) == before
