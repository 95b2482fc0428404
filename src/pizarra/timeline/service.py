"""Reading the timeline."""

import base64
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import Participant, TimelineEntry
from pizarra.timeline.schemas import TimelineEntryRead

_PAGE = 5000
KINDS = (
    "edit",
    "language",
    "join",
    "leave",
    "run.started",
    "run.input",
    "run.output",
    "run.ended",
    "lock",
    "role",
    "removed",
    "paste",
    "away",
    "explained",
    "suggestion",
    "suggestion.answered",
    "thinking",
    "branch",
    "session.ended",
    "session.reopened",
)


async def all_entries(db: AsyncSession, session_key: int) -> list[TimelineEntryRead]:
    """Return every entry, in order."""
    found: list[TimelineEntryRead] = []
    while page := await list_entries(db, session_key, found[-1].seq if found else 0, _PAGE, None):
        found += page
    return found


async def list_entries(
    db: AsyncSession, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> list[TimelineEntryRead]:
    """Return entries with a seq beyond `after`, in order."""
    entry = TimelineEntry.__table__.c
    query = (
        select(entry.seq, entry.at, entry.kind, Participant.public_id, entry.update, entry.data)
        .outerjoin(Participant, Participant.id == entry.participant_id)
        .where(entry.session_id == session_key, entry.seq > after)
        .order_by(entry.seq)
        .limit(limit)
    )
    if kinds is not None:
        query = query.where(entry.kind.in_(kinds))
    rows = (await db.execute(query)).all()
    return [
        TimelineEntryRead(
            seq=seq,
            at=at,
            kind=kind,
            participant_id=participant_id,
            data=data or {} if update is None else {"update": base64.b64encode(update).decode()},
        )
        for seq, at, kind, participant_id, update, data in rows
    ]
