"""How candidates fared with questions: counted by the database, of each question's latest sessions, without names."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Subquery, case, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import (
    InterviewSession,
    QuestionVersion,
    SessionProblem,
    SessionStatus,
    TimelineEntry,
)
from pizarra.questions.schemas import Fared

NOTHING = Fared(candidates=0, passed=0, median_minutes=None)
_MOST_SESSIONS = 200  # of one question: what counts is how it fares lately
_MICROSECONDS = 60_000_000  # in a minute


async def fared(db: AsyncSession, question_keys: Sequence[int]) -> dict[int, Fared]:
    """Return how candidates fared with each of these questions, by its key; those nobody was given are left out.

    Of a session counts that it has ended and a candidate was there, and how long it took from when both were there,
    the question and the candidate, until a program passed every secret case.
    """
    each = _each_session(question_keys)
    took = each.c.passed - each.c.since
    ranked = (
        select(
            each.c.question,
            case((took > 0, took), else_=case((took.is_not(None), 0))).label("took"),
            func.count().over(partition_by=each.c.question).label("candidates"),
            func.count(took).over(partition_by=each.c.question).label("passed"),
            func.row_number()
            .over(partition_by=each.c.question, order_by=[took.is_(None), took])
            .label("rank"),
        )
        .where(each.c.place <= _MOST_SESSIONS)
        .subquery()
    )
    middle = case(
        (
            (2 * ranked.c.rank >= ranked.c.passed) & (2 * ranked.c.rank <= ranked.c.passed + 2),
            ranked.c.took,
        )
    )
    rows = await db.execute(
        select(
            ranked.c.question,
            func.max(ranked.c.candidates),
            func.max(ranked.c.passed),
            func.avg(middle),
        ).group_by(ranked.c.question)
    )
    return {
        question: Fared(
            candidates=candidates,
            passed=passed,
            median_minutes=round(float(median) / _MICROSECONDS, 1) if passed else None,
        )
        for question, candidates, passed, median in rows
    }


def _each_session(question_keys: Sequence[int]) -> Subquery:
    """Return a row for each session that counts: since when somebody was at it, and when a program passed."""
    problem, session, entry = SessionProblem, InterviewSession, TimelineEntry
    given = type_coerce(entry.at, BigInteger)
    begun = type_coerce(session.clock_started_at, BigInteger)
    return (
        select(
            QuestionVersion.question_id.label("question"),
            func.min(case((given > begun, given), else_=begun)).label("since"),
            func.min(type_coerce(problem.passed_at, BigInteger)).label("passed"),
            func.row_number()
            .over(partition_by=QuestionVersion.question_id, order_by=problem.session_id.desc())
            .label("place"),
        )
        .join(QuestionVersion, QuestionVersion.id == problem.version_id)
        .join(session, session.id == problem.session_id)
        .join(entry, (entry.session_id == problem.session_id) & (entry.seq == problem.seq))
        .where(
            QuestionVersion.question_id.in_(question_keys),
            session.status == SessionStatus.ENDED,
            session.clock_started_at.is_not(None),
            session.rehearsal_of.is_(None),
            session.erasing_since.is_(None),
        )
        .group_by(QuestionVersion.question_id, problem.session_id)
        .subquery()
    )
