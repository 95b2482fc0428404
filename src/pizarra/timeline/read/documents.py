"""Reading a session's document: from memory when its room is loaded, else from the log."""

from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.collab.hub import Hub
from pizarra.collab.state.document import Document
from pizarra.errors import NotFound
from pizarra.models import InterviewSession
from pizarra.timeline.read.loading import load_document


async def load_files(db: AsyncSession, session: InterviewSession, at: int) -> dict[str, str]:
    """Return path → text as of entry `at`, from the log."""
    stored = await load_document(db, InterviewSession.id == session.id, until=at)
    if stored is None:
        raise NotFound(f"Session {session.public_id} not found", code=Code.SESSION_NOT_FOUND)
    document = await Document.load(stored.snapshot, stored.updates)
    return dict(sorted(document.texts().items()))


async def read_document(
    db: AsyncSession, hub: Hub, session: InterviewSession, at: int | None
) -> Document:
    """Return the document now, or as of entry `at` of the timeline.

    It has what every request that was answered before has recorded, in whatever process.

    Raises:
        NotFound: the timeline does not reach `at`. JournalUnavailable: storage did not answer.
    """
    if at is None:
        room = hub.loaded(session.room_id)
        if room is not None:
            await room.reach(session.head)
            await room.settled()
            return room.document
    elif at > session.head:
        raise NotFound(
            f"There is no entry {at}: the timeline ends at {session.head}",
            code=Code.ENTRY_NOT_FOUND,
        )
    stored = await load_document(db, InterviewSession.id == session.id, until=at)
    if stored is None:
        raise NotFound(f"Session {session.public_id} not found", code=Code.SESSION_NOT_FOUND)
    return await Document.load(stored.snapshot, stored.updates)
