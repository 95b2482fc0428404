"""Sessions' tests are tried in the background: newest first, in turn with others', and never for ever.

Database, log and rooms are real; the worker is a test's word.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import delete, select
from tests.harness.fleet import said
from tests.harness.machine import Answer, Machine, end, prints
from tests.harness.rows import NOON, Rows

from pizarra.collab.state.document import Document
from pizarra.models import (
    InterviewSession,
    Participant,
    PrivateEntry,
    Role,
    Run,
    SessionProblem,
    TimelineChunk,
)
from pizarra.services import Services
from pizarra.test_cases.evaluator import Evaluator
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.packing.packer import Packer

TWO = [
    {"name": "a", "stdin": "1\n", "expected": "1"},
    {"name": "b", "stdin": "2\n", "expected": "2"},
]


class Desk:
    """An evaluator at work with a worker that answers as a test says."""

    def __init__(self, parts: Services, *answers: Answer, **settings: Any) -> None:
        self.parts = parts
        self.rows = Rows(parts.database)
        self.machine = Machine(*answers)
        self.evaluator = Evaluator(
            parts.settings.model_copy(update=settings),
            parts.database,
            parts.hub,
            self.machine.fleet.client,
            lambda: NOON,
        )

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Inside, it works."""
        working = asyncio.create_task(self._work())
        try:
            yield
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.evaluator.work())
            tasks.create_task(self._answer())

    async def _answer(self) -> None:
        while True:
            self.machine.answer()
            await asyncio.sleep(0.001)

    async def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(10):
            while True:
                found = holds()
                if await found if asyncio.iscoroutine(found) else found:
                    return
                await asyncio.sleep(0.005)

    async def session(self, *texts: str, tests: Any = TWO) -> "Work":
        """Make a session in which these texts were written, with tests."""
        made = await self.rows.session()
        ana = await self.rows.person(made, "Ana", Role.HOST)
        work = Work(self, made, ana)
        for text in texts:
            await work.write(text)
        if tests:
            await work.test(tests)
        return work


class Work:
    """A session and its tests."""

    def __init__(self, desk: Desk, session: InterviewSession, ana: Participant) -> None:
        self.desk = desk
        self.key = session.id
        self._room = session.room_id
        self._ana = ana

    async def write(self, text: str, path: str = "main.py") -> None:
        """Write a file anew."""

        def put(document: Document) -> None:
            wanted = Document()
            wanted.edit(lambda it: it.put_file(path, "python", text))
            document.restore(wanted)

        await self.desk.parts.hub.change(self._room, put)

    async def test(self, tests: Any) -> int:
        """Give it tests."""
        async with self.desk.parts.database.write() as db:
            session = await db.get_one(InterviewSession, self.key)
            session.private_head += 1
            db.add(
                PrivateEntry(
                    session_id=self.key,
                    seq=session.private_head,
                    at=NOON,
                    kind="tests",
                    participant_id=self._ana.id,
                    anchor=session.head,
                    data={"tests": tests, "problem": 0},
                )
            )
            return session.private_head

    async def run(self, seq: int, path: str = "main.py") -> None:
        """Have a program run on the code of an entry."""
        await self.desk.rows.put(
            Run(
                public_id=f"{self.key:016}{seq:016}",
                session_id=self.key,
                language="python",
                path=path,
                stdin="",
                status="exited",
                diagnostics=[],
                code_seq=seq,
                started_seq=seq,
                created_at=NOON,
            )
        )

    async def end(self) -> None:
        """End the session."""
        async with self.desk.parts.database.write() as db:
            session = await db.get_one(InterviewSession, self.key)
            session.status, session.ended_at = "ended", NOON

    async def results(self) -> list[tuple[int, list[str]]]:
        """Return what was recorded: the instant, and how each test went, in the order of recording."""
        query = select(PrivateEntry.anchor, PrivateEntry.data).where(
            PrivateEntry.session_id == self.key, PrivateEntry.kind == "test.result"
        )
        async with self.desk.parts.database.read() as db:
            rows = await db.execute(query.order_by(PrivateEntry.seq))
            return [
                (at, ["+" if each["passed"] else each["status"] for each in data["results"]])
                for at, data in rows
            ]

    async def has(self, count: int) -> bool:
        """Tell whether so many instants were tried."""
        return len(await self.results()) >= count

    def problem(self) -> str | None:
        """Return why it does not go on."""
        return self.desk.evaluator.problem(self.key)


