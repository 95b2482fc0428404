"""What was computed from a head is appended at that head, or refused, by the road that edits take."""

from tests.harness.application import Application
from tests.harness.entries import event

from pizarra.collab.journal import EpochMismatch, HeadMoved, SessionClosed
from pizarra.timeline.append.appender import Append, Appended, AppendResult, appender, to_columns


async def test_an_append_at_another_head_is_refused(running: Application) -> None:
    async with running.client() as owner:
        session = (await owner.post("/api/sessions", json={})).json()
        room = await running.services.hub.room(session["room_id"])
        writer = appender(running.services.database)
        rows = [to_columns(event("session.ended", None))]

        async def append(expected: int | None, epoch: str = room.epoch) -> AppendResult:
            wanted = [Append(room.key, epoch, True, rows, expected)]
            at = running.services.clock()
            (outcome,) = writer.append_now(wanted, at) or await writer.append(wanted, at)
            return outcome

        try:
            head = room.head
            assert isinstance(await append(head - 1), HeadMoved)
            assert isinstance(await append(head + 1), HeadMoved)
            for expected, first in ((head, head + 1), (None, head + 2)):
                appended = await append(expected)
                assert isinstance(appended, Appended)
                assert appended.first == first
            assert isinstance(await append(head, "other"), EpochMismatch)
            await owner.post(f"/api/sessions/{session['session_id']}/end")
            assert isinstance(await append(head), SessionClosed)
        finally:
            await writer.close()
