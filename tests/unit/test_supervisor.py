"""A run from the queue to its end: recorded before it is shown, within its shares, and given up when nobody can follow.

Database, journal and rooms are real; the runner is a test's word.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.harness.core import ANA, connect
from tests.harness.fleet import Fleet, ended, running, said
from tests.harness.fresh import embed

from pizarra.access.disk import Disk
from pizarra.cluster.siblings import Siblings
from pizarra.collab.journal import SessionClosed
from pizarra.collab.wire.codec import MessageType
from pizarra.composition import build_services
from pizarra.config import Settings
from pizarra.errors import AppError, Conflict, DiskFull, TooManyRequests, Unavailable
from pizarra.execution.elsewhere import INPUT, RESIZE, STOP, STOP_ALL
from pizarra.execution.records import RunPlan, end_run
from pizarra.http.metrics import Metrics
from pizarra.kit.clock import utc_now
from pizarra.migrations import migrate
from pizarra.models import InterviewSession, Run, SessionStatus, SessionView, TimelineEntry
from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.protocol import ProgramEnded, Resize, StartRun, StopRun, WriteStdin
from pizarra.sessions import service as sessions
from pizarra.sessions import starts
from pizarra.sessions.schemas import SessionCreate

MIB = 2**20
WINDOW = TerminalSize()


class Stage:
    """A process with one worker, which says what a test has it say."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings(data_dir=folder, runner="workers", **settings)
        self.metrics = Metrics()
        self.services = build_services(self.settings, utc_now, self.metrics, Siblings())
        self.database, self.runs = self.services.database, self.services.runs
        self.fleet = Fleet("worker", client=self.services.runner)

    async def session(self, *, rehearsal_of: int | None = None) -> SessionView:
        """Return a new session."""
        wanted = SessionCreate()
        start = starts.start_of(wanted, 10_000)
        made = await self.database.transact_shared(
            lambda write: sessions.create_session(
                write, wanted, start, utc_now(), rehearsal_of=rehearsal_of
            )
        )
        async with self.database.read() as db:
            return await db.get_one(InterviewSession, made.id)

    async def start(
        self,
        session: SessionView,
        *,
        terminal: bool = False,
        address: str = "::1",
        replace: bool = False,
    ) -> str:
        """Begin a run; return its id."""
        plan = RunPlan(
            session=session,
            participant=None,
            language="python",
            path="main.py",
            files={"main.py": ""},
            stdin=None,
            terminal=WINDOW if terminal else None,
            code_seq=1,
        )
        return (await self.runs.start(plan, None, address, replace=replace)).public_id

    def say(self, *events: Any) -> None:
        """Have the worker say something."""
        for each in events:
            self.fleet.links["worker"].receive(each)

    async def end(self, run_id: str) -> None:
        """Have one run and end, and wait for the record of it."""
        self.say(running(run_id), ended(run_id))
        await self.runs.wait(run_id, 10)
        assert await self.status(run_id) == "exited"

    def told(self, kind: type[Any]) -> list[str]:
        """Return of which runs the worker was told something."""
        return [each.run_id for each in self.fleet.told["worker"] if isinstance(each, kind)]

    async def status(self, run_id: str) -> str:
        """Return what the database says of a run."""
        async with self.database.read() as db:
            found = await db.execute(select(Run.status).where(Run.public_id == run_id))
            return str(found.scalar_one())

    async def entries(self, session: SessionView) -> list[tuple[str, Any]]:
        """Return the timeline of a session without its edits."""
        query = (
            select(TimelineEntry.kind, TimelineEntry.data)
            .where(TimelineEntry.session_id == session.id, TimelineEntry.kind != "edit")
            .order_by(TimelineEntry.seq)
        )
        async with self.database.read() as db:
            return [(kind, data) for kind, data in await db.execute(query)]

    async def change(self, session: SessionView, **values: Any) -> None:
        """Change the row of a session, behind everybody's back."""
        async with self.database.write() as db:
            row = InterviewSession.id == session.id
            await db.execute(update(InterviewSession).where(row).values(**values))


@contextlib.asynccontextmanager
async def stage_of(folder: Path, **settings: Any) -> AsyncIterator[Stage]:
    """Give one that serves, on a new database."""
    embed(folder)
    stage = Stage(folder, **settings)
    await migrate.prepare(stage.database)
    await stage.services.nodes.join()
    try:
        yield stage
    finally:
        await stage.services.runner.stop()
        await stage.runs.stop()
        await stage.services.journal.close()
        await stage.database.dispose()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """One with everything as the settings have it."""
    async with stage_of(tmp_path) as found:
        yield found


