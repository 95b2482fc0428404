"""A session's tests: which hold for which question, on which programs they are tried, and what of it is believed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.answers.codes import Code
from pizarra.errors import Conflict
from pizarra.judging.comparing import comparator_of
from pizarra.models import (
    InterviewSession,
    Participant,
    PrivateEntry,
    Role,
    Run,
    SessionProblem,
)
from pizarra.test_cases import service as tests
from pizarra.test_cases.schemas import TestCase as Case
from pizarra.test_cases.service import Program, Suite, SuiteLimits
from pizarra.timeline.entries.private import Judge, JudgedBy

LIMITS = SuiteLimits(tests=2, bytes=10, cases=3, case_bytes=20, instants=80)
CASE = {"name": "a", "stdin": "1", "expected": "2"}
PASSED = {"passed": True, "status": "exited", "duration_ms": 1}


class Interview:
    """A session with a log, an interviewers' log, questions and runs."""

    def __init__(self, rows: Rows, session: InterviewSession, ana: Participant) -> None:
        self.rows = rows
        self.key = session.id
        self.ana = ana

    async def session(self) -> InterviewSession:
        """Return it as it is stored."""
        async with self.rows.database.read() as db:
            return await db.get_one(InterviewSession, self.key)

    async def happens(self, count: int = 1) -> int:
        """Have so many entries recorded; return the newest."""
        said = [event("said", None, {"text": "x"})] * count
        return (await self.rows.entries(await self.session(), *said)).head

    async def about(self, folder: str) -> int:
        """Have it be about a question from now on; return the entry."""
        session = await self.rows.entries(await self.session(), event("problem", None, {}))
        await self.rows.put(SessionProblem(session_id=self.key, seq=session.head, folder=folder))
        return session.head

    async def note(self, kind: str, data: Any, anchor: int | None = None) -> int:
        """Have an entry in the interviewers' log; return its number."""
        session = await self.session()
        seq = session.private_head + 1
        await self.rows.put(
            PrivateEntry(
                session_id=self.key,
                seq=seq,
                at=NOON,
                kind=kind,
                participant_id=self.ana.id,
                anchor=session.head if anchor is None else anchor,
                data=data,
            )
        )
        async with self.rows.database.write() as db:
            (await db.get_one(InterviewSession, self.key)).private_head = seq
        return seq

    async def run(self, path: str = "main.py", at: int | None = None, **changes: Any) -> int:
        """Have a program run; return the instant of its code."""
        seq = (await self.session()).head if at is None else at
        stored = {
            "public_id": f"{seq:016}{abs(hash(path)) % 10**16:016}",
            "session_id": self.key,
            "language": "python",
            "path": path,
            "stdin": "",
            "status": "exited",
            "diagnostics": [],
            "code_seq": seq,
            "started_seq": seq,
            "created_at": NOON,
        }
        await self.rows.put(Run(**{**stored, **changes}))
        return seq

    async def suites(self) -> tests.Suites:
        """Return its tests."""
        async with self.rows.database.read() as db:
            return await tests.find_suites(db, self.key)

    async def tried(self, **limits: Any) -> list[tuple[int, str | None, str | None]]:
        """Return on what they are tried: the instant, the path, the folder of the question."""
        known = {"tests": 2, "bytes": 10, "cases": 3, "case_bytes": 20, "instants": 80}
        async with self.rows.database.read() as db:
            found = await tests.programs_to_try(
                db, await self.session(), await self.suites(), SuiteLimits(**{**known, **limits})
            )
        return [(program.at, program.path, suite.folder) for program, suite in found]

    async def attempts(self) -> dict[int, list[int]]:
        """Return the entry of each suite → the instants that were tried."""
        async with self.rows.database.read() as db:
            suites = (await self.suites()).by_folder.values()
            found = await tests.list_attempts(db, self.key, suites)
        return {of: [each.at for each in some] for of, some in found.items()}


@pytest.fixture
async def tested(rows: Rows) -> Interview:
    session = await rows.session()
    return Interview(rows, session, await rows.person(session, "Ana", Role.HOST))


# How many there may be


