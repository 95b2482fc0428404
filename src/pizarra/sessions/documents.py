"""Reading a session's document: from memory when its room is loaded, else from the log."""

from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.document import Document
from pizarra.collab.hub import Hub
from pizarra.errors import NotFound
from pizarra.models import InterviewSession
from pizarra.timeline.loading import load_document


async def load_files(db: AsyncSession, session: InterviewSession, at: int) -> dict[str, str]:
    """Return path → text as of entry `at`, from the log."""
    stored = await load_document(db, InterviewSession.id == session.id, until=at)
    if stored is None:
        raise NotFound(f"Session {session.public_id} not found")
    document = await Document.load(stored.snapshot, stored.updates)
    return {file.path: document.text(file.path) or "" for file in document.files()}


async def read_document(db: AsyncSession, hub: Hub, session: InterviewSession, at: int | None) -> Document:
    """Return the document now, or as of entry `at` of the timeline.

    Raises:
        NotFound: the timeline does not reach `at`.
    """
    if at is None:
        room = hub.loaded(session.room_id)
        if room is not None:
            await room.settled()
            return room.document
    elif at > session.head:
        raise NotFound(f"There is no entry {at}: the timeline ends at {session.head}")
    stored = await load_document(db, InterviewSession.id == session.id, until=at)
    if stored is None:
        raise NotFound(f"Session {session.public_id} not found")
    return await Document.load(stored.snapshot, stored.updates)
