"""What can be done with the private log and the scorecards. Services flush, never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.errors import Conflict, Forbidden, InvalidInput, NotFound
from pizarra.models import InterviewSession, Participant, PrivateEntry, Scorecard
from pizarra.notes.schemas import PrivateEntryRead, PrivateKind, Score, ScorecardRead

DEFAULT_RUBRIC = ("Problem solving", "Code quality", "Testing", "Communication")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a session's private log holds."""

    entries: int
    characters: int


def rubric_of(session: InterviewSession) -> list[str]:
    """Return the criteria that a session is judged by."""
    return list(DEFAULT_RUBRIC if session.rubric is None else session.rubric)


async def list_private(db: AsyncSession, session_key: int, after: int, limit: int) -> list[PrivateEntryRead]:
    """Return entries with a seq beyond `after`, in order."""
    query = (
        select(PrivateEntry, Participant)
        .join(Participant, Participant.id == PrivateEntry.participant_id)
        .where(PrivateEntry.session_id == session_key, PrivateEntry.seq > after)
        .order_by(PrivateEntry.seq)
        .limit(limit)
    )
    return [to_read(entry, author) for entry, author in await db.execute(query)]


async def note_anchors(db: AsyncSession, session: InterviewSession) -> list[int]:
    """Return the entries of the shared log that notes are about."""
    query = select(PrivateEntry.anchor).where(PrivateEntry.session_id == session.id, PrivateEntry.kind == "note")
    return list(await db.scalars(query.order_by(PrivateEntry.seq)))


def to_read(entry: PrivateEntry, author: Participant) -> PrivateEntryRead:
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
    author: Participant,
    now: datetime,
    limits: Limits,
    *,
    kind: PrivateKind,
    anchor: int | None,
    data: dict[str, Any],
) -> PrivateEntryRead:
    """Append to the private log. `session` is the row of this transaction, locked: its numbers are dense.

    Raises:
        InvalidInput: the text is too long. Conflict: the anchor lies in the future, or the log is full.
    """
    if anchor is not None and anchor > session.head:
        raise Conflict(f"anchor: the timeline has {session.head} entries so far")
    if len(data.get("text", "")) > limits.characters:
        raise InvalidInput(f"text: must not have more than {limits.characters:,} characters")
    if session.private_head >= limits.entries:
        raise Conflict(f"This session has {limits.entries:,} private entries, which is all it can have.")
    session.private_head += 1
    entry = PrivateEntry(
        session_id=session.id,
        seq=session.private_head,
        at=now,
        kind=kind,
        participant_id=author.id,
        anchor=session.head if anchor is None else anchor,
        data=data,
    )
    db.add(entry)
    await db.flush()
    return to_read(entry, author)


async def get_own_note(db: AsyncSession, session: InterviewSession, seq: int, author: Participant) -> PrivateEntry:
    """Return a note or chat message of somebody's own, for it to be changed or taken back.

    Raises:
        NotFound: there is none, or it was taken back. Forbidden: somebody else wrote it.
    """
    entry = await db.get(PrivateEntry, (session.id, seq))
    if entry is None or entry.kind not in ("note", "chat") or await _is_removed(db, session, seq):
        raise NotFound(f"Note {seq} not found")
    if entry.participant_id != author.id:
        raise Forbidden("Only who wrote a note can change it.")
    return entry


async def _is_removed(db: AsyncSession, session: InterviewSession, seq: int) -> bool:
    removals = select(PrivateEntry.data).where(
        PrivateEntry.session_id == session.id, PrivateEntry.kind == "note.removed", PrivateEntry.seq > seq
    )
    return any(data["of"] == seq for data in await db.scalars(removals))


# Scores


async def list_scorecards(db: AsyncSession, session: InterviewSession, reader: int | None) -> Sequence[ScorecardRead]:
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
            found.append(_card(card, author, yours=yours))
    return found


async def keep_scores(
    db: AsyncSession, session: InterviewSession, author: Participant, scores: Sequence[Score], now: datetime
) -> ScorecardRead:
    """Keep somebody's scores as they stand now.

    Raises:
        Conflict: a criterion is not the rubric's, or is judged twice; or an anchor lies in the future.
    """
    rubric, seen = rubric_of(session), set()
    for score in scores:
        if score.criterion not in rubric:
            raise Conflict(f"scores: “{score.criterion}” is not a criterion of this session")
        if score.criterion in seen:
            raise Conflict(f"scores: “{score.criterion}” is judged twice")
        if score.anchor is not None and score.anchor > session.head:
            raise Conflict(f"scores: the timeline has {session.head} entries so far")
        seen.add(score.criterion)
    anchored = [
        {**each.model_dump(), "anchor": session.head if each.anchor is None else each.anchor} for each in scores
    ]
    card = await db.get(Scorecard, (session.id, author.id))
    if card is None:
        card = Scorecard(session_id=session.id, participant_id=author.id, submitted_at=None)
        db.add(card)
    card.scores, card.updated_at = anchored, now
    await db.flush()
    return _card(card, author, yours=True)


async def submit_scores(
    db: AsyncSession, session: InterviewSession, author: Participant, now: datetime
) -> tuple[ScorecardRead, bool]:
    """Give somebody's scores to the other interviewers; return them, and whether they had not been given before.

    Raises:
        Conflict: nothing was scored.
    """
    card = await db.get(Scorecard, (session.id, author.id))
    if card is None or not any(each["score"] is not None for each in card.scores):
        raise Conflict("Score something first, then submit.")
    first = card.submitted_at is None
    card.submitted_at = card.submitted_at or now
    await db.flush()
    return _card(card, author, yours=True), first


def _card(card: Scorecard, author: Participant, *, yours: bool) -> ScorecardRead:
    return ScorecardRead(
        participant_id=author.public_id,
        name=author.name,
        yours=yours,
        scores=card.scores,
        submitted_at=card.submitted_at,
    )
