"""Reading the timeline."""

from binascii import b2a_base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

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
    "connection",
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
    "cursor",
    "session.ended",
    "session.reopened",
)


class Recorded(NamedTuple):
    """An entry as it was recorded: what `TimelineEntryRead` shows, without the cost of a model."""

    seq: int
    at: datetime
    kind: str
    participant_id: str | None
    data: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {**self._asdict(), "at": self.at_text()}

    def at_text(self) -> str:
        """Return the instant as the API shows it."""
        return f"{self.at.isoformat()[:-6]}Z"


async def all_entries(db: AsyncSession, session_key: int) -> list[TimelineEntryRead]:
    """Return every entry, in order."""
    found: list[TimelineEntryRead] = []
    while page := await list_entries(db, session_key, found[-1].seq if found else 0, _PAGE, None):
        found += page
    return found


async def list_entries(
    db: AsyncSession, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> list[TimelineEntryRead]:
    """Return entries with a seq beyond `after`, in order, as the API shows them."""
    return [TimelineEntryRead(**each._asdict()) for each in await read_entries(db, session_key, after, limit, kinds)]


async def read_entries(
    db: AsyncSession, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> list[Recorded]:
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
        seq: Recorded(seq, at, kind, who, data or {} if update is None else _edit(update))
        for seq, at, kind, who, update, data in rows
    }
    if kinds is None or "edit" in kinds:
        found |= await _packed(db, session_key, after, limit, rows[-1].seq if len(rows) == limit else None)
    return [found[seq] for seq in sorted(found)[:limit]]


async def _packed(db: AsyncSession, session_key: int, after: int, limit: int, until: int | None) -> dict[int, Recorded]:
    edits = await packed_edits(db, session_key, after, until, limit)
    if not edits:
        return {}
    person = Participant.__table__.c
    people = (await db.execute(select(person.id, person.public_id).where(person.session_id == session_key))).all()
    names = {key: public_id for key, public_id in people if key is not None}
    return {
        edit.seq: Recorded(
            edit.seq,
            instant(edit.at),
            "edit",
            names.get(edit.participant) if edit.participant is not None else None,
            _edit(edit.update),
        )
        for edit in edits[:limit]
    }


def _edit(update: bytes) -> dict[str, str]:
    return {"update": b2a_base64(update, newline=False).decode()}
