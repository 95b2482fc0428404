"""The tests of a session, as the interviewers' log has them. Services flush, never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.errors import Conflict
from pizarra.models import InterviewSession, PrivateEntry, Run, SessionStatus
from pizarra.test_cases.instants import instants_to_try
from pizarra.test_cases.schemas import AttemptRead, TestCase, TestsUpdate


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be tested."""

    tests: int
    bytes: int
    instants: int


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests that hold now: those of the newest entry `tests`, whose seq is `seq`."""

    seq: int
    author: int
    tests: list[TestCase]


@dataclass(frozen=True, slots=True)
class Program:
    """What is run at an instant; without a path, what the document says."""

    at: int
    path: str | None = None
    language: str | None = None


def check_tests(tests: Sequence[TestCase], limits: Limits) -> None:
    """Raise Conflict if there are too many, or they are too large."""
    if len(tests) > limits.tests:
        raise Conflict(f"tests: a session has at most {limits.tests}")
    size = sum(len(each.stdin.encode()) + len(each.expected.encode()) for each in tests)
    if size > limits.bytes:
        raise Conflict(f"tests: together they must not have more than {limits.bytes:,} bytes")


async def sessions_with_tests(db: AsyncSession, since: datetime) -> list[int]:
    """Return the sessions that were ever given tests, the newest first: the open ones, and those that ended after."""
    session = InterviewSession
    query = (
        select(PrivateEntry.session_id)
        .join(session, session.id == PrivateEntry.session_id)
        .where(PrivateEntry.kind == "tests", or_(session.status == SessionStatus.OPEN.value, session.ended_at > since))
        .distinct()
        .order_by(PrivateEntry.session_id.desc())
    )
    return list(await db.scalars(query))


async def find_suite(db: AsyncSession, session_key: int) -> Suite | None:
    """Return the tests that hold now, or None."""
    query = (
        select(PrivateEntry)
        .where(PrivateEntry.session_id == session_key, PrivateEntry.kind == "tests")
        .order_by(PrivateEntry.seq.desc())
        .limit(1)
    )
    entry = await db.scalar(query)
    if entry is None:
        return None
    try:
        tests = TestsUpdate.model_validate(entry.data, extra="ignore").tests
    except ValidationError:  # an archive may say anything
        return None
    return Suite(entry.seq, entry.participant_id, tests) if tests else None


async def list_attempts(db: AsyncSession, session_key: int, suite: Suite) -> list[AttemptRead]:
    """Return what came of these tests, by instant."""
    query = (
        select(PrivateEntry.anchor, PrivateEntry.data)
        .where(
            PrivateEntry.session_id == session_key,
            PrivateEntry.kind == "test.result",
            PrivateEntry.seq > suite.seq,
        )
        .order_by(PrivateEntry.anchor, PrivateEntry.seq)
    )
    found = {}
    for anchor, data in await db.execute(query):
        attempt = _attempt(anchor, data)
        if attempt is not None and data.get("of") == suite.seq and len(attempt.results) == len(suite.tests):
            found[anchor] = attempt
    return list(found.values())


def _attempt(anchor: int, data: dict[str, Any]) -> AttemptRead | None:
    try:
        return AttemptRead.model_validate({"at": anchor, "results": data["results"]})
    except (ValidationError, KeyError):  # an archive may say anything
        return None


async def programs_to_try(db: AsyncSession, session: InterviewSession, limits: Limits) -> list[Program]:
    """Return what the tests are tried on, in the order of the timeline."""
    query = (
        select(Run.code_seq, Run.path, Run.language)
        .where(Run.session_id == session.id)
        .order_by(Run.id.desc())
        .limit(limits.instants)
    )
    runs = {seq: (path, language) for seq, path, language in await db.execute(query)}
    ended = session.status == SessionStatus.ENDED
    instants = instants_to_try(session.head, runs, ended=ended, most=limits.instants)
    return [Program(at, *runs.get(at, (None, None))) for at in instants]
