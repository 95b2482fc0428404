"""Which tests hold for which question of a session: the newest of each, wherever the session is now."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.models import PrivateEntry
from pizarra.problems.course import Course, Posing


@dataclass(frozen=True, slots=True)
class Held:
    """An entry `tests` of the interviewers' log, and what it is of; None: of no question."""

    seq: int
    posing: Posing | None


async def held_in(db: AsyncSession, session_key: int, course: Course) -> dict[str | None, Held]:
    """Return the folder of each question → its newest tests; None → those of no question."""
    entry = PrivateEntry
    query = select(
        entry.seq,
        entry.anchor,
        entry.data["problem"].as_integer(),
        entry.data["judge"].as_string().is_not(None),
    ).where(entry.session_id == session_key, entry.kind == "tests")
    found: dict[str | None, Held] = {}
    for seq, anchor, problem, judged in await db.execute(query.order_by(entry.seq)):
        posing = question_of_tests(course, anchor, problem, judged=bool(judged))
        found[posing.folder if posing is not None else None] = Held(seq, posing)
    return found


def question_of_tests(
    course: Course, anchor: int, problem: int | None, *, judged: bool
) -> Posing | None:
    """Return the question that an entry `tests` is of; None: of none."""
    if problem is not None:
        return next((each for each in course.posings if each.seq == problem), None)
    # Of an earlier version, which kept a question's own under the entry before it.
    return course.at(anchor + judged)
