"""Plans: what they are made of, whose they are, when a session begins with one, and where it is in its own."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows, actor

from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.errors import AppError, Conflict, InvalidInput, NotFound
from pizarra.models import (
    InterviewSession,
    Language,
    Plan,
    Question,
    SessionPlanStep,
    SessionProblem,
)
from pizarra.problems.content import Content
from pizarra.problems.finding import Library
from pizarra.problems.plans import find_plan, follow, planned_for, steps_of, steps_to_give
from pizarra.questions.plan_schemas import PlanCreate, PlanRead, PlanUpdate
from pizarra.questions.plans import (
    Writer,
    change_plan,
    count_plans,
    create_plan,
    list_plans,
    read_plan,
    read_session_plan,
    remove_plan,
)

DAY = timedelta(days=1)


class Team:
    """A team's library, and its plans."""

    def __init__(self, rows: Rows, writer: Writer) -> None:
        self.rows = rows
        self.writer = writer
        self.library = writer.library

    async def question(self, title: str = "Double it", **changes: Any) -> Question:
        """Put a question into the library."""
        content = Content.model_validate({"title": title, **changes.pop("content", {})})
        question, _ = await self.rows.question(content, team_id=self.library.team, **changes)
        return question

    async def plan(
        self,
        *questions: Question | tuple[Question, int],
        title: str = "An hour",
        rubric: tuple[str, ...] = (),
        at: Any = NOON,
        **settings: Any,
    ) -> Plan:
        """Make a plan."""
        wanted = PlanCreate.model_validate(
            {"title": title, "questions": _steps(*questions), "rubric": list(rubric)}
        )
        async with self.rows.database.write() as db:
            return await create_plan(db, self.writer, wanted, Settings(**settings), at)

    async def change(self, plan: Plan, at: Any = NOON + DAY, **changes: Any) -> None:
        """Change a plan."""
        async with self.rows.database.write() as db:
            stored = await find_plan(db, self.library, plan.public_id, lock=True)
            await change_plan(
                db, self.library, stored, PlanUpdate.model_validate(changes), Settings(), at
            )

    async def read(self, plan: Plan) -> PlanRead:
        """Return a plan as the API shows it."""
        async with self.rows.database.read() as db:
            return await read_plan(db, await find_plan(db, self.library, plan.public_id))


def _steps(*questions: Question | tuple[Question, int]) -> list[dict[str, Any]]:
    return [
        {"question_id": each.public_id}
        if isinstance(each, Question)
        else {"question_id": each[0].public_id, "minutes": each[1]}
        for each in questions
    ]


async def team_of(rows: Rows, name: str) -> Team:
    team = await rows.team(name)
    account = actor(await rows.account(team, f"{name}@example.com"))
    return Team(rows, Writer(account, Library(account, team.id)))


@pytest.fixture
async def team(rows: Rows) -> Team:
    return await team_of(rows, "one")


# What a plan is


async def test_a_plan_has_its_questions_in_order_and_takes_their_sum(team: Team) -> None:
    first, second = await team.question("A", minutes=25), await team.question("B")
    read = await team.read(await team.plan((second, 7), first, (second, 1), rubric=(" Tests ",)))
    assert [(each.title, each.minutes) for each in read.questions] == [
        ("B", 7),
        ("A", 25),
        ("B", 1),
    ]
    assert (read.minutes, read.rubric, read.title) == (33, ["Tests"], "An hour")
    assert all(each.ready for each in read.questions)
    assert read.questions[1].languages == list(Language)


async def test_a_change_changes_what_it_names(team: Team) -> None:
    first, second = await team.question("A"), await team.question("B")
    plan = await team.plan(first, rubric=("Tests",))
    before = await team.read(plan)
    await team.change(plan, title="  Another ")
    renamed = await team.read(plan)
    assert renamed.title == "Another"
    assert (renamed.questions, renamed.rubric) == (before.questions, before.rubric)
    assert (renamed.created_at, renamed.updated_at) == (NOON, NOON + DAY)
    await team.change(plan, questions=_steps((second, 3)), rubric=[])
    changed = await team.read(plan)
    assert [each.title for each in changed.questions] == ["B"]
    assert (changed.rubric, changed.title, changed.minutes) == ([], "Another", 3)


