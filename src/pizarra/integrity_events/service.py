"""Integrity events and suggestions as the timeline has them."""

import contextlib
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, bindparam, literal_column, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.control import Line, Signal, Suggestion
from pizarra.database import Read, reading_in
from pizarra.models import InterviewSession, Participant, TimelineEntry
from pizarra.models.timeline import WELCOME
from pizarra.storage.prepared import Prepared
from pizarra.storage.sqlite import indexed_by

KINDS = ("paste", "away", "explained")
_SHOWN = 200  # newest entries of each sort that a page needs to know when it opens
_ENTRY = TimelineEntry.__table__.c
# Kinds are written out: the index of these few entries serves no query whose kind is a parameter.
_BY_KIND = indexed_by(WELCOME)


def _newest_of(kind: str) -> Select[*tuple[Any, ...]]:
    newest = (
        select(
            _ENTRY.seq, _ENTRY.at, _ENTRY.kind, _ENTRY.data, Participant.public_id, Participant.name
        )
        .join(Participant, Participant.id == _ENTRY.participant_id)
        .where(_ENTRY.session_id == bindparam("key"), _ENTRY.kind == literal_column(repr(kind)))
        .with_hint(TimelineEntry.__table__, *_BY_KIND)
        .order_by(_ENTRY.seq.desc())
        .limit(_SHOWN)
    )
    return select(*newest.subquery().c)


_NEWEST = Prepared(union_all(*map(_newest_of, (*KINDS, "said", "suggestion"))))
_ANSWERS = Prepared(
    select(_ENTRY.data)
    .with_hint(TimelineEntry.__table__, *_BY_KIND)
    .where(
        _ENTRY.session_id == bindparam("key"),
        _ENTRY.kind == literal_column("'suggestion.answered'"),
        _ENTRY.seq > bindparam("since"),
    )
)


async def recent(read: Read, session_key: int) -> tuple[list[Signal], list[Suggestion], list[Line]]:
    """Return the newest events, oldest first, the suggestions that wait for an answer, and the lines to everybody.

    Each sort has a limit of its own: who talks much hides nobody's suggestion.
    """
    newest = sorted(await read(_NEWEST, {"key": session_key}), key=attrgetter("seq"))
    events = [
        Signal(seq=row.seq, at=row.at, kind=row.kind, participant_id=row.public_id, data=row.data)
        for row in newest
        if row.kind in KINDS
    ]
    lines = [
        Line(
            seq=row.seq,
            at=row.at,
            participant_id=row.public_id,
            name=row.name,
            text=str(row.data.get("text")),
        )
        for row in newest
        if row.kind == "said"
    ]
    suggested = [row for row in newest if row.kind == "suggestion"]
    return events[-_SHOWN:], await _waiting(read, session_key, suggested), lines


async def lock_session(db: AsyncSession, key: int) -> InterviewSession | None:
    """Keep a session's row until the transaction ends: of two requests, in whatever process, one waits."""
    return await db.get(InterviewSession, key, with_for_update=True)


async def _waiting(read: Read, session_key: int, suggested: Sequence[Any]) -> list[Suggestion]:
    if not suggested:
        return []
    # All that came after the oldest of these: their number is no other than that of suggestions, each answered once.
    answered = await _answered(read, session_key, suggested[0].seq)
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
    return seq in await _answered(reading_in(db), session_key, seq)


async def _answered(read: Read, session_key: int, since: int) -> set[int]:
    """Return which suggestions were answered after an entry."""
    later = await read(_ANSWERS, {"key": session_key, "since": since})
    told = [row.data.get("of") for row in later]
    return {seq for seq in told if isinstance(seq, int)}
