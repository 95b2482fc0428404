"""Follows every run from the queue to its end; `recording.py` keeps what happens in it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from pizarra import control
from pizarra.collab.hub import Hub
from pizarra.collab.journal import Entry, JournalError, JournalUnavailable
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.errors import Conflict, TooManyRequests
from pizarra.kit.clock import Clock
from pizarra.kit.ids import new_public_id
from pizarra.metrics import Metrics
from pizarra.models import Run, RunStatus
from pizarra.runs.limits import pipe_limits, terminal_limits
from pizarra.runs.recording import LiveRun, RunRecorder
from pizarra.runs.service import RunPlan, end_run, start_run, summarize, unfinished_runs
from pizarra.sandbox.client import RunnerClient, RunStream
from pizarra.sandbox.protocol import Limits, RunEnded, StartRun, TerminalSize
from pizarra.timeline.journal import SqlJournal

log = logging.getLogger(__name__)

_STOP_SECONDS = 2.0


class RunSupervisor:
    """All runs of this process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        journal: SqlJournal,
        hub: Hub,
        runner: RunnerClient,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._database = database
        self._recorder = RunRecorder(database, journal, hub, clock)
        self._runner = runner
        self._clock = clock
        self._metrics = metrics
        self._live: dict[str, LiveRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_end: Callable[[int], None] = lambda session_key: None

    async def wait_until_idle(self) -> None:
        """Wait until no program of anybody's is running or waits for its turn."""
        while self._live:
            await next(iter(self._live.values())).ended.wait()

    async def recover(self) -> None:
        """Mark the runs of a process that died as `sandbox_error`; they are never repeated behind anybody's back."""
        detail = "The server stopped while this ran. Nothing is wrong with your program: run it again."
        async with self._database.write() as db:
            for run_id in await unfinished_runs(db):
                ended = RunEnded(run_id=run_id, status="sandbox_error", detail=detail)
                await end_run(db, run_id, ended, self._clock())

    async def stop(self) -> None:
        """Wait for the runs to be recorded as ended, once the runner has been stopped."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
        await self._recorder.stop(_STOP_SECONDS)

    async def start(self, plan: RunPlan, participant_public_id: str | None, address: str, *, replace: bool) -> Run:
        """Record a run, tell everybody, and begin to follow it.

        A run on a terminal waits for the session's last one on a terminal to end; with `replace` it is stopped.

        Raises:
            Conflict: the session runs as many programs as it may.
            TooManyRequests: the address does.
        """
        self._limit(plan, address, replace=replace)
        session = plan.session
        live = LiveRun(
            *(new_public_id(), session.id, session.room_id, session.epoch, plan.participant),
            address=address,
            on_terminal=plan.terminal is not None,
        )
        before = [other for other in self._live.values() if _share_terminal(live, other)]
        self._live[live.run_id] = live
        # The sandbox starts while the run is being recorded; nothing it prints is shown before that.
        stream = None if before else self._runner.submit(self._request(live, plan))
        try:
            async with self._database.write() as db:
                run = await start_run(db, live.run_id, plan, self._limits(plan), self._clock())
        except BaseException:
            del self._live[live.run_id]
            live.ended.set()
            if stream is not None:
                stream.close()
                await self._runner.stop_run(live.run_id)
            raise
        self._recorder.show(live, control.RunStarted(run=summarize(run, participant_public_id, [])))
        if replace:
            for other in before:
                await self.stop_run(other.run_id)
        task = asyncio.get_running_loop().create_task(self._follow(live, plan, before, stream))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def wait(self, run_id: str, seconds: float) -> None:
        """Wait for a run to end, at most so long."""
        live = self._live.get(run_id)
        if live is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(live.ended.wait(), seconds)

    def is_live(self, run_id: str, session_key: int) -> bool:
        """Tell whether a run of a session is followed here and has not ended."""
        live = self._live.get(run_id)
        return live is not None and live.session_key == session_key

    async def stop_run(self, run_id: str) -> None:
        """Ask for a run to be ended."""
        if (live := self._live.get(run_id)) is not None:
            live.stopping.set()
        await self._runner.stop_run(run_id)

    async def write_stdin(self, run_id: str, text: str, participant: int | None, *, eof: bool = False) -> None:
        """Record what somebody types into a run, then give it to the program.

        Raises:
            Conflict: the run has ended, or was given as much as it may.
        """
        live = self._live.get(run_id)
        if live is None:
            raise Conflict("The run has ended.")
        async with live.typing:  # one after the other, in the order of the timeline
            limit = self._settings.run_input_bytes
            live.typed_bytes += len(text.encode())
            if live.typed_bytes > limit:
                raise Conflict(f"A run takes {limit:,} bytes of input, and no more.")
            data = {"run_id": run_id, "text": text, "eof": eof}
            await self._recorder.append(live, [Entry("run.input", participant, data=data)])
            await self._runner.write_stdin(run_id, text, eof=eof)

    async def resize(self, run_id: str, size: TerminalSize, participant: int | None) -> None:
        """Change the window of a run's terminal, if this is the person who started it."""
        live = self._live.get(run_id)
        if live is not None and live.on_terminal and live.participant == participant:
            await self._runner.resize(run_id, size)

    async def stop_all(self, session_key: int) -> None:
        """Ask for every run of a session to be ended."""
        for live in list(self._live.values()):
            if live.session_key == session_key:
                await self.stop_run(live.run_id)

    def _limit(self, plan: RunPlan, address: str, *, replace: bool) -> None:
        """Refuse what would be more than the session's or the address's share."""
        limit = self._settings.max_runs_per_session
        mine = [live for live in self._live.values() if live.session_key == plan.session.id]
        if replace:
            mine = [live for live in mine if not (live.on_terminal and plan.terminal is not None)]
        if len(mine) >= limit:
            raise Conflict(f"This session runs {limit} programs already. Stop one, or wait for its end.")
        limit = self._settings.max_runs_per_address
        if sum(live.address == address for live in self._live.values()) >= limit:
            raise TooManyRequests(f"{limit} programs started from your address are running. Wait for one to end.")

    async def _follow(self, live: LiveRun, plan: RunPlan, before: list[LiveRun], stream: RunStream | None) -> None:
        self._metrics.active_runs.inc()
        status = "sandbox_error"
        try:
            if await self._wait_for_turn(live, before):
                stream = stream or self._runner.submit(self._request(live, plan))
                status = await self._recorder.follow(live, stream)
            else:
                status = "stopped"
                await self._recorder.record_end(live, RunEnded(run_id=live.run_id, status="stopped"))
        except (JournalError, JournalUnavailable, *DATABASE_ERRORS) as error:
            # The session was erased, or the database is away; recover() closes the row at the next start.
            log.warning("run %s is not followed any more: %s", live.run_id, type(error).__name__)
            await self._runner.stop_run(live.run_id)
        except Exception:
            log.exception("run %s", live.run_id)
            await self._runner.stop_run(live.run_id)
        finally:
            if stream is not None:
                stream.close()
            self._live.pop(live.run_id, None)
            live.ended.set()
            self.on_end(live.session_key)
            self._metrics.active_runs.dec()
            self._metrics.runs.labels(plan.language, status).inc()

    async def _wait_for_turn(self, live: LiveRun, before: list[LiveRun]) -> bool:
        """Wait until the session's terminal is free; tell whether the run is still wanted."""
        stopping = asyncio.ensure_future(live.stopping.wait())
        try:
            for done, other in enumerate(before):
                if not other.ended.is_set():
                    queued = control.RunProgress(
                        run_id=live.run_id, status=RunStatus.QUEUED, queue_position=len(before) - done
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
        )


def _share_terminal(one: LiveRun, other: LiveRun) -> bool:
    return one.on_terminal and other.on_terminal and one.session_key == other.session_key
