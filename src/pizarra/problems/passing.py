"""When a program first passed every secret case of a session's question, for the library. Parts flush, never commit."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.database import within
from pizarra.models import SessionProblem
from pizarra.models.base import instant
from pizarra.timeline.read.rows import read_instant


async def note_pass(db: AsyncSession, session_key: int, seq: int, folder: str | None) -> None:
    """Keep that the code at an entry passed everything, with the question whose files lie in a folder; None: with none.

    Instants are tried in any order: the earliest counts.
    """
    given = await db.scalar(
        select(SessionProblem)
        .where(
            SessionProblem.session_id == session_key,
            SessionProblem.seq <= seq,
            SessionProblem.folder == folder,
        )
        .order_by(SessionProblem.seq.desc())
        .limit(1)
    )
    stored = await read_instant(within(db), session_key, seq)
    if given is None or stored is None:
        return
    at = instant(stored)
    if given.passed_at is None or at < given.passed_at:
        given.passed_at = at
        await db.flush()
