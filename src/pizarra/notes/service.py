"""What can be done with notes and scorecards. Services flush, never commit."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.errors import Conflict, Forbidden, NotFound
from pizarra.http.etags import version_of
from pizarra.models import (
    ParticipantView,
    PrivateEntry,
    Scorecard,
    SessionView,
)
from pizarra.timeline.private.log import rubric_of, to_card
from pizarra.timeline.private.schemas import Score, ScorecardRead


async def get_own_note(
    db: AsyncSession, session: SessionView, seq: int, author: ParticipantView
) -> PrivateEntry:
    """Return a note or chat message of somebody's own, for it to be changed or taken back.

    Raises:
        NotFound: there is none, or it was taken back. Forbidden: somebody else wrote it.
    """
    entry = await db.get(PrivateEntry, (session.id, seq))
    if entry is None or entry.kind not in ("note", "chat") or await _is_removed(db, session, seq):
        raise NotFound(f"Note {seq} not found", code=Code.NOTE_NOT_FOUND)
    if entry.participant_id != author.id:
        raise Forbidden("Only who wrote a note can change it.", code=Code.NOT_YOUR_NOTE)
    return entry


async def _is_removed(db: AsyncSession, session: SessionView, seq: int) -> bool:
    return await _last_about(db, session, seq, "note.removed") is not None


async def version_of_note(db: AsyncSession, session: SessionView, seq: int) -> str:
    """Return the version of a note: the `seq` of the last entry about it."""
    return f'"{await _last_about(db, session, seq, "note.changed") or seq}"'


async def _last_about(db: AsyncSession, session: SessionView, seq: int, kind: str) -> int | None:
    """Return the last entry of a kind about a note; the texts of all others stay in the database."""
    about = select(func.max(PrivateEntry.seq)).where(
        PrivateEntry.session_id == session.id,
        PrivateEntry.kind == kind,
        PrivateEntry.seq > seq,
        PrivateEntry.data["of"].as_integer() == seq,
    )
    return await db.scalar(about)


def version_of_scores(cards: Sequence[ScorecardRead]) -> str:
    """Return the version of the reader's own scorecard among these."""
    return version_of(json.dumps([card.scores for card in cards if card.yours], sort_keys=True))


async def keep_scores(
    db: AsyncSession,
    session: SessionView,
    author: ParticipantView,
    scores: Sequence[Score],
    now: datetime,
) -> ScorecardRead:
    """Keep somebody's scores as they stand now.

    Raises:
        Conflict: a criterion is not the rubric's, or is judged twice; or an anchor lies in the future.
    """
    rubric, seen = rubric_of(session), set()
    for score in scores:
        if score.criterion not in rubric:
            raise Conflict(
                f"scores: “{score.criterion}” is not a criterion of this session",
                code=Code.CRITERION_UNKNOWN,
            )
        if score.criterion in seen:
            raise Conflict(
                f"scores: “{score.criterion}” is judged twice", code=Code.CRITERION_TWICE
            )
        if score.anchor is not None and score.anchor > session.head:
            raise Conflict(
                f"scores: the timeline has {session.head} entries so far",
                code=Code.ENTRY_NOT_THERE_YET,
            )
        seen.add(score.criterion)
    anchored = [
        {**each.model_dump(), "anchor": session.head if each.anchor is None else each.anchor}
        for each in scores
    ]
    card = await db.get(Scorecard, (session.id, author.id))
    if card is None:
        card = Scorecard(session_id=session.id, participant_id=author.id, submitted_at=None)
        db.add(card)
    card.scores, card.updated_at = anchored, now
    await db.flush()
    return to_card(card, author, yours=True)


async def submit_scores(
    db: AsyncSession, session: SessionView, author: ParticipantView, now: datetime
) -> tuple[ScorecardRead, bool]:
    """Give somebody's scores to the other interviewers; return them, and whether they had not been given before.

    Raises:
        Conflict: nothing was scored.
    """
    card = await db.get(Scorecard, (session.id, author.id))
    if card is None or not any(each["score"] is not None for each in card.scores):
        raise Conflict("Score something first, then submit.", code=Code.NOTHING_SCORED)
    first = card.submitted_at is None
    card.submitted_at = card.submitted_at or now
    await db.flush()
    return to_card(card, author, yours=True), first