async def test_a_change_that_is_refused_leaves_the_plan_as_it_was(team: Team) -> None:
    plan = await team.plan(await team.question("A"))
    before = await team.read(plan)
    with pytest.raises(NotFound) as refused:
        await team.change(plan, title="Another", questions=[{"question_id": "0" * 32}])
    assert refused.value.code is Code.QUESTION_NOT_FOUND
    assert await team.read(plan) == before


async def test_a_question_that_is_no_more_is_not_ready(team: Team) -> None:
    gone, draft, ready = [await team.question(title) for title in ("gone", "draft", "ready")]
    plan = await team.plan(gone, draft, ready)
    async with team.rows.database.write() as db:
        for question, changes in ((gone, {"deleted_at": NOON}), (draft, {"draft": True})):
            await db.execute(update(Question).where(Question.id == question.id).values(changes))
    assert [each.ready for each in (await team.read(plan)).questions] == [False, False, True]


# Bounds


@pytest.mark.parametrize(("most", "fits"), [(1, False), (2, True), (3, True)])
async def test_a_plan_has_so_many_questions(team: Team, most: int, fits: bool) -> None:
    question = await team.question()
    making = team.plan((question, 1), (question, 1), max_plan_questions=most)
    if fits:
        await making
        return
    with pytest.raises(InvalidInput, match="at most 1") as refused:
        await making
    assert refused.value.bound == "max_plan_questions"


@pytest.mark.parametrize(("minutes", "fits"), [(59, True), (60, True), (61, False)])
async def test_a_plan_takes_no_longer_than_a_clock_can_show(
    team: Team, minutes: int, fits: bool
) -> None:
    question = await team.question(minutes=30)
    making = team.plan(question, (question, minutes - 30), max_clock_minutes=60)
    if fits:
        assert (await team.read(await making)).minutes == minutes
        return
    with pytest.raises(InvalidInput) as refused:
        await making
    assert (refused.value.bound, refused.value.code) == ("max_clock_minutes", Code.BEYOND_SETTING)
    async with team.rows.database.read() as db:
        assert await count_plans(db, team.library, None) == 0


async def test_a_team_has_so_many_plans_whatever_others_have(rows: Rows, team: Team) -> None:
    other = await team_of(rows, "two")
    for each in (team, other):
        question = await each.question()
        for _ in range(2):
            await each.plan(question, max_plans=2)
        with pytest.raises(Conflict) as refused:
            await each.plan(question, max_plans=2)
        assert (refused.value.bound, refused.value.code) == ("max_plans", Code.TOO_MANY_PLANS)


async def test_the_owner_of_a_computer_counts_plans_of_no_team(rows: Rows, team: Team) -> None:
    owner = Team(rows, Writer(None, Library(None, None)))
    await team.plan(await team.question(), max_plans=1)
    question = await owner.question()
    assert (await owner.plan(question, max_plans=1)).team_id is None
    with pytest.raises(Conflict):
        await owner.plan(question, max_plans=1)


# Whose they are


