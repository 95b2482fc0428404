"""How candidates fared with a question: of its latest sessions, in the middle, whatever else was recorded."""

import statistics as plain
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert
from tests.harness.rows import NOON, Rows

from pizarra.kit.ids import new_public_id
from pizarra.models import InterviewSession, QuestionVersion, SessionProblem, TimelineEntry
from pizarra.problems.content import Content
from pizarra.questions.schemas import Fared
from pizarra.questions.statistics import fared

MINUTE = timedelta(minutes=1)
CAME = NOON + 30 * MINUTE


class Interviews:
    """A question, and the sessions that were given it."""

    def __init__(self, rows: Rows, version: QuestionVersion) -> None:
        self._rows = rows
        self._version = version

    async def take_place(
        self,
        *passed: int | None,
        given: datetime = NOON,
        came: datetime | None = CAME,
        version: QuestionVersion | None = None,
        **session: object,
    ) -> InterviewSession:
        """Have a session in which a program passed so many minutes after both were there, once for each time given."""
        values = {"status": "ended", "clock_started_at": came, **session}
        made = await self._rows.session(**values)
        begun = max(given, came) if came is not None else given
        for seq, minutes in enumerate(passed, 1):
            key, of_it = {"session_id": made.id, "seq": seq}, version or self._version
            await self._rows.put(TimelineEntry(**key, at=given, kind="problem", data={}, gap=False))
            at = None if minutes is None else begun + minutes * MINUTE
            await self._rows.put(
                SessionProblem(**key, version_id=of_it.id, folder=str(seq), passed_at=at)
            )
        return made

    async def fared(self) -> Fared | None:
        """Return how candidates fared."""
        async with self._rows.database.read() as db:
            found = await fared(db, [self._version.question_id])
        return found.get(self._version.question_id)


@pytest.fixture
async def interviews(rows: Rows) -> Interviews:
    return Interviews(rows, (await rows.question())[1])


def told(candidates: int, passed: int, minutes: float | None) -> Fared:
    return Fared(candidates=candidates, passed=passed, median_minutes=minutes)


@pytest.mark.parametrize(
    "minutes",
    [
        [],
        [None],
        [None, None, None],
        [5],
        [5, None],
        [5, 6],
        [6, 5, 100],
        [1, 2, 3, 4],
        [9, None, 1, None, 4, None, 4],
        [7, 7, 7, 7, 7],
        [0, 10],
        [-3, 10],
    ],
)
async def test_the_middle_is_of_those_who_passed(
    interviews: Interviews, minutes: list[int | None]
) -> None:
    for each in minutes:
        await interviews.take_place(each)
    took = [max(0, each) for each in minutes if each is not None]
    middle = round(float(plain.median(took)), 1) if took else None
    expected = told(len(minutes), len(took), middle) if minutes else None
    assert await interviews.fared() == expected


async def test_time_runs_from_when_both_were_there(interviews: Interviews) -> None:
    late = CAME + 20 * MINUTE
    await interviews.take_place(8, given=late)
    assert await interviews.fared() == told(1, 1, 8.0), "the question came after the candidate"
    await interviews.take_place(10, given=NOON)
    assert await interviews.fared() == told(2, 2, 9.0), "and before"


async def test_parts_of_a_minute_count(interviews: Interviews, rows: Rows) -> None:
    session = await interviews.take_place(None)
    async with rows.database.write() as db:
        problem = await db.get_one(SessionProblem, (session.id, 1))
        problem.passed_at = CAME + timedelta(seconds=100)
    assert await interviews.fared() == told(1, 1, 1.7)


@pytest.mark.parametrize(
    "session",
    [
        {"status": "open"},
        {"came": None},
        {"erasing_since": NOON},
    ],
)
async def test_only_what_has_ended_with_a_candidate_counts(
    interviews: Interviews, session: dict[str, object]
) -> None:
    await interviews.take_place(5, **session)  # type: ignore[arg-type]
    assert await interviews.fared() is None


async def test_a_rehearsal_does_not_count(interviews: Interviews) -> None:
    session = await interviews.take_place(5)
    await interviews.take_place(1, rehearsal_of=session.id)
    assert await interviews.fared() == told(1, 1, 5.0)


async def test_a_session_counts_once_by_its_first_pass(interviews: Interviews) -> None:
    """It was given the question, a follow-up, and the question again."""
    await interviews.take_place(30, None, 12)
    await interviews.take_place(None, None)
    assert await interviews.fared() == told(2, 1, 12.0)


async def test_all_versions_of_a_question_count_together_and_no_others(
    interviews: Interviews, rows: Rows
) -> None:
    other, others = await rows.question(Content.model_validate({"title": "Other"}))
    newer = await rows.version(other, Content.model_validate({"title": "Newer"}), 2)
    await interviews.take_place(5)
    await interviews.take_place(50, version=others)
    await interviews.take_place(70, version=newer)
    assert await interviews.fared() == told(1, 1, 5.0)
    async with rows.database.read() as db:
        found = await fared(db, [other.id, 0])
        assert await fared(db, []) == {}
    assert found == {other.id: told(2, 2, 60.0)}


@pytest.mark.parametrize("count", [199, 200, 201, 250])
async def test_only_the_latest_count(interviews: Interviews, rows: Rows, count: int) -> None:
    """An old session took an hour, each newer one a minute: of many, the old ones are not seen."""
    version = interviews._version  # noqa: SLF001 - what is given below in one statement
    first = await rows.session(status="ended", clock_started_at=NOON)
    stored = {
        "title": "",
        "language": "python",
        "initial_code": "",
        "status": "ended",
        "created_at": NOON,
        "clock_started_at": NOON,
        "epoch": "e",
        "head": 1,
        "invitation_generation": 0,
    }
    ids = [new_public_id() for _ in range(count - 1)]
    async with rows.database.write() as db:
        made = [{**stored, "public_id": each, "room_id": each} for each in ids]
        await db.execute(insert(InterviewSession), made)
        keys = range(first.id, first.id + count)
        entry = {"seq": 1, "at": NOON, "kind": "problem", "data": {}, "gap": False}
        await db.execute(insert(TimelineEntry), [{**entry, "session_id": key} for key in keys])
        given = {"seq": 1, "version_id": version.id, "folder": ""}
        passed = [NOON + (60 if key == first.id else 1) * MINUTE for key in keys]
        await db.execute(
            insert(SessionProblem),
            [
                {**given, "session_id": key, "passed_at": at if key == first.id else None}
                for key, at in zip(keys, passed, strict=True)
            ],
        )
    expected = told(count, 1, 60.0) if count <= 200 else told(200, 0, None)
    assert await interviews.fared() == expected
