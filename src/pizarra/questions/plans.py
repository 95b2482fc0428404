"""Plans in the database. Parts flush, never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import Actor
from pizarra.answers.codes import Code
from pizarra.cluster.advisory_locks import AdvisoryLock, hold
from pizarra.config import Settings
from pizarra.errors import Conflict, InvalidInput
from pizarra.kit.ids import new_public_id
from pizarra.models import Language, Plan, PlanStep, QuestionVersion
from pizarra.problems.course import course_of
from pizarra.problems.finding import Library, Row, find_question
from pizarra.problems.plans import Step, planned_for, steps_of
from pizarra.questions.plan_schemas import (
    PlanCreate,
    PlannedQuestion,
    PlanRead,
    PlanStepRead,
    PlanStepWrite,
    PlanUpdate,
    SessionPlanRead,
)
from pizarra.storage.searching import holds


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a plan, and the library that its questions are of."""

    account: Actor | None
    library: Library


async def create_plan(
    db: AsyncSession, writer: Writer, wanted: PlanCreate, settings: Settings, now: datetime
) -> Plan:
    """Add a plan to the library of somebody's team.

    Raises:
        Conflict: the library has as many as it may. NotFound: a question is not in it. InvalidInput: it is too long.
    """
    team = writer.account.team_id if writer.account is not None else None
    await hold(db, AdvisoryLock.LIBRARY, team or 0)  # or of many at once each would be the last
    mine = Plan.team_id.is_(None) if team is None else Plan.team_id == team
    count = select(func.count()).select_from(Plan).where(mine)
    if (await db.scalar(count) or 0) >= settings.max_plans:
        raise Conflict(
            f"The library has {settings.max_plans:,} plans, which is all it can have. Delete some.",
            bound="max_plans",
            code=Code.TOO_MANY_PLANS,
        )
    plan = Plan(
        public_id=new_public_id(),
        team_id=team,
        title=wanted.title.strip(),
        rubric=[each.strip() for each in wanted.rubric],
        created_at=now,
        updated_at=now,
    )
    db.add(plan)
    await db.flush()
    await _put_steps(db, writer.library, plan, wanted.questions, settings)
    return plan


async def change_plan(
    db: AsyncSession,
    library: Library,
    plan: Plan,
    change: PlanUpdate,
    settings: Settings,
    now: datetime,
) -> None:
    """Change a plan, whose row is locked.

    Raises:
        NotFound: a question is not in the library. InvalidInput: it is too long.
    """
    if change.title is not None:
        plan.title = change.title.strip()
    if change.rubric is not None:
        plan.rubric = [each.strip() for each in change.rubric]
    if change.questions is not None:
        await db.execute(delete(PlanStep).where(PlanStep.plan_id == plan.id))
        await _put_steps(db, library, plan, change.questions, settings)
    plan.updated_at = now
    await db.flush()


async def remove_plan(db: AsyncSession, plan: Plan) -> None:
    """Delete a plan."""
    await db.delete(plan)


async def _put_steps(
    db: AsyncSession,
    library: Library,
    plan: Plan,
    steps: Sequence[PlanStepWrite],
    settings: Settings,
) -> None:
    if len(steps) > settings.max_plan_questions:
        raise InvalidInput(
            f"questions: must be at most {settings.max_plan_questions}",
            bound="max_plan_questions",
            code=Code.BEYOND_SETTING,
        )
    total = 0
    for place, step in enumerate(steps, 1):
        question = await find_question(db, library, step.question_id)
        minutes = step.minutes or question.minutes
        total += minutes
        db.add(PlanStep(plan_id=plan.id, place=place, question_id=question.id, minutes=minutes))
    if total > settings.max_clock_minutes:
        raise InvalidInput(
            f"minutes: must be at most {settings.max_clock_minutes}",
            bound="max_clock_minutes",
            code=Code.BEYOND_SETTING,
        )
    await db.flush()


async def list_plans(
    db: AsyncSession, library: Library, text: str | None, skip: int, limit: int
) -> list[PlanRead]:
    """Return the plans that somebody may use, the one that was changed last first."""
    query = _only(select(Plan), library, text)
    query = query.order_by(Plan.updated_at.desc(), Plan.id.desc())
    plans = list(await db.scalars(query.offset(skip).limit(limit)))
    steps = await steps_of(db, plans)
    return [_read(each, steps[each.id]) for each in plans]


async def count_plans(db: AsyncSession, library: Library, text: str | None) -> int:
    """Return how many there are in such a list."""
    return int(await db.scalar(_only(select(func.count()).select_from(Plan), library, text)) or 0)


def _only(query: Select[*Row], library: Library, text: str | None) -> Select[*Row]:
    if library.team is not None:
        query = query.where(Plan.team_id == library.team)
    for word in (text or "").lower().split()[:8]:
        query = query.where(holds(Plan.title, word))
    return query


async def read_plan(db: AsyncSession, plan: Plan) -> PlanRead:
    """Return a plan, as the API shows it to who may use it."""
    return _read(plan, (await steps_of(db, [plan]))[plan.id])


def _read(plan: Plan, steps: Sequence[Step]) -> PlanRead:
    return PlanRead(
        plan_id=plan.public_id,
        title=plan.title,
        minutes=sum(step.minutes for step in steps),
        rubric=plan.rubric,
        questions=[_step(step) for step in steps],
        created_at=plan.created_at,
        updated_at=plan.updated_at,
    )


def _step(step: Step) -> PlanStepRead:
    question = step.question
    return PlanStepRead.model_validate(
        {
            "question_id": question.public_id,
            "title": question.title,
            "kind": question.kind,
            "difficulty": question.difficulty,
            "languages": [Language(each) for each in question.languages],
            "minutes": step.minutes,
            "ready": not question.draft and question.deleted_at is None,
        }
    )


async def read_session_plan(db: AsyncSession, session_key: int) -> SessionPlanRead:
    """Return what a session was planned with, which of it was given, and which it is about now."""
    course = await course_of(db, session_key)
    versions = [each.version_id for each in course.posings if each.version_id is not None]
    rows = await db.execute(
        select(QuestionVersion.id, QuestionVersion.question_id).where(
            QuestionVersion.id.in_(versions)
        )
    )
    given: dict[int | None, int] = {row[0]: row[1] for row in rows}
    # Back on an earlier line of work it is about the question that was left there.
    now = given.get(course.now.version_id) if course.now is not None else None
    planned = await planned_for(db, session_key)
    places = [
        place
        for place, (step, _) in enumerate(planned)
        if now is not None and step.question_id == now
    ]
    return SessionPlanRead(
        questions=[
            PlannedQuestion(
                question_id=question.public_id if question is not None else None,
                title=step.title,
                minutes=step.minutes,
                given=step.question_id is not None and step.question_id in given.values(),
            )
            for step, question in planned
        ],
        current=places[0] if places else None,
    )
