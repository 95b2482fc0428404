"""Signals and suggestions as the timeline has them."""

import contextlib
from collections.abc import Sequence

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.control import Signal, Suggestion
from pizarra.models import Participant, TimelineEntry

SIGNALS = ("paste", "away", "explained")
_SHOWN = 200  # newest entries that a page needs to know when it opens


async def recent(db: AsyncSession, session_key: int) -> tuple[list[Signal], list[Suggestion]]:
    """Return the newest signals, oldest first, and the suggestions that wait for an answer."""
    entry = TimelineEntry.__table__.c
    query = (
        select(entry.seq, entry.at, entry.kind, entry.data, Participant.public_id)
        .join(Participant, Participant.id == entry.participant_id)
        .where(entry.session_id == session_key, entry.kind.in_([*SIGNALS, "suggestion", "suggestion.answered"]))
        .order_by(entry.seq.desc())
        .limit(_SHOWN)
    )
    rows = list(reversed((await db.execute(query)).all()))
    signals = [
        Signal(seq=seq, at=at, kind=kind, participant_id=who, data=data)
        for seq, at, kind, data, who in rows
        if kind in SIGNALS
    ]
    answered = [data.get("of") for _, _, kind, data, _ in rows if kind == "suggestion.answered"]
    waiting = []
    for seq, _, kind, data, who in rows:
        if kind == "suggestion" and seq not in answered:
            with contextlib.suppress(ValidationError, TypeError):  # what was imported may be anything
                waiting.append(Suggestion(**{**data, "seq": seq, "participant_id": who}))
    return signals, waiting


async def author_of(db: AsyncSession, session_key: int, seq: int, kinds: Sequence[str]) -> int | None:
    """Return whose entry `seq` is; None when it is not of these kinds."""
    row = await db.get(TimelineEntry, (session_key, seq))
    return row.participant_id if row is not None and row.kind in kinds else None


async def is_answered(db: AsyncSession, session_key: int, seq: int) -> bool:
    """Tell whether a suggestion was accepted, declined or taken back."""
    entry = TimelineEntry.__table__.c
    later = select(entry.data).where(
        entry.session_id == session_key, entry.seq > seq, entry.kind == "suggestion.answered"
    )
    return any(data.get("of") == seq for data in await db.scalars(later))
