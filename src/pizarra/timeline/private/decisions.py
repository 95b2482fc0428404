"""What interviewers come to, blind until one has decided oneself. Parts flush, never commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import (
    Decision,
    InterviewSession,
    Participant,
    ParticipantView,
    SessionView,
    Verdict,
)
from pizarra.models.membership import INTERVIEWS
from pizarra.timeline.private.schemas import DecisionRead, DecisionsRead, PrivateEntryRead


def may_read_all(decided: Iterable[int], interviewers: Iterable[int], reader: int | None) -> bool:
    """Tell whether somebody may read everybody's decisions.

    Who interviewed reads those of others once they have decided themselves; everybody else who may read the
    interviewers' log, once all who interviewed have: nobody is swayed.
    """
    have, should = set(decided), set(interviewers)
    return reader in have or (reader not in should and should <= have)


async def list_decisions(
    db: AsyncSession, session: SessionView, reader: int | None
) -> DecisionsRead:
    """Return the decisions of a session that somebody may read, and which others have still to decide."""
    query = (
        select(Decision, Participant)
        .join(Participant, Participant.id == Decision.participant_id)
        .where(Decision.session_id == session.id)
        .order_by(Decision.decided_at, Participant.id)
    )
    found = [(decision, author) for decision, author in await db.execute(query)]
    interviewers = await _interviewers(db, session)
    decided = {author.id for _, author in found}
    readable = may_read_all(decided, (each.id for each in interviewers), reader)
    return DecisionsRead(
        decisions=[
            _read(each, author, reader) for each, author in found if readable or author.id == reader
        ],
        waiting_for=[each.name for each in interviewers if each.id not in {reader, *decided}],
        readable=readable,
    )


async def decide(
    db: AsyncSession,
    session: SessionView,
    author: ParticipantView,
    verdict: Verdict,
    text: str,
    now: datetime,
) -> DecisionRead:
    """Keep what somebody comes to; it takes the place of what they came to before."""
    decision = await db.get(Decision, (session.id, author.id))
    if decision is None:
        decision = Decision(session_id=session.id, participant_id=author.id)
        db.add(decision)
    decision.verdict, decision.text, decision.decided_at = verdict.value, text, now
    await db.flush()
    return _read(decision, author, author.id)


async def blinded(
    db: AsyncSession,
    session: SessionView,
    reader: ParticipantView | None,
    entries: Sequence[PrivateEntryRead],
) -> list[PrivateEntryRead]:
    """Return entries of the interviewers' log without the decisions that `reader` may not read yet."""
    key, own = (reader.id, reader.public_id) if reader is not None else (None, None)
    if not any(entry.kind == "decision" for entry in entries) or await is_open_to(db, session, key):
        return list(entries)
    nothing = {"verdict": None, "text": ""}
    return [
        entry.model_copy(update={"data": {**entry.data, **nothing}})
        if entry.kind == "decision" and entry.participant_id != own
        else entry
        for entry in entries
    ]


async def is_open_to(db: AsyncSession, session: SessionView, reader: int | None) -> bool:
    """Tell whether a session has no decision that somebody may not read."""
    decided = set(
        await db.scalars(select(Decision.participant_id).where(Decision.session_id == session.id))
    )
    if decided <= {reader}:
        return True
    return may_read_all(decided, [each.id for each in await _interviewers(db, session)], reader)


async def _interviewers(db: AsyncSession, session: SessionView) -> Sequence[Participant]:
    """Return who interviews, or did."""
    query = (
        select(Participant)
        .join(InterviewSession, InterviewSession.id == Participant.session_id)
        .where(Participant.session_id == session.id, INTERVIEWS)
    )
    return (await db.scalars(query.order_by(Participant.id))).all()


def _read(decision: Decision, author: ParticipantView, reader: int | None) -> DecisionRead:
    return DecisionRead(
        participant_id=author.public_id,
        name=author.name,
        yours=author.id == reader,
        verdict=Verdict(decision.verdict),
        text=decision.text,
        decided_at=decision.decided_at,
    )