def case(size: int = 2, *, by_question: bool = False) -> Case:
    text = {"stdin": "x" * (size // 2), "expected": "x" * (size - size // 2)}
    return Case.model_validate({**text, "by_question": by_question})


@pytest.mark.parametrize(
    ("some", "bound", "code"),
    [
        ([], None, None),
        ([case()] * 2, None, None),
        ([case()] * 3, "max_tests", Code.TOO_MANY_TESTS),
        ([case(by_question=True)] * 3, None, None),
        ([case(by_question=True)] * 4, "max_question_cases", Code.TOO_MANY_TESTS),
        ([case()] * 2 + [case(by_question=True)] * 3, None, None),
        ([case(10)], None, None),
        ([case(11)], "max_test_bytes", Code.TESTS_TOO_LONG),
        ([case(5), case(6)], "max_test_bytes", Code.TESTS_TOO_LONG),
        ([case(20, by_question=True), case(10)], None, None),
        ([case(21, by_question=True)], "max_question_bytes", Code.TESTS_TOO_LONG),
        ([Case(expected="ñ" * 5)], None, None),
        ([Case(expected="ñ" * 6)], "max_test_bytes", Code.TESTS_TOO_LONG),
    ],
)
def test_tests_that_people_write_and_a_questions_are_bounded_apart(
    some: list[Case], bound: str | None, code: Code | None
) -> None:
    if bound is None:
        tests.check_tests(some, LIMITS)
        return
    with pytest.raises(Conflict) as refused:
        tests.check_tests(some, LIMITS)
    assert (refused.value.bound, refused.value.code) == (bound, code)


# How a test is judged


def judge(**changes: Any) -> Judge:
    return Judge.model_validate({"comparator": {"how": "multiset"}, "seconds": 1.5, **changes})


def test_a_test_is_judged_as_it_says_or_as_the_question_does() -> None:
    suite = Suite(1, 1, [], judge())
    own = Case(expected="1", compare="numbers", tolerance=0.5)
    assert suite.rule(own).comparator == comparator_of("numbers", 0.5)
    assert suite.seconds(own) is None
    asked = own.model_copy(update={"by_question": True})
    assert suite.rule(asked).comparator.how == "multiset"
    assert suite.seconds(asked) == 1.5
    said_itself = Suite(1, 1, []).rule(asked).comparator
    assert said_itself == comparator_of("numbers", 0.5), "no question says anything"
    assert Suite(1, 1, []).seconds(asked) is None


def test_a_projects_tests_are_files() -> None:
    project = {"python": JudgedBy(files={"test_a.py": ""}, run=["test_a.py"])}
    suite = Suite(1, 1, [], judge(project=project))
    assert suite.is_of_project
    rule = suite.rule(Case(expected="1", by_question=True))
    assert rule.project is not None
    assert rule.project["python"].run == ["test_a.py"]
    assert not Suite(1, 1, [], judge()).is_of_project
    assert not Suite(1, 1, []).is_of_project


# Which hold


async def test_the_newest_tests_hold(tested: Interview) -> None:
    assert (await tested.suites()).now is None
    await tested.note("tests", {"tests": [CASE], "problem": 0})
    newest = await tested.note("tests", {"tests": [CASE, CASE], "problem": 0})
    await tested.note("note", {"text": "x"})
    now = (await tested.suites()).now
    assert now is not None
    assert (now.seq, len(now.tests), now.author, now.folder) == (newest, 2, tested.ana.id, None)


async def test_none_are_none(tested: Interview) -> None:
    await tested.note("tests", {"tests": [CASE], "problem": 0})
    await tested.note("tests", {"tests": [], "problem": 0})
    assert (await tested.suites()).by_folder == {}


NO_TESTS: list[dict[str, Any]] = [
    {},
    {"tests": None},
    {"tests": "all"},
    {"tests": [{"name": "x"}]},
    {"tests": [{**CASE, "compare": "nonsense"}]},
    {"tests": [{**CASE, "tolerance": 5}]},
    {"tests": [CASE], "judge": {"comparator": 5}},
    {"tests": [{**CASE, "by_question": True}], "judge": {"comparator": {"how": "magic"}}},
    {"tests": [{**CASE, "by_question": True}], "judge": {"comparator": {}, "signature": {}}},
]


async def test_what_an_archive_says_of_tests_may_be_none(tested: Interview) -> None:
    for data in NO_TESTS:
        await tested.note("tests", {"problem": 0, **data})
        suites = await tested.suites()
        assert (suites.by_folder, suites.now) == ({}, None), data


async def test_what_a_newer_version_adds_is_passed_over(tested: Interview) -> None:
    data = {"tests": [{**CASE, "newer": 1}], "judge": {"comparator": {"how": "tokens", "newer": 1}}}
    await tested.note("tests", {**data, "problem": 0, "newer": 1})
    assert len((await tested.suites()).by_folder) == 1


async def test_each_question_has_its_tests_and_those_of_now_are_of_what_it_is_about(
    tested: Interview,
) -> None:
    first = await tested.about("a/")
    of_a = await tested.note("tests", {"tests": [CASE], "problem": first})
    second = await tested.about("b/")
    assert (await tested.suites()).now is None
    of_b = await tested.note("tests", {"tests": [CASE], "problem": second})
    suites = await tested.suites()
    assert {folder: each.seq for folder, each in suites.by_folder.items()} == {
        "a/": of_a,
        "b/": of_b,
    }
    assert suites.now is suites.by_folder["b/"]
    for path, at, folder in (
        ("a/main.py", second, "a/"),
        ("b/main.py", second, "b/"),
        ("b/main.py", first, None),
        ("main.py", second, None),
        (None, first, "a/"),
        (None, second, "b/"),
        (None, 0, None),
    ):
        found = suites.of(Program(at, path))
        assert (found.folder if found is not None else None) == folder, (path, at)


# On what they are tried


async def test_without_tests_nothing_is_tried(tested: Interview) -> None:
    await tested.happens(40)
    await tested.run()
    assert await tested.tried() == []


async def test_every_run_and_checkpoints_between_are_tried(tested: Interview) -> None:
    await tested.note("tests", {"tests": [CASE], "problem": 0})
    await tested.happens(20)
    await tested.run()
    await tested.happens(20)
    assert await tested.tried() == [(16, None, None), (20, "main.py", None), (32, None, None)]
    async with tested.rows.database.write() as db:
        await db.execute(update(InterviewSession).values(status="ended", ended_at=NOON))
    assert (await tested.tried())[-1] == (40, None, None), "the end"


async def test_of_very_many_runs_the_newest_are_tried(tested: Interview) -> None:
    await tested.note("tests", {"tests": [CASE], "problem": 0})
    for _ in range(9):
        await tested.happens()
        await tested.run()
    assert [at for at, *_ in await tested.tried(instants=27)] == [7, 8, 9]


async def test_programs_of_two_questions_that_ran_on_the_same_code_are_both_tried(
    tested: Interview,
) -> None:
    """Nobody typed between the runs, so that both are of one instant."""
    for folder in ("a/", "b/"):
        seq = await tested.about(folder)
        await tested.note("tests", {"tests": [CASE], "problem": seq})
    await tested.happens(3)
    for path in ("a/main.py", "b/main.py", "elsewhere.py"):
        at = await tested.run(path)
    found = await tested.tried()
    assert sorted(each for each in found if each[0] == at) == [
        (at, "a/main.py", "a/"),
        (at, "b/main.py", "b/"),
    ]


async def test_of_one_questions_programs_on_the_same_code_the_newest_is_tried(
    tested: Interview,
) -> None:
    await tested.note("tests", {"tests": [CASE], "problem": 0})
    await tested.happens(3)
    for path in ("helper.py", "main.py"):
        await tested.run(path)
    assert await tested.tried() == [(3, "main.py", None)]


async def test_a_question_is_tried_where_it_was_left(tested: Interview) -> None:
    first = await tested.about("a/")
    await tested.note("tests", {"tests": [CASE], "problem": first})
    await tested.happens(3)
    await tested.about("b/")
    assert await tested.tried() == [(4, None, "a/")]


# What came of them


async def test_what_came_of_tests_is_listed_by_instant(tested: Interview) -> None:
    of = await tested.note("tests", {"tests": [CASE], "problem": 0})
    await tested.happens(9)
    for at in (7, 2, 5):
        await tested.note("test.result", {"of": of, "results": [PASSED]}, at)
    assert await tested.attempts() == {of: [2, 5, 7]}


async def test_of_several_at_one_instant_the_newest_counts(tested: Interview) -> None:
    of = await tested.note("tests", {"tests": [CASE], "problem": 0})
    for passed in (False, True):
        result = {**PASSED, "passed": passed}
        await tested.note("test.result", {"of": of, "results": [result]}, 0)
    async with tested.rows.database.read() as db:
        found = await tests.list_attempts(
            db, tested.key, (await tested.suites()).by_folder.values()
        )
    assert [each.results[0].passed for each in found[of]] == [True]
    assert (found[of][0].time, found[of][0].results[0].got_more) == (None, 0)


async def test_what_came_of_other_tests_is_not_of_these(tested: Interview) -> None:
    old = await tested.note("tests", {"tests": [CASE], "problem": 0})
    await tested.note("test.result", {"of": old, "results": [PASSED]}, 0)
    of = await tested.note("tests", {"tests": [CASE], "problem": 0})
    assert await tested.attempts() == {of: []}


NO_RESULTS: list[dict[str, Any]] = [
    {"results": []},
    {"results": [PASSED, PASSED]},
    {"results": [{"passed": True}]},
    {"results": None},
    {"results": [5]},
    {"results": [{**PASSED, "duration_ms": -1}]},
    {"results": [PASSED], "time": "soon"},
    {},
]


async def test_what_does_not_fit_the_tests_does_not_count(tested: Interview) -> None:
    of = await tested.note("tests", {"tests": [CASE], "problem": 0})
    for at, data in enumerate(NO_RESULTS):
        await tested.note("test.result", {"of": of, **data}, at)
        assert await tested.attempts() == {of: []}, data


async def test_without_suites_nothing_is_asked(tested: Interview) -> None:
    async with tested.rows.database.read() as db:
        assert await tests.list_attempts(db, tested.key, []) == {}


# What a server takes up when it starts


@pytest.mark.parametrize(
    ("session", "taken_up"),
    [
        ({}, True),
        ({"status": "ended", "ended_at": NOON}, True),
        ({"status": "ended", "ended_at": NOON - timedelta(days=1)}, False),
        ({"status": "ended", "ended_at": NOON - timedelta(days=1) + timedelta(seconds=1)}, True),
    ],
)
async def test_which_sessions_are_taken_up(
    rows: Rows, session: dict[str, Any], taken_up: bool
) -> None:
    made = await rows.session(**session)
    tested = Interview(rows, made, await rows.person(made, "Ana", Role.HOST))
    for _ in range(2):
        await tested.note("tests", {"tests": []})
    await rows.session()
    async with rows.database.read() as db:
        found = await tests.sessions_with_tests(db, NOON - timedelta(days=1))
    assert found == ([made.id] if taken_up else [])
