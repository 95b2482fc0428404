"""Plans as sessions have them: finding one, and what a session that begins with it is to go through.

Parts flush, never commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.errors import Conflict, NotFound
from pizarra.kit.ids import is_public_id
from pizarra.models import InterviewSession, Plan, PlanStep, Question, SessionPlanStep
from pizarra.problems.finding import Library


@dataclass(frozen=True, slots=True)
class Step:
    """A question of a plan, and how many minutes it takes there."""

    question: Question
    minutes: int


async def find_plan(
    db: AsyncSession, library: Library | None, plan_id: str, *, lock: bool = False
) -> Plan:
    """Return a plan of somebody's library.

    Raises:
        NotFound: there is none, or it is another team's.
    """
    if library is not None and is_public_id(plan_id):
        query = select(Plan).where(Plan.public_id == plan_id)
        if library.team is not None:
            query = query.where(Plan.team_id == library.team)
        found = await db.scalar(query.with_for_update() if lock else query)
        if found is not None:
            return found
    raise NotFound(f"Plan {plan_id} not found", code=Code.PLAN_NOT_FOUND)


async def steps_of(db: AsyncSession, plans: Sequence[Plan]) -> dict[int, list[Step]]:
    """Return the steps of plans by these plans' keys, in their order; deleted questions are among them."""
    rows = await db.execute(
        select(PlanStep.plan_id, PlanStep.minutes, Question)
        .join(Question, Question.id == PlanStep.question_id)
        .where(PlanStep.plan_id.in_([each.id for each in plans]))
        .order_by(PlanStep.plan_id, PlanStep.place)
    )
    found: dict[int, list[Step]] = {each.id: [] for each in plans}
    for key, minutes, question in rows:
        found[key].append(Step(question, minutes))
    return found


async def steps_to_give(
    db: AsyncSession, library: Library | None, plan_id: str
) -> tuple[Plan, list[Step]]:
    """Return a plan that a session can begin with, and its steps.

    Raises:
        NotFound: there is none, or it is another team's. Conflict: one of its questions is a draft, or is gone.
    """
    plan = await find_plan(db, library, plan_id)
    steps = (await steps_of(db, [plan]))[plan.id]
    for step in steps:
        if step.question.deleted_at is not None or step.question.draft:
            raise Conflict(
                f"The plan has a question that is a draft or was deleted: {step.question.title}. Change the plan.",
                code=Code.PLAN_NOT_READY,
            )
    if not steps:
        raise Conflict("The plan has no questions any more. Change it.", code=Code.PLAN_NOT_READY)
    return plan, steps


async def follow(
    db: AsyncSession, session: InterviewSession, steps: Sequence[Step], most_steps: int
) -> None:
    """Have a session go through a plan's steps; its clock's parts are these, and its length their sum."""
    for place, step in enumerate(steps, 1):
        question = step.question
        db.add(
            SessionPlanStep(
                session_id=session.id,
                place=place,
                question_id=question.id,
                title=question.title,
                minutes=step.minutes,
            )
        )
    session.clock_minutes = sum(step.minutes for step in steps)
    session.clock_steps = [
        # the clock may be shown to the candidate, to whom no title of what is to come is told
        {"name": f"{place}/{len(steps)}", "minutes": step.minutes}
        for place, step in enumerate(steps[:most_steps], 1)
    ] or None
    await db.flush()


async def planned_for(
    db: AsyncSession, session_key: int
) -> list[tuple[SessionPlanStep, Question | None]]:
    """Return what a session was planned with, in order, each with its question where that is in a library still."""
    rows = await db.execute(
        select(SessionPlanStep, Question)
        .outerjoin(
            Question,
            (Question.id == SessionPlanStep.question_id) & Question.deleted_at.is_(None),
        )
        .where(SessionPlanStep.session_id == session_key)
        .order_by(SessionPlanStep.place)
    )
    return [(step, question) for step, question in rows]
