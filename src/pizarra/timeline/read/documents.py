"""Reading a session's document: from memory when its room is loaded, else from the log."""

from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.collab.hub import Hub
from pizarra.collab.state.document import Document
from pizarra.database import reading_in, require_no_transaction
from pizarra.errors import Busy, NotFound
from pizarra.kit.in_turn import TooManyWait
from pizarra.models import SessionView, share_of
from pizarra.timeline.packing.packed import NO_END
from pizarra.timeline.read.loading import load_document


async def load_files(db: AsyncSession, session: SessionView, at: int) -> dict[str, str]:
    """Return path → text as of entry `at`, from the log."""
    stored = await load_document(reading_in(db), session.id, at)
    if stored is None:
        raise NotFound(f"Session {session.public_id} not found", code=Code.SESSION_NOT_FOUND)
    document = await Document.load(stored.snapshot, stored.updates)
    return dict(sorted(document.texts().items()))


async def read_document(
    db: AsyncSession, hub: Hub, session: SessionView, at: int | None
) -> Document:
    """Return the document now, or as of entry `at` of the timeline.

    It has what every request that was answered before has recorded, in whatever process.

    Raises:
        NotFound: the timeline does not reach `at`. JournalUnavailable: storage did not answer.
    """
    if at is None:
        room = hub.loaded(session.room_id)
        if room is not None:
            require_no_transaction()
            await room.reach(session.head)
            await room.settled()
            return room.document
    elif at > session.head:
        raise NotFound(
            f"There is no entry {at}: the timeline ends at {session.head}",
            code=Code.ENTRY_NOT_FOUND,
        )
    stored = await load_document(reading_in(db), session.id, NO_END if at is None else at)
    if stored is None:
        raise NotFound(f"Session {session.public_id} not found", code=Code.SESSION_NOT_FOUND)
    return await Document.load(stored.snapshot, stored.updates)


async def read_in_turn(
    db: AsyncSession, hub: Hub, session: SessionView, at: int | None
) -> Document:
    """Like `read_document`, for what people may ask as often as they like: from the log one after another.

    Each such document takes memory, and up to a tenth of a second of everybody's. While one waits for those of the
    same interview, others may have the connection: `db` is one that has changed nothing.

    Raises:
        NotFound: the timeline does not reach `at`. JournalUnavailable: storage did not answer. Busy: too many wait.
    """
    if at is None and hub.loaded(session.room_id) is not None:
        return await read_document(db, hub, session, at)
    await db.close()
    try:
        async with hub.cold_reads.turn(share_of(session)):
            return await read_document(db, hub, session, at)
    except TooManyWait:
        raise Busy(
            "Others are reading this session's earlier instants. Try again in a few seconds.",
            bound="max_reads_waiting",
        ) from None