async def test_a_team_finds_its_own_plans_and_an_administrator_all(rows: Rows, team: Team) -> None:
    other = await team_of(rows, "two")
    mine = await team.plan(await team.question(), title="mine")
    theirs = await other.plan(await other.question(), title="theirs", at=NOON + DAY)
    everybodys = Library(None, None)

    async def titles(library: Library) -> list[str]:
        async with rows.database.read() as db:
            listed = [each.title for each in await list_plans(db, library, None, 0, 9)]
            assert await count_plans(db, library, None) == len(listed)
            return listed

    assert await titles(team.library) == ["mine"]
    assert await titles(everybodys) == ["theirs", "mine"], "the one that was changed last first"
    async with rows.database.read() as db:
        for library, plan in ((everybodys, theirs), (everybodys, mine), (team.library, mine)):
            assert (await find_plan(db, library, plan.public_id)).id == plan.id
        for nobodys, id_ in (
            (team.library, theirs.public_id),
            (None, mine.public_id),
            (everybodys, "0" * 32),
            (everybodys, "nonsense"),
            (everybodys, ""),
        ):
            with pytest.raises(NotFound) as refused:
                await find_plan(db, nobodys, id_)
            assert refused.value.code is Code.PLAN_NOT_FOUND


async def test_another_teams_question_is_in_no_plan(rows: Rows, team: Team) -> None:
    other = await team_of(rows, "two")
    with pytest.raises(NotFound):
        await team.plan(await other.question())


async def test_a_long_list_is_read_in_parts(team: Team) -> None:
    question = await team.question()
    for number in range(5):
        await team.plan(question, title=str(number), at=NOON + number * DAY)
    async with team.rows.database.read() as db:
        parts = [await list_plans(db, team.library, None, skip, 2) for skip in (0, 2, 4, 6)]
    assert [[each.title for each in part] for part in parts] == [["4", "3"], ["2", "1"], ["0"], []]


# Beginning with one


async def begin(team: Team, plan: Plan) -> str:
    """Tell whether a session can begin with a plan, by the code of the refusal."""
    async with team.rows.database.read() as db:
        try:
            found, steps = await steps_to_give(db, team.library, plan.public_id)
        except AppError as error:
            return f"{error.code}: {error.detail}"
    assert found.id == plan.id
    return ", ".join(each.question.title for each in steps)


@pytest.mark.parametrize("change", [{"draft": True}, {"deleted_at": NOON}])
async def test_a_plan_that_is_not_ready_begins_nothing_and_says_why(
    team: Team, change: dict[str, Any]
) -> None:
    first, second = await team.question("A"), await team.question("B")
    plan = await team.plan(first, second)
    assert await begin(team, plan) == "A, B"
    async with team.rows.database.write() as db:
        await db.execute(update(Question).where(Question.id == second.id).values(change))
    said = await begin(team, plan)
    assert said.startswith(Code.PLAN_NOT_READY)
    assert "B." in said


async def test_a_plan_whose_questions_are_all_gone_begins_nothing(team: Team) -> None:
    plan = await team.plan(await team.question())
    async with team.rows.database.write() as db:
        await db.execute(delete(Question))
    assert (await begin(team, plan)).startswith(Code.PLAN_NOT_READY)


@pytest.mark.parametrize(("most", "shown"), [(0, None), (1, 1), (2, 2), (9, 2)])
async def test_a_session_follows_a_plan_by_its_clock_and_no_title_is_told(
    team: Team, most: int, shown: int | None
) -> None:
    plan = await team.plan((await team.question("s3cret A"), 20), (await team.question("B"), 5))
    session = await team.rows.session()
    async with team.rows.database.write() as db:
        stored = await db.get_one(InterviewSession, session.id)
        _, steps = await steps_to_give(db, team.library, plan.public_id)
        await follow(db, stored, steps, most)
    stored = await team.rows.reread(session)
    assert stored.clock_minutes == 25
    steps_shown = stored.clock_steps
    assert (None if steps_shown is None else len(steps_shown)) == shown
    if steps_shown is not None:
        assert steps_shown[0] == {"name": "1/2", "minutes": 20}
        assert "s3cret" not in str(steps_shown)


