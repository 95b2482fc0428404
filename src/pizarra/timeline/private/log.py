"""The private log: writing it and reading it. Parts flush, never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.errors import Conflict, InvalidInput
from pizarra.models import (
    InterviewSession,
    Participant,
    ParticipantView,
    PrivateEntry,
    Scorecard,
    SessionView,
)
from pizarra.timeline.entries.private import PrivateData
from pizarra.timeline.private.schemas import PrivateEntryRead, ScorecardRead

DEFAULT_RUBRIC = ("Problem solving", "Code quality", "Testing", "Communication")


@dataclass(frozen=True, slots=True)
class NotesLimits:
    """How much a session's private log holds."""

    entries: int
    characters: int


def rubric_of(session: SessionView) -> list[str]:
    """Return the criteria that a session is judged by."""
    return list(DEFAULT_RUBRIC if session.rubric is None else session.rubric)


async def list_private(
    db: AsyncSession, session_key: int, after: int, limit: int
) -> list[PrivateEntryRead]:
    """Return entries with a seq beyond `after`, in order."""
    query = (
        select(PrivateEntry, Participant)
        .join(Participant, Participant.id == PrivateEntry.participant_id)
        .where(PrivateEntry.session_id == session_key, PrivateEntry.seq > after)
        .order_by(PrivateEntry.seq)
        .limit(limit)
    )
    return [to_read(entry, author) for entry, author in await db.execute(query)]


async def note_anchors(db: AsyncSession, session: SessionView) -> list[int]:
    """Return the entries of the shared log that notes are about."""
    query = select(PrivateEntry.anchor).where(
        PrivateEntry.session_id == session.id, PrivateEntry.kind == "note"
    )
    return list(await db.scalars(query.order_by(PrivateEntry.seq)))


def to_read(entry: PrivateEntry, author: ParticipantView) -> PrivateEntryRead:
    """Return an entry as the API shows it."""
    return PrivateEntryRead.model_validate(
        {
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "participant_id": author.public_id,
            "data": {"name": author.name, "anchor": entry.anchor, **entry.data},
        }
    )


async def append_private(
    db: AsyncSession,
    session: InterviewSession,
    author: ParticipantView,
    now: datetime,
    limits: NotesLimits,
    *,
    anchor: int | None,
    told: PrivateData,
) -> PrivateEntryRead:
    """Append to the private log. `session` is the row of this transaction, locked: its numbers are dense.

    Raises:
        InvalidInput: the text is too long. Conflict: the anchor lies in the future, or the log is full.
    """
    if anchor is not None and anchor > session.head:
        raise Conflict(
            f"anchor: the timeline has {session.head} entries so far", code=Code.ENTRY_NOT_THERE_YET
        )
    if len(getattr(told, "text", "")) > limits.characters:
        raise InvalidInput(
            f"text: must not have more than {limits.characters:,} characters",
            bound="max_note_characters",
            code=Code.TEXT_TOO_LONG,
        )
    if session.private_head >= limits.entries:
        raise Conflict(
            f"This session has {limits.entries:,} private entries, which is all it can have.",
            bound="max_private_entries",
            code=Code.LOG_FULL,
        )
    session.private_head += 1
    entry = PrivateEntry(
        session_id=session.id,
        seq=session.private_head,
        at=now,
        kind=told.kind,
        participant_id=author.id,
        anchor=session.head if anchor is None else anchor,
        data=told.to_data(),
    )
    db.add(entry)
    await db.flush()
    return to_read(entry, author)


async def list_scorecards(
    db: AsyncSession, session: SessionView, reader: int | None
) -> Sequence[ScorecardRead]:
    """Return the reader's own scorecard, and those that others have submitted."""
    query = (
        select(Scorecard, Participant)
        .join(Participant, Participant.id == Scorecard.participant_id)
        .where(Scorecard.session_id == session.id)
        .order_by(Participant.id)
    )
    found = []
    for card, author in await db.execute(query):
        yours = author.id == reader
        if yours or card.submitted_at is not None:
            found.append(to_card(card, author, yours=yours))
    return found


def to_card(card: Scorecard, author: ParticipantView, *, yours: bool) -> ScorecardRead:
    return ScorecardRead(
        participant_id=author.public_id,
        name=author.name,
        yours=yours,
        scores=card.scores,
        submitted_at=card.submitted_at,
    )
