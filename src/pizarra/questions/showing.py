"""What the library shows of its questions: lists of them, and one with what is proven of it."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import (
    InterviewSession,
    Language,
    Question,
    QuestionVersion,
    SessionProblem,
)
from pizarra.problems.content import read_content
from pizarra.problems.finding import Library, Row
from pizarra.questions import statistics
from pizarra.questions.schemas import (
    Fared,
    ProofProgress,
    ProofRead,
    QuestionListed,
    QuestionRead,
)
from pizarra.storage.searching import holds


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which questions to list; what is None or empty is no matter."""

    text: str | None = None
    difficulty: str | None = None
    kind: str | None = None
    tags: Sequence[str] = ()
    language: str | None = None
    minutes: int | None = None  # at most
    proven: bool | None = None
    draft: bool | None = None


async def list_questions(
    db: AsyncSession, library: Library, wanted: Wanted, skip: int, limit: int
) -> list[QuestionListed]:
    """Return the questions that somebody may use, the newest first."""
    both = select(Question, _sessions(), QuestionVersion.proof).outerjoin(
        QuestionVersion,
        and_(
            QuestionVersion.question_id == Question.id, QuestionVersion.number == Question.version
        ),
    )
    query = _only(both, library, wanted)
    query = query.order_by(Question.updated_at.desc(), Question.id.desc())
    rows = list(await db.execute(query.offset(skip).limit(limit)))
    known = await statistics.fared(db, [question.id for question, *_ in rows]) if rows else {}
    return [
        _listed(question, sessions, proof, known.get(question.id, statistics.NOTHING))
        for question, sessions, proof in rows
    ]


async def count_questions(db: AsyncSession, library: Library, wanted: Wanted) -> int:
    """Return how many there are in such a list."""
    query = _only(select(func.count()).select_from(Question), library, wanted)
    return int(await db.scalar(query) or 0)


def _sessions() -> ColumnElement[int]:
    """Return how many sessions were given a question."""
    problem, version = SessionProblem, QuestionVersion
    return (
        select(func.count(problem.session_id.distinct()))
        .join(version, version.id == problem.version_id)
        .join(InterviewSession, InterviewSession.id == problem.session_id)
        .where(version.question_id == Question.id, InterviewSession.rehearsal_of.is_(None))
        .correlate(Question)
        .scalar_subquery()
    )


async def read_question(
    db: AsyncSession,
    question: Question,
    version: QuestionVersion,
    progress: ProofProgress | None = None,
) -> QuestionRead:
    """Return a version of a question, as the API shows it to who may use it; `progress` of a proof under way."""
    content = await asyncio.to_thread(read_content, version.content)
    proof = proof_of(version.proof)
    if progress is not None:
        proof = under_way(version.number, proof, progress)
    sessions = await db.scalar(
        select(_sessions()).select_from(Question).where(Question.id == question.id)
    )
    return QuestionRead(
        **dict(content),
        question_id=question.public_id,
        version=version.number,
        newest=question.version,
        runnable=content.not_runnable is None,
        detail=content.not_runnable,
        proof=proof,
        sessions=sessions or 0,
        fared=(await statistics.fared(db, [question.id])).get(question.id, statistics.NOTHING),
        created_at=question.created_at,
        updated_at=version.created_at,
    )


def _only(query: Select[*Row], library: Library, wanted: Wanted) -> Select[*Row]:
    query = library.only(query)
    for column, value in ((Question.difficulty, wanted.difficulty), (Question.kind, wanted.kind)):
        if value is not None:
            query = query.where(column == value)
    for word in (wanted.text or "").lower().split()[:8]:
        query = query.where(holds(Question.words, word))
    for flag, is_so in ((Question.proven, wanted.proven), (Question.draft, wanted.draft)):
        if is_so is not None:
            query = query.where(flag.is_(is_so))
    if wanted.minutes is not None:
        query = query.where(Question.minutes <= wanted.minutes)
    for tag in wanted.tags:
        query = query.where(_has(Question.marks, f"|tag:{tag.strip().lower()}|"))
    if wanted.language:
        query = query.where(_has(Question.marks, f"|language:{wanted.language}|"))
    return query


def _has(column: Any, part: str) -> ColumnElement[bool]:
    escaped = re.sub(r"([\\%_])", r"\\\1", part)
    return or_(column.like(f"%{escaped}%", escape="\\"))


# What proofs that earlier versions of this program kept do not say.
_NOT_KNOWN_BEFORE = {"progress": None, "slowest_ms": None, "time_limit": None}


def proof_of(stored: dict[str, Any] | None) -> ProofRead | None:
    """Return what is proven of a version; None where nobody tried."""
    try:
        return ProofRead.model_validate({**_NOT_KNOWN_BEFORE, **stored}) if stored else None
    except ValidationError:  # of a newer program
        return None


def under_way(number: int, before: ProofRead | None, progress: ProofProgress) -> ProofRead:
    """Return what is known of a version that is being proven: what was proven of it before."""
    nothing = ProofRead(
        proven=False,
        languages={},
        cases=0,
        slowest_ms=None,
        time_limit=None,
        toolchains={},
        version=number,
        proved_at=None,
        running=True,
        progress=progress,
    )
    return (before or nothing).model_copy(update={"running": True, "progress": progress})


def _listed(
    question: Question, sessions: int, stored: dict[str, Any] | None, fared: Fared
) -> QuestionListed:
    proof = proof_of(stored)
    proven = (
        [name for name, each in proof.languages.items() if each.status == "proven"]
        if proof
        else None
    )
    return QuestionListed.model_validate(
        {
            "question_id": question.public_id,
            "titles": question.titles or {},
            "languages": [Language(each) for each in question.languages],
            "sessions": sessions,
            "proven": proven,
            "fared": fared,
            **{
                name: getattr(question, name)
                for name in QuestionListed.model_fields
                if name not in ("question_id", "titles", "languages", "sessions", "proven", "fared")
            },
        }
    )