async def test_a_plan_that_goes_leaves_the_sessions_theirs(team: Team) -> None:
    kept, gone = await team.question("kept"), await team.question("gone")
    plan = await team.plan(kept, (gone, 5))
    session = await team.rows.session()
    async with team.rows.database.write() as db:
        _, steps = await steps_to_give(db, team.library, plan.public_id)
        await follow(db, await db.get_one(InterviewSession, session.id), steps, 9)
        await remove_plan(db, await find_plan(db, team.library, plan.public_id, lock=True))
        await db.execute(delete(Question).where(Question.id == gone.id))
    async with team.rows.database.read() as db:
        planned = await planned_for(db, session.id)
        assert await steps_of(db, []) == {}
    assert [(step.title, step.minutes) for step, _ in planned] == [("kept", 30), ("gone", 5)]
    assert [question is not None for _, question in planned] == [True, False]


# Where a session is


class Followed:
    """A session that was planned with the questions A, B and C."""

    def __init__(self, team: Team, key: int, versions: list[int]) -> None:
        self._rows = team.rows
        self.key = key
        self.versions = versions

    async def happens(self, *what: Any) -> None:
        """Have entries recorded: a number gives that question, else a branch begins or goes on."""
        for each in what:
            session = await self._rows.reread(await self._session())
            told = {"title": "x"} if isinstance(each, int) else each
            kind = "problem" if isinstance(each, int) else "branch"
            session = await self._rows.entries(session, event(kind, None, told))
            if isinstance(each, int):
                version = self.versions[each]
                row = {"session_id": self.key, "seq": session.head, "version_id": version}
                await self._rows.put(SessionProblem(**row, folder=f"{each}/"))

    async def _session(self) -> InterviewSession:
        async with self._rows.database.read() as db:
            return await db.get_one(InterviewSession, self.key)

    async def where(self) -> tuple[int | None, list[bool]]:
        """Return which question it is about, and which were given."""
        async with self._rows.database.read() as db:
            read = await read_session_plan(db, self.key)
        return read.current, [each.given for each in read.questions]


@pytest.fixture
async def followed(team: Team) -> Followed:
    session, versions = await team.rows.session(), []
    for place, title in enumerate("ABCD"):
        content = Content.model_validate({"title": title})
        question, version = await team.rows.question(content, team_id=team.library.team)
        versions.append(version.id)
        if title != "D":
            of_it = {"question_id": question.id, "title": title, "minutes": 5}
            await team.rows.put(SessionPlanStep(session_id=session.id, place=place + 1, **of_it))
    return Followed(team, session.id, versions)


BACK = {"name": "", "from": 1, "resumes": 0}


@pytest.mark.parametrize(
    ("happened", "current", "given"),
    [
        ((), None, []),
        ((0,), 0, [0]),
        ((0, 1), 1, [0, 1]),
        ((2,), 2, [2]),
        ((0, 1, 0), 0, [0, 1]),
        ((0, 3), None, [0]),
        ((3,), None, []),
        ((0, {"name": "b", "from": 1}), 0, [0]),
        ((0, {"name": "b", "from": 1}, 1), 1, [0, 1]),
        ((0, {"name": "b", "from": 1}, 1, BACK), 0, [0, 1]),
        ((0, 1, {"name": "b", "from": 1}), 0, [0, 1]),
    ],
)
async def test_a_session_is_where_its_line_of_work_is(
    followed: Followed, happened: tuple[Any, ...], current: int | None, given: list[int]
) -> None:
    await followed.happens(*happened)
    assert await followed.where() == (current, [place in given for place in range(3)])


async def test_a_question_that_was_deleted_is_named_still(rows: Rows, followed: Followed) -> None:
    await followed.happens(0)
    async with rows.database.write() as db:
        await db.execute(update(Question).values(deleted_at=NOON))
    assert await followed.where() == (0, [True, False, False])
    async with rows.database.write() as db:
        await db.execute(delete(Question))
    async with rows.database.read() as db:
        read = await read_session_plan(db, followed.key)
    assert [(each.title, each.question_id) for each in read.questions] == [
        ("A", None),
        ("B", None),
        ("C", None),
    ]
    assert await followed.where() == (None, [False, False, False])