def echo(request: Any) -> tuple[bytes, Any]:
    """Answer as a program that prints what it reads."""
    return request.stdin.encode(), end(request)


async def test_what_ran_is_tried_newest_first_and_then_the_end(parts: Services) -> None:
    desk = Desk(parts, echo)
    work = await desk.session("one", "two", "three")
    for seq in (1, 2):
        await work.run(seq)
    await work.end()
    async with desk.at_work():
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(3))
    assert await work.results() == [(2, ["+", "+"]), (1, ["+", "+"]), (3, ["+", "+"])]
    assert work.problem() is None


async def test_what_was_tried_is_not_tried_again(parts: Services) -> None:
    desk = Desk(parts, echo)
    work = await desk.session("one")
    await work.run(1)
    async with desk.at_work():
        for _ in range(3):
            desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(1))
        await work.write("two")
        await work.run(2)
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(2))
    assert [at for at, _ in await work.results()] == [1, 2]
    assert len(desk.machine.runs) == 4


async def test_a_start_takes_up_what_was_left(parts: Services) -> None:
    desk = Desk(parts, echo)
    works = [await desk.session("one") for _ in range(3)]
    for work in works:
        await work.run(1)
    async with desk.at_work():
        for work in works:
            await desk.until(lambda it=work: it.has(1))  # type: ignore[misc]


async def test_other_tests_are_tried_anew_and_what_came_of_the_old_is_not_recorded(
    parts: Services,
) -> None:
    held: list[Any] = []

    def hold(request: Any) -> tuple[bytes, Any]:
        held.append(request)
        return b"", None

    desk = Desk(parts, hold, echo)
    work = await desk.session("one")
    await work.run(1)
    async with desk.at_work():
        await desk.until(lambda: len(held) == 1)
        newest = await work.test(TWO[:1])
        desk.evaluator.ask(work.key)
        link = desk.machine.fleet.links["a"]
        link.receive(said(held[0].run_id, b"1\n"))
        link.receive(end(held[0]))
        await desk.until(lambda: work.has(1))
    assert await work.results() == [(1, ["+"])]
    async with parts.database.read() as db:
        data = await db.scalar(select(PrivateEntry.data).where(PrivateEntry.kind == "test.result"))
    assert data is not None
    assert data["of"] == newest


async def test_a_file_that_is_not_there_passes_nothing_and_runs_nothing(parts: Services) -> None:
    desk = Desk(parts, echo)
    work = await desk.session("one")
    await work.run(1, "gone.py")
    async with desk.at_work():
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(1))
    assert await work.results() == [(1, ["no_file", "no_file"])]
    assert desk.machine.runs == []


async def test_the_code_is_that_of_the_instant_packed_or_not(parts: Services) -> None:
    desk = Desk(parts, echo)
    work = await desk.session("one", "two", "three")
    await work.run(1)
    await work.end()
    await Packer(parts.database, Recent(0)).pack_due()
    async with desk.at_work():
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(2))
    assert [each.files["main.py"] for each in desk.machine.runs] == ["one", "one", "three", "three"]


async def test_a_pass_is_kept_with_the_question_and_a_failure_is_not(parts: Services) -> None:
    desk = Desk(parts, prints("1"), prints("no"), echo)
    work = await desk.session("one", "two", tests=None)
    async with parts.database.write() as db:
        db.add(SessionProblem(session_id=work.key, seq=1, folder=""))
        session = await db.get_one(InterviewSession, work.key)
        ana = await db.scalar(select(Participant.id).where(Participant.session_id == work.key))
        db.add(
            PrivateEntry(
                session_id=work.key,
                seq=1,
                at=NOON,
                kind="tests",
                participant_id=ana,
                anchor=1,
                data={"tests": TWO, "problem": 1},
            )
        )
        session.private_head = 1
    await work.run(1)

    async def passed() -> Any:
        async with parts.database.read() as db:
            return await db.scalar(select(SessionProblem.passed_at))

    async with desk.at_work():
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(1))
        assert await passed() is None
        await work.run(2)
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(2))
    assert await passed() == NOON
    assert [each for _, each in await work.results()] == [["+", "exited"], ["+", "+"]]


