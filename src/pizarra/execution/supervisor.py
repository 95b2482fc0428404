"""Follows every run from the queue to its end; `recording.py` keeps what happens in it."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from pizarra import control
from pizarra.access.disk import Disk
from pizarra.access.requirements import require_room_in_log
from pizarra.answers.codes import Code
from pizarra.collab.hub import Hub
from pizarra.collab.journal import EventEntry, JournalError, JournalUnavailable
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.errors import Conflict, Unavailable
from pizarra.execution.elsewhere import INPUT, RESIZE, STOP, STOP_ALL, RunsElsewhere, used_up
from pizarra.execution.limits import pipe_limits, terminal_limits
from pizarra.execution.live_runs import LiveRun, LiveRuns
from pizarra.execution.recording import RunRecorder
from pizarra.execution.records import (
    RunPlan,
    end_run,
    orphaned_runs,
    start_run,
    summarize,
)
from pizarra.execution.sizes import Resizer
from pizarra.http.metrics import Metrics
from pizarra.kit.clock import Clock
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import storable
from pizarra.models import Run, RunStatus, share_of
from pizarra.sandbox.outcome import TerminalSize
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import Limits, ProgramEnded, RunChecked, StartRun
from pizarra.sandbox.runner.streams import RunStream
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.entries.shared import RunInput
from pizarra.timeline.messages import size_at

log = logging.getLogger(__name__)

_STOP_SECONDS = 2.0


class RunSupervisor:
    """All runs of this process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        disk: Disk,
        journal: SqlJournal,
        hub: Hub,
        runner: RunnerClient,
        clock: Clock,
        metrics: Metrics,
        node: str,
        elsewhere: RunsElsewhere,
    ) -> None:
        self._settings = settings
        self._database = database
        self._node = node
        self._elsewhere = elsewhere
        self._disk = disk
        self._recorder = RunRecorder(database, journal, hub, clock)
        self._runner = runner
        self._resizer = Resizer(settings, self._recorder, runner)
        self._clock = clock
        self._metrics = metrics
        self._live = LiveRuns(settings)
        self._tasks: set[asyncio.Task[None]] = set()
        runner.on_checked = lambda told: self._spawn(self._note_checked(told))
        self.on_end: Callable[[int], None] = lambda session_key: None
        self.stopping = asyncio.Event()  # this process was told to end: nobody waits here any more

    async def end_orphans(self, dead: Sequence[str]) -> None:
        """Mark the runs that no living process follows, those of the `dead` among them, as `sandbox_error`.

        They are never repeated behind anybody's back.
        """
        detail = (
            "The server stopped while this ran. Nothing is wrong with your program: run it again."
        )
        async with self._database.read() as db:
            orphans = await orphaned_runs(db, dead)
        for run_id in orphans:
            ended = ProgramEnded.without_program(run_id, "sandbox_error", detail=detail)
            async with self._database.write() as db:  # one session's row at a time is locked
                run = await end_run(db, run_id, ended, self._clock())
            if run is not None:
                await self._recorder.show_elsewhere(run.session_id)

    async def give_up(self) -> None:
        """Stop every run: another process took this one for dead, and has ended them."""
        for live in self._live:
            await self.stop_run(live.run_id)

    async def stop(self) -> None:
        """Wait for the runs to be recorded as ended, once the runner has been stopped."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
        await self._recorder.stop(_STOP_SECONDS)

    async def start(
        self, plan: RunPlan, participant_public_id: str | None, address: str, *, replace: bool
    ) -> Run:
        """Record a run, tell everybody, and begin to follow it.

        A run on a terminal waits for the session's last one on a terminal to end; with `replace` it is stopped.

        Raises:
            Conflict: the session runs as many programs as it may.
            TooManyRequests: the person, the invitation or the address does.
            DiskFull: there is no room for what it prints.
        """
        self._disk.require_for_run()
        require_room_in_log(plan.session, self._settings.max_log_bytes)
        self._live.require_one_more(plan, address, replace=replace)
        session = plan.session
        live = LiveRun(
            new_public_id(),
            session.id,
            session.room_id,
            session.epoch,
            plan.participant,
            address=address,
            share=share_of(plan.session),
            on_terminal=plan.terminal is not None,
            recorded_bytes=len(plan.stdin or ""),
        )
        before = self._live.before(live)
        self._live.begin(live)
        # The sandbox starts while the run is being recorded; nothing it prints is shown before that.
        stream = None if before else self._runner.submit(self._request(live, plan))
        try:
            async with self._database.write() as db:
                run = await start_run(
                    db, live.run_id, plan, self._limits(plan), self._clock(), node=self._node
                )
        except BaseException:
            self._live.end(live)
            if stream is not None:
                stream.close()
                await self._runner.stop_run(live.run_id)
            raise
        size = (
            None if plan.terminal is None else size_at(run.started_seq, plan.terminal.model_dump())
        )
        summary = summarize(run, participant_public_id, [], [] if size is None else [size])
        self._recorder.show_recorded(live, control.RunStarted(run=summary))
        if replace:
            for other in before:
                await self.stop_run(other.run_id)
        task = asyncio.get_running_loop().create_task(self._follow(live, plan, before, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def wait(self, run_id: str, seconds: float) -> None:
        """Wait for a run to end, at most so long.

        Raises:
            Unavailable: the server is told to stop meanwhile.
        """
        live = self._live.get(run_id)
        if live is not None:
            await self.wait_for(live.ended, seconds)

    async def wait_for(self, ended: asyncio.Event, seconds: float) -> None:
        """Wait for something's end; see `wait`."""
        waiting = [asyncio.ensure_future(event.wait()) for event in (ended, self.stopping)]
        try:
            await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        if self.stopping.is_set() and not ended.is_set():
            raise Unavailable(
                "The server is stopping, and the run with it. Run it again in a moment.",
                code=Code.SERVER_STOPPING,
            )

    def is_own(self, run_id: object) -> bool:
        """Tell whether this process followed a run, as far as is remembered: whoever is here was shown all of it."""
        return self._live.is_own(run_id)

    def is_live(self, run_id: str, session_key: int) -> bool:
        """Tell whether a run of a session is followed here and has not ended."""
        live = self._live.get(run_id)
        return live is not None and live.session_key == session_key

    async def stop_run(self, run_id: str, node: str | None = None) -> None:
        """Ask for a run to be ended, whatever process follows it; for one of another, `node` says which does."""
        if not self.is_own(run_id):
            self._elsewhere.stop(run_id, node)
            return
        if (live := self._live.get(run_id)) is not None:
            live.stopping.set()
        await self._runner.stop_run(run_id)

    def takes_input(self, run: Run) -> bool:
        """Tell whether a run goes on, and what is typed can be given to it."""
        if self._live.get(run.public_id) is not None:
            return True
        return not self.is_own(run.public_id) and self._elsewhere.reaches(run.node)

    async def write_stdin(
        self,
        run_id: str,
        session_key: int,
        text: str,
        participant: int | None,
        *,
        eof: bool = False,
    ) -> None:
        """Record what somebody types into a run of a session, then give it to the program.

        Raises:
            Conflict: the run has ended, or was given as much as it may. NotFound: the session has no such run.
        """
        if not self.is_own(run_id):
            await self._elsewhere.write(run_id, session_key, text, participant, eof=eof)
            return
        live = self._live.get(run_id)
        if live is None or live.session_key != session_key:
            raise Conflict("The run has ended.", code=Code.RUN_ENDED)
        async with live.typing:  # one after the other, in the order of the timeline
            limit = self._settings.run_input_bytes
            live.typed_bytes += len(text.encode())
            if live.typed_bytes > limit:
                raise used_up(limit)
            # Ctrl+Space is NUL: the program gets it, and no database keeps it.
            told = RunInput(run_id=run_id, text=storable(text), eof=eof)
            await self._recorder.append(live, [EventEntry(participant, told)])
            await self._runner.write_stdin(run_id, text, eof=eof)

    async def resize(
        self, run_id: str, session_key: int, size: TerminalSize, participant: int | None
    ) -> None:
        """Change the size of a run's terminal, if this is the person who started it.

        Raises:
            Conflict: it changed as often as it may. NotFound: the session has no such run.
        """
        if not self.is_own(run_id):
            await self._elsewhere.resize(run_id, session_key, size, participant)
        else:
            self._resize_own(run_id, session_key, size, participant)

    def _resize_own(
        self, run_id: str, session_key: int, size: TerminalSize, participant: int | None
    ) -> None:
        live = self._live.get(run_id)
        if live is None or live.session_key != session_key:
            return
        if live.on_terminal and live.participant == participant:
            self._resizer.resize(live, size)

    async def stop_all(self, session_key: int) -> None:
        """Ask for every run of a session to be ended, whatever process follows it."""
        self._elsewhere.stop_all(session_key)
        await self._stop_own(session_key)

    async def _stop_own(self, session_key: int) -> None:
        for live in self._live:
            if live.session_key == session_key:
                await self.stop_run(live.run_id)

    def hear(self, kind: str, subject: str, payload: bytes) -> None:
        """Another process asks something of a run; if it is followed here, do it."""
        if kind == STOP_ALL:
            self._spawn(self._stop_own(int(subject)))
        elif self._live.get(subject) is None:
            return
        elif kind == STOP:
            self._spawn(self.stop_run(subject))
        elif kind == INPUT:
            told = json.loads(payload)
            place = (subject, told["session"], told["text"], told["by"])
            self._spawn(self.write_stdin(*place, eof=told["eof"]))
        elif kind == RESIZE:
            told = json.loads(payload)
            size = TerminalSize.model_validate(told["size"])
            with contextlib.suppress(Conflict):
                self._resize_own(subject, told["session"], size, told["by"])

    async def _note_checked(self, told: RunChecked) -> None:
        if (live := self._live.get(told.run_id)) is not None:
            await live.ended.wait()  # it is recorded as ended first
        await self._recorder.record_checked(told)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def do() -> None:
            with contextlib.suppress(Conflict, JournalError, JournalUnavailable):
                await work  # whoever asked is not told: as if it had come too late

        task = asyncio.get_running_loop().create_task(do())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(
        self, live: LiveRun, plan: RunPlan, before: list[LiveRun], stream: RunStream | None
    ) -> None:
        self._metrics.active_runs.inc()
        status = "sandbox_error"
        try:
            if await self._wait_for_turn(live, before):
                stream = stream or self._runner.submit(self._request(live, plan))
                status = await self._recorder.follow(live, stream)
            else:
                stopped = ProgramEnded.without_program(live.run_id, "stopped")
                status = await self._recorder.record_end(live, stopped)
        except (JournalError, JournalUnavailable, *DATABASE_ERRORS) as error:
            # The session was erased, or the database is away; it is ended with this process.
            log.warning("run %s is not followed any more: %s", live.run_id, type(error).__name__)
            await self._runner.stop_run(live.run_id)
        except Exception:
            log.exception("run %s", live.run_id)
            await self._runner.stop_run(live.run_id)
        finally:
            if stream is not None:
                stream.close()
            self._live.end(live)
            self.on_end(live.session_key)
            self._metrics.active_runs.dec()
            self._metrics.runs.labels(plan.language, status).inc()
            if live.turn_at is not None:
                self._metrics.run_wait_seconds.labels(plan.language).observe(
                    live.turn_at - live.asked_at
                )
            if live.seconds is not None:
                self._metrics.run_seconds.labels(plan.language).observe(live.seconds)

    async def _wait_for_turn(self, live: LiveRun, before: list[LiveRun]) -> bool:
        """Wait until the session's terminal is free; tell whether the run is still wanted."""
        stopping = asyncio.ensure_future(live.stopping.wait())
        try:
            for done, other in enumerate(before):
                if not other.ended.is_set():
                    queued = control.RunProgress(
                        run_id=live.run_id,
                        status=RunStatus.QUEUED,
                        queue_position=len(before) - done,
                    )
                    self._recorder.show(live, queued)
                ended = asyncio.ensure_future(other.ended.wait())
                await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
                ended.cancel()
            return not live.stopping.is_set()
        finally:
            stopping.cancel()

    def _limits(self, plan: RunPlan) -> Limits:
        settings = self._settings
        return terminal_limits(settings) if plan.terminal is not None else pipe_limits(settings)

    def _request(self, live: LiveRun, plan: RunPlan) -> StartRun:
        return StartRun(
            run_id=live.run_id,
            language=plan.language,
            main=plan.path,
            files=plan.files,
            stdin=plan.stdin or "",
            keep_stdin_open=plan.stdin is None,
            terminal=plan.terminal,
            limits=self._limits(plan),
            share=str(live.share),
            team=str(plan.session.team_id or ""),
        )
