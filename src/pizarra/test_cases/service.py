"""The tests of a session, as the interviewers' log has them. Parts flush, never commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.errors import Conflict
from pizarra.judging.comparing import Comparator, comparator_of
from pizarra.judging.outcomes import Rule
from pizarra.judging.projects import ProjectTests
from pizarra.judging.signature import Signature
from pizarra.models import InterviewSession, PrivateEntry, Run, SessionStatus, SessionView
from pizarra.problems.course import Course, Posing, course_of
from pizarra.problems.suites import held_in
from pizarra.test_cases.instants import instants_to_try
from pizarra.test_cases.schemas import AttemptRead, TestCase, TestsUpdate
from pizarra.timeline.entries.private import Judge, TestsChanged

# What earlier versions did not record.
_NOT_KEPT = {"exit_code": None, "got": None, "got_more": 0, "complaint": None}


@dataclass(frozen=True, slots=True)
class SuiteLimits:
    """How much may be tested: tests that people write, and the cases of a question besides."""

    tests: int
    bytes: int
    cases: int
    case_bytes: int
    instants: int


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of a question: those of its newest entry `tests`, whose seq is `seq`."""

    seq: int
    author: int
    tests: list[TestCase]
    judge: Judge | None = None
    posing: Posing | None = None  # of what question; None: of none

    @property
    def folder(self) -> str | None:
        """Where its question has its files; None: it is of no question."""
        return self.posing.folder if self.posing is not None else None

    def rule(self, test: TestCase) -> Rule:
        """Return how a test is judged: as it says itself, or as the session's question does."""
        if not test.by_question or self.judge is None:
            return Rule(comparator_of(test.compare, test.tolerance))
        signature, project = self.judge.signature, self.judge.project
        return Rule(
            Comparator.model_validate(self.judge.comparator, extra="ignore"),
            None if signature is None else Signature.model_validate(signature, extra="ignore"),
            None
            if project is None
            else {
                name: ProjectTests(each.files, each.run, each.command)
                for name, each in project.items()
            },
        )

    def seconds(self, test: TestCase) -> float | None:
        """Return what a program may take for a test, where the question says it."""
        return self.judge.seconds if test.by_question and self.judge is not None else None

    @property
    def is_of_project(self) -> bool:
        """Whether its tests are files, which are run in the folder of its question whatever was run in it."""
        return self.judge is not None and self.judge.project is not None


@dataclass(frozen=True, slots=True)
class Suites:
    """The tests of each question of a session, by the folder of its files; None: those of no question."""

    course: Course
    by_folder: dict[str | None, Suite]

    @property
    def now(self) -> Suite | None:
        """The tests of what the session is about."""
        return self.by_folder.get(_folder(self.course.now))

    def of(self, program: "Program") -> Suite | None:
        """Return the tests of the question that a program answers."""
        return self.by_folder.get(_folder(self.course.of_program(program.at, program.path)))


def _folder(posing: Posing | None) -> str | None:
    return posing.folder if posing is not None else None


@dataclass(frozen=True, slots=True)
class Program:
    """What is run at an instant; without a path, what the document says."""

    at: int
    path: str | None = None
    language: str | None = None


def check_tests(tests: Sequence[TestCase], limits: SuiteLimits) -> None:
    """Raise Conflict if there are too many, or they are too large."""
    own = [each for each in tests if not each.by_question]
    cases = [each for each in tests if each.by_question]
    if len(own) > limits.tests:
        raise Conflict(
            f"tests: a session has at most {limits.tests}",
            bound="max_tests",
            code=Code.TOO_MANY_TESTS,
        )
    if len(cases) > limits.cases:
        raise Conflict(
            f"tests: a question has at most {limits.cases}",
            bound="max_question_cases",
            code=Code.TOO_MANY_TESTS,
        )
    for some, most, bound in (
        (own, limits.bytes, "max_test_bytes"),
        (cases, limits.case_bytes, "max_question_bytes"),
    ):
        if sum(len(each.stdin.encode()) + len(each.expected.encode()) for each in some) > most:
            raise Conflict(
                f"tests: together they must not have more than {most:,} bytes",
                bound=bound,
                code=Code.TESTS_TOO_LONG,
            )