async def until(is_so: Any) -> None:
    """Wait for what the event loop brings."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0)


async def test_what_happens_in_a_run_is_on_the_timeline_in_its_order(stage: Stage) -> None:
    session = await stage.session()
    run_id = await stage.start(session)
    assert stage.told(StartRun) == [run_id]
    assert await stage.status(run_id) == "queued"
    assert stage.runs.is_live(run_id, session.id)
    assert stage.metrics.active_runs._value.get() == 1  # noqa: SLF001
    stage.say(running(run_id), said(run_id, b"one\n"), said(run_id, b"two\n"))
    stage.say(ended(run_id))
    await stage.runs.wait(run_id, 10)
    entries = await stage.entries(session)
    assert [kind for kind, _ in entries][:1] == ["run.started"]
    assert [kind for kind, _ in entries][-1:] == ["run.ended"]
    printed = [data["text"] for kind, data in entries if kind == "run.output"]
    assert "".join(printed) == "one\ntwo\n"
    assert {data["run_id"] for _, data in entries} == {run_id}
    assert await stage.status(run_id) == "exited"
    assert (stage.runs.is_live(run_id, session.id), stage.runs.is_own(run_id)) == (False, True)
    await until(lambda: stage.metrics.active_runs._value.get() == 0)  # noqa: SLF001


@pytest.mark.parametrize(
    ("bound", "error", "told"),
    [
        ("max_runs_per_session", Conflict, "This session runs 2 programs already."),
        ("max_runs_per_invitation", TooManyRequests, "2 programs of this interview and its"),
        ("max_runs_per_address", TooManyRequests, "2 programs started from your address"),
    ],
)
async def test_so_many_programs_at_once(
    tmp_path: Path, bound: str, error: type[AppError], told: str
) -> None:
    async with stage_of(tmp_path, **{bound: 2}) as stage:
        session, other = await stage.session(), await stage.session()
        room = await stage.session(rehearsal_of=session.id)
        first = await stage.start(session)
        # what counts as the same as the first, and what does not
        same, different = {
            "max_runs_per_session": ((session, "::2"), (room, "::1")),
            "max_runs_per_invitation": ((room, "::2"), (other, "::1")),
            "max_runs_per_address": ((other, "::1"), (session, "::2")),
        }[bound]
        await stage.start(same[0], address=same[1])
        for _ in range(2):
            with pytest.raises(error, match=told) as refused:
                await stage.start(same[0], address=same[1])
            assert refused.value.bound == bound
        await stage.start(different[0], address=different[1])
        assert len(stage.told(StartRun)) == 3
        await stage.end(first)
        await stage.start(same[0], address=same[1])


async def test_a_second_program_on_the_terminal_waits_for_the_first(stage: Stage) -> None:
    session = await stage.session()
    first = await stage.start(session, terminal=True)
    second = await stage.start(session, terminal=True)
    beside = await stage.start(session)
    other = await stage.start(await stage.session(), terminal=True)
    assert sorted(stage.told(StartRun)) == sorted([first, beside, other])
    await stage.end(first)
    await until(lambda: second in stage.told(StartRun))
    await stage.end(second)


async def test_one_that_replaces_the_first_stops_it_and_does_not_count_beside_it(
    tmp_path: Path,
) -> None:
    async with stage_of(tmp_path, max_runs_per_session=1) as stage:
        session = await stage.session()
        first = await stage.start(session, terminal=True)
        stage.say(running(first))
        with pytest.raises(Conflict):
            await stage.start(session, terminal=True)
        second = await stage.start(session, terminal=True, replace=True)
        assert stage.told(StopRun) == [first]
        assert stage.told(StartRun) == [first]
        stage.say(ended(first))
        await until(lambda: second in stage.told(StartRun))


async def test_one_that_is_stopped_while_it_waits_is_never_begun(stage: Stage) -> None:
    session = await stage.session()
    first = await stage.start(session, terminal=True)
    second = await stage.start(session, terminal=True)
    await stage.runs.stop_run(second)
    await stage.runs.wait(second, 10)
    assert await stage.status(second) == "stopped"
    await stage.end(first)
    assert stage.told(StartRun) == [first]


async def test_what_is_typed_is_recorded_and_then_given_to_the_program(tmp_path: Path) -> None:
    async with stage_of(tmp_path, run_input_bytes=1024) as stage:
        session = await stage.session()
        run_id = await stage.start(session, terminal=True)
        stage.say(running(run_id))
        await stage.runs.write_stdin(run_id, session.id, "\0ñ" * 341, None)
        with pytest.raises(Conflict, match="A run takes 1,024 bytes of input, and no more") as told:
            await stage.runs.write_stdin(run_id, session.id, "ññ", None)
        assert told.value.bound == "run_input_bytes"
        given = [each for each in stage.fleet.told["worker"] if isinstance(each, WriteStdin)]
        assert [each.text for each in given] == ["\0ñ" * 341]
        typed = [data["text"] for kind, data in await stage.entries(session) if kind == "run.input"]
        assert typed == ["\N{SYMBOL FOR NULL}ñ" * 341]  # no database keeps NUL itself


async def test_a_run_is_typed_into_from_its_session_and_while_it_lives(stage: Stage) -> None:
    session, other = await stage.session(), await stage.session()
    run_id = await stage.start(session, terminal=True)
    with pytest.raises(Conflict, match="The run has ended"):
        await stage.runs.write_stdin(run_id, other.id, "mine", None)
    await stage.end(run_id)
    with pytest.raises(Conflict, match="The run has ended"):
        await stage.runs.write_stdin(run_id, session.id, "late", None)
    assert stage.told(WriteStdin) == []


async def test_who_waits_is_told_when_the_server_stops_and_else_waits_so_long(stage: Stage) -> None:
    run_id = await stage.start(await stage.session())
    await stage.runs.wait(run_id, 0.001)
    waiting = asyncio.create_task(stage.runs.wait(run_id, 600))
    await asyncio.sleep(0)
    stage.runs.stopping.set()
    with pytest.raises(Unavailable, match="The server is stopping, and the run with it"):
        await waiting
    await stage.runs.wait("0" * 32, 600)  # of what is not here there is nothing to wait for


async def test_what_is_printed_is_bounded_by_person_before_it_begins(tmp_path: Path) -> None:
    """The output of each run is taken from what may be recorded at once, and what it did not print given back."""
    bounds = {"run_output_bytes": MIB, "person_log_burst_bytes": MIB}
    async with stage_of(tmp_path, person_log_bytes_per_second=1024, **bounds) as stage:
        session = await stage.session()
        first = await stage.start(session)
        second = await stage.start(session)  # it was not beyond it yet
        with pytest.raises(TooManyRequests, match="printed more than can be recorded") as told:
            await stage.start(session)
        assert told.value.bound == "person_log_burst_bytes"
        await stage.start(await stage.session())
        await stage.end(first)
        await stage.end(second)
        await stage.start(session)


async def test_a_full_disk_and_a_full_log_refuse_before_anything_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage_of(tmp_path, max_log_bytes=MIB) as stage:
        session = await stage.session()
        await stage.change(session, log_bytes=MIB)
        async with stage.database.read() as db:
            full = await db.get_one(InterviewSession, session.id)
        with pytest.raises(Conflict, match="has recorded 1,048,576 bytes"):
            await stage.start(full)

        def refuse(_disk: Disk) -> None:
            raise DiskFull("no room")

        monkeypatch.setattr(Disk, "require_for_run", refuse)
        with pytest.raises(DiskFull):
            await stage.start(await stage.session())
        assert stage.told(StartRun) == []


async def test_one_that_cannot_be_recorded_is_not_run(stage: Stage) -> None:
    """Its sandbox starts while it is recorded."""
    session = await stage.session()
    await stage.change(session, status=SessionStatus.ENDED.value)
    with pytest.raises(SessionClosed):
        await stage.start(session)
    (begun,) = stage.told(StartRun)
    assert stage.told(StopRun) == [begun]
    assert await stage.entries(session) == []
    assert not stage.runs.is_live(begun, session.id)


async def test_one_whose_session_is_gone_is_ended_and_nothing_of_it_shown(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    session = await stage.session()
    run_id = await stage.start(session)
    await stage.change(session, epoch="another")  # its document was replaced
    stage.say(running(run_id), said(run_id, b"late\n"))
    await stage.runs.wait(run_id, 10)
    assert set(stage.told(StopRun)) == {run_id}
    assert [kind for kind, _ in await stage.entries(session)] == ["run.started"]
    assert f"run {run_id} is not followed any more" in caplog.text


async def test_runs_that_nobody_follows_are_ended_once(stage: Stage) -> None:
    session = await stage.session()
    lost, done = await stage.start(session), await stage.start(session)
    await stage.end(done)
    async with stage.database.write() as db:
        await db.execute(update(Run).where(Run.public_id == lost).values(node="dead"))
    own = await stage.start(session)
    for _ in range(2):
        await stage.runs.end_orphans(["dead"])
    assert [await stage.status(each) for each in (lost, done, own)] == [
        *("sandbox_error", "exited", "queued")
    ]
    ends = [data for kind, data in await stage.entries(session) if kind == "run.ended"]
    assert [(each["run_id"], each["status"]) for each in ends] == [
        *((done, "exited"), (lost, "sandbox_error"))
    ]
    assert ends[1]["detail"].startswith("The server stopped while this ran.")


async def test_one_that_another_process_ended_is_shown_as_it_is_recorded(stage: Stage) -> None:
    """This process was taken for dead while it lived: its word comes second."""
    session = await stage.session()
    run_id = await stage.start(session)
    stage.say(running(run_id))
    async with stage.database.write() as db:
        lost = ProgramEnded.without_program(run_id, "sandbox_error", detail="elsewhere")
        await end_run(db, run_id, lost, utc_now())
    room = await stage.services.hub.room(session.room_id)
    connection, end = connect(ANA)
    assert room.join(connection)
    stage.say(ended(run_id))
    await stage.runs.wait(run_id, 10)
    shown = [json.loads(each.payload) for each in end.messages(MessageType.CONTROL)]
    ends = [each for each in shown if each["type"] == "run.ended"]
    assert [(each["status"], each["detail"]) for each in ends] == [("sandbox_error", "elsewhere")]
    counted = {
        sample.labels["status"]: sample.value
        for sample in next(iter(stage.metrics.runs.collect())).samples
        if sample.name.endswith("_total")
    }
    assert counted == {"sandbox_error": 1}


async def test_a_process_that_was_taken_for_dead_stops_all_it_runs(stage: Stage) -> None:
    ids = [await stage.start(await stage.session()) for _ in range(3)]
    await stage.runs.give_up()
    assert sorted(stage.told(StopRun)) == sorted(ids)


async def test_other_processes_stop_and_type_and_resize_through_this_one(stage: Stage) -> None:
    session, other = await stage.session(), await stage.session()
    run_id, beside = await stage.start(session, terminal=True), await stage.start(other)

    def ask(kind: str, subject: str, **about: Any) -> None:
        stage.runs.hear(kind, subject, json.dumps(about).encode())

    size = {"columns": 100, "rows": 30}
    for session_key in (
        other.id,
        session.id,
    ):  # the run is not the first one's: nothing comes of it
        ask(INPUT, run_id, session=session_key, text="hi\n", by=None, eof=False)
        ask(RESIZE, run_id, session=session_key, size=size, by=None)
    ask(INPUT, "0" * 32, session=session.id, text="nobody's\n", by=None, eof=False)
    await until(lambda: stage.told(Resize) == stage.told(WriteStdin) == [run_id])
    ask(STOP, run_id)
    await until(lambda: stage.told(StopRun) == [run_id])
    ask(STOP_ALL, str(other.id))
    await until(lambda: stage.told(StopRun) == [run_id, beside])
    typed = [data["text"] for kind, data in await stage.entries(session) if kind == "run.input"]
    assert typed == ["hi\n"]


async def test_a_terminal_changes_its_size_for_who_started_it(stage: Stage) -> None:
    session = await stage.session()
    on_terminal, on_pipes = await stage.start(session, terminal=True), await stage.start(session)
    await stage.runs.resize(on_terminal, session.id, TerminalSize(columns=100), None)
    for run_id, by in ((on_terminal, 77), (on_pipes, None)):
        await stage.runs.resize(run_id, session.id, TerminalSize(columns=90), by)
    await until(lambda: bool(stage.told(Resize)))
    sizes = [each for each in stage.fleet.told["worker"] if isinstance(each, Resize)]
    assert [(each.run_id, each.size.columns) for each in sizes] == [(on_terminal, 100)]
