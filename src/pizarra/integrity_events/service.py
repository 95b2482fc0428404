"""Integrity events and suggestions as the timeline has them."""

import contextlib
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.control import Line, Signal, Suggestion
from pizarra.models import InterviewSession, Participant, TimelineEntry

KINDS = ("paste", "away", "explained")
_SHOWN = 200  # newest entries of each sort that a page needs to know when it opens
_ENTRY = TimelineEntry.__table__.c


async def recent(
    db: AsyncSession, session_key: int
) -> tuple[list[Signal], list[Suggestion], list[Line]]:
    """Return the newest events, oldest first, the suggestions that wait for an answer, and the lines to everybody.

    Each sort has a limit of its own: who talks much hides nobody's suggestion.
    """
    events = [
        Signal(seq=row.seq, at=row.at, kind=row.kind, participant_id=row.public_id, data=row.data)
        for row in await _newest(db, session_key, KINDS)
    ]
    lines = [
        Line(
            seq=row.seq,
            at=row.at,
            participant_id=row.public_id,
            name=row.name,
            text=str(row.data.get("text")),
        )
        for row in await _newest(db, session_key, ("said",))
    ]
    return events, await _waiting(db, session_key), lines


async def lock_session(db: AsyncSession, key: int) -> InterviewSession | None:
    """Keep a session's row until the transaction ends: of two requests, in whatever process, one waits."""
    return await db.get(InterviewSession, key, with_for_update=True)


async def _newest(db: AsyncSession, session_key: int, kinds: Sequence[str]) -> list[Row[Any]]:
    """Return the newest entries of these kinds, oldest first."""
    query = (
        select(
            _ENTRY.seq, _ENTRY.at, _ENTRY.kind, _ENTRY.data, Participant.public_id, Participant.name
        )
        .join(Participant, Participant.id == _ENTRY.participant_id)
        .where(_ENTRY.session_id == session_key, _ENTRY.kind.in_(kinds))
        .order_by(_ENTRY.seq.desc())
        .limit(_SHOWN)
    )
    return list(reversed((await db.execute(query)).all()))


async def _waiting(db: AsyncSession, session_key: int) -> list[Suggestion]:
    suggested = await _newest(db, session_key, ("suggestion",))
    if not suggested:
        return []
    # All that came after the oldest of these: their number is no other than that of suggestions, each answered once.
    later = select(_ENTRY.data).where(
        _ENTRY.session_id == session_key,
        _ENTRY.seq > suggested[0].seq,
        _ENTRY.kind == "suggestion.answered",
    )
    answered = [data.get("of") for data in await db.scalars(later)]
    waiting = []
    for row in suggested:
        if row.seq not in answered:
            # what was imported may be anything
            with contextlib.suppress(ValidationError, TypeError):
                waiting.append(
                    Suggestion(**{**row.data, "seq": row.seq, "participant_id": row.public_id})
                )
    return waiting


async def author_of(
    db: AsyncSession, session_key: int, seq: int, kinds: Sequence[str]
) -> int | None:
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