async def sessions_with_tests(db: AsyncSession, since: datetime) -> list[int]:
    """Return the sessions that were ever given tests, the newest first: the open ones, and those that ended after."""
    session = InterviewSession
    query = (
        select(PrivateEntry.session_id)
        .join(session, session.id == PrivateEntry.session_id)
        .where(
            PrivateEntry.kind == "tests",
            or_(session.status == SessionStatus.OPEN.value, session.ended_at > since),
        )
        .distinct()
        .order_by(PrivateEntry.session_id.desc())
    )
    return list(await db.scalars(query))


async def find_suites(db: AsyncSession, session_key: int) -> Suites:
    """Return the tests of each question that a session was given, and those of none."""
    course = await course_of(db, session_key)
    held = await held_in(db, session_key, course)
    entries = await db.scalars(
        select(PrivateEntry).where(
            PrivateEntry.session_id == session_key,
            PrivateEntry.seq.in_([each.seq for each in held.values()]),
        )
    )
    by_seq = {each.seq: each for each in entries}
    found = [_suite(by_seq[each.seq], each.posing) for each in held.values()]
    return Suites(course, {each.folder: each for each in found if each is not None})


def _suite(entry: PrivateEntry, posing: Posing | None) -> Suite | None:
    try:
        tests = TestsUpdate.model_validate({"tests": entry.data.get("tests")}, extra="ignore").tests
        judge = TestsChanged.model_validate(entry.data).judge
        suite = Suite(entry.seq, entry.participant_id, tests, judge, posing)
        for each in tests:
            suite.rule(each)
    except ValidationError:  # an archive may say anything
        return None
    return suite if tests else None


async def list_attempts(
    db: AsyncSession, session_key: int, suites: Iterable[Suite]
) -> dict[int, list[AttemptRead]]:
    """Return what came of tests, by the entry that has them: of each in the order of the instants."""
    wanted = {each.seq: each for each in suites}
    found: dict[int, dict[int, AttemptRead]] = {each: {} for each in wanted}
    query = (
        select(PrivateEntry.anchor, PrivateEntry.data)
        .where(
            PrivateEntry.session_id == session_key,
            PrivateEntry.kind == "test.result",
            PrivateEntry.seq > min(wanted, default=0),
        )
        .order_by(PrivateEntry.anchor, PrivateEntry.seq)
    )
    for anchor, data in await db.execute(query) if wanted else ():
        suite, attempt = wanted.get(data.get("of")), _attempt(anchor, data)
        if suite is not None and attempt is not None and len(attempt.results) == len(suite.tests):
            found[suite.seq][anchor] = attempt
    return {of: list(attempts.values()) for of, attempts in found.items()}


def _attempt(anchor: int, data: dict[str, Any]) -> AttemptRead | None:
    try:
        results = [{**_NOT_KEPT, **each} for each in data["results"]]
        return AttemptRead.model_validate(
            {"at": anchor, "time": data.get("time"), "results": results}
        )
    except (ValidationError, KeyError, TypeError):  # an archive may say anything
        return None


async def programs_to_try(
    db: AsyncSession, session: SessionView, suites: Suites, limits: SuiteLimits
) -> list[tuple[Program, Suite]]:
    """Return what is tried, and the tests it is tried on, in the order of the timeline."""
    if not suites.by_folder:
        return []
    query = (
        select(Run.code_seq, Run.path, Run.language)
        .where(Run.session_id == session.id)
        .order_by(Run.id.desc())
        .limit(limits.instants)
    )
    runs: dict[int, list[Program]] = {}
    for seq, path, language in await db.execute(query):
        runs.setdefault(seq, []).append(Program(seq, path, language))
    ended = session.status == SessionStatus.ENDED
    wanted = [*runs, *suites.course.turns()]
    found: list[tuple[Program, Suite]] = []
    for at in instants_to_try(session.head, wanted, ended=ended, most=limits.instants):
        # Programs of several questions may have run on the same code: of each the newest.
        newest: dict[int, tuple[Program, Suite]] = {}
        for program in runs.get(at, [Program(at)]):
            suite = suites.of(program)
            if suite is not None:
                newest.setdefault(suite.seq, (program, suite))
        found += newest.values()
    return found