async def test_a_program_that_takes_long_waits_for_others_like_it_and_for_nobody_else(
    parts: Services,
) -> None:
    """Its first look runs out of a short time; then it is in the lane where that is no matter."""
    desk = Desk(parts, prints("", "timeout"), prints("", "timeout"), echo)
    slow = await desk.session("slow")
    await slow.run(1)
    async with desk.at_work():
        desk.evaluator.ask(slow.key)
        await desk.until(lambda: slow.has(1))
        quick = await desk.session("quick")
        await quick.run(1)
        desk.evaluator.ask(quick.key)
        await desk.until(lambda: quick.has(1))
    assert await slow.results() == [(1, ["timeout", "timeout"])]
    assert await quick.results() == [(1, ["+", "+"])]


async def test_a_problem_is_forgotten_once_it_goes_on(parts: Services) -> None:
    failing = prints("", "sandbox_error")
    desk = Desk(parts, failing, echo)
    work = await desk.session("one")
    await work.run(1)
    async with desk.at_work():
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.problem() is not None)
        assert await work.results() == []
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.has(1))
        await desk.until(lambda: work.problem() is None)


async def test_a_full_private_log_is_said(parts: Services) -> None:
    desk = Desk(parts, echo, max_private_entries=1)
    work = await desk.session("one")
    await work.run(1)
    async with desk.at_work():
        desk.evaluator.ask(work.key)
        await desk.until(lambda: work.problem() is not None)
    assert "private entries" in str(work.problem())
    assert await work.results() == []


async def test_a_session_that_is_gone_is_asked_for_in_vain(parts: Services) -> None:
    desk = Desk(parts, echo)
    work = await desk.session("one")
    await work.run(1)
    async with parts.database.write() as db:
        await db.execute(delete(InterviewSession).where(InterviewSession.id == work.key))
    other = await desk.session("one")
    await other.run(1)
    async with desk.at_work():
        for key in (work.key, 10**9, other.key):
            desk.evaluator.ask(key)
        await desk.until(lambda: other.has(1))
    assert work.problem() is None


async def test_what_fails_here_stops_nobody_elses_tests(
    parts: Services, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(parts, echo)
    broken, other = await desk.session("one", "two"), await desk.session("one")
    await broken.run(2)
    await broken.end()
    await Packer(parts.database, Recent(0)).pack_due()
    async with parts.database.write() as db:
        chunk = (await db.scalars(select(TimelineChunk))).one()
        chunk.packed = chunk.packed[:-3]
    await other.run(1)
    caplog.set_level(logging.CRITICAL)
    async with desk.at_work():
        for each in (broken, other):
            desk.evaluator.ask(each.key)
        await desk.until(lambda: other.has(1))
        await desk.until(lambda: broken.problem() is not None)
    assert "were changed in the database" in str(broken.problem())
    assert await broken.results() == []


async def test_sessions_have_their_turns(parts: Services) -> None:
    """One that has much to try does not keep another from its first."""
    desk = Desk(parts, echo)
    long = await desk.session(*(str(n) for n in range(12)))
    for seq in range(1, 13):
        await long.run(seq)
    short = await desk.session("one")
    await short.run(1)
    async with desk.at_work():
        for each in (long, short):
            desk.evaluator.ask(each.key)
        await desk.until(lambda: short.has(1))
        assert len(await long.results()) < 12
        await desk.until(lambda: long.has(12))
    assert [at for at, _ in await long.results()] == list(range(12, 0, -1))


async def test_of_very_many_problems_the_oldest_are_forgotten(parts: Services) -> None:
    desk = Desk(parts, echo)
    for key in range(300):
        desk.evaluator._note(key, "x")  # noqa: SLF001 - three hundred sessions take long to make
    assert desk.evaluator.problem(43) is None
    assert desk.evaluator.problem(44) == "x"
