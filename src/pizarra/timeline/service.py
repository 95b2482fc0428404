"""Reading the timeline."""

import base64
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import Participant, TimelineEntry
from pizarra.models.base import instant
from pizarra.timeline.packing import packed_edits
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
    found = {
        seq: TimelineEntryRead(
            seq=seq, at=at, kind=kind, participant_id=who, data=data or {} if update is None else _edit(update)
        )
        for seq, at, kind, who, update, data in rows
    }
    if kinds is None or "edit" in kinds:
        found |= await _packed(db, session_key, after, limit, rows[-1].seq if len(rows) == limit else None)
    return [found[seq] for seq in sorted(found)[:limit]]


async def _packed(
    db: AsyncSession, session_key: int, after: int, limit: int, until: int | None
) -> dict[int, TimelineEntryRead]:
    edits = await packed_edits(db, session_key, after, until, limit)
    if not edits:
        return {}
    person = Participant.__table__.c
    people = (await db.execute(select(person.id, person.public_id).where(person.session_id == session_key))).all()
    names = {key: public_id for key, public_id in people if key is not None}
    return {
        edit.seq: TimelineEntryRead(
            seq=edit.seq,
            at=instant(edit.at),
            kind="edit",
            participant_id=names.get(edit.participant) if edit.participant is not None else None,
            data=_edit(edit.update),
        )
        for edit in edits[:limit]
    }


def _edit(update: bytes) -> dict[str, str]:
    return {"update": base64.b64encode(update).decode()}
