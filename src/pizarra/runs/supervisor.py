"""Follows every run from the queue to its end: what happens is recorded first, then shown to everybody."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

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
from pizarra.runs.output import OutputCollector
from pizarra.runs.service import RunPlan, end_run, note_progress, start_run, summarize, unfinished_runs
from pizarra.sandbox.client import RunnerClient, RunStream
from pizarra.sandbox.protocol import Capabilities, Limits, RunEnded, RunOutput, RunState, StartRun, TerminalSize
from pizarra.timeline.journal import SqlJournal

log = logging.getLogger(__name__)

_COALESCE_SECONDS = 0.012
_COALESCE_CHARS = 32 * 1024
_RECORD_ATTEMPTS = 6
_PROGRESS_SECONDS = 0.15


@dataclass(slots=True)
class _LiveRun:
    """A run that has not ended."""

    run_id: str
    session_key: int
    room_id: str
    epoch: str
    participant: int | None
    address: str
    on_terminal: bool
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    typing: asyncio.Lock = field(default_factory=asyncio.Lock)
    typed_bytes: int = 0
    status: RunStatus = RunStatus.QUEUED


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
        self._journal = journal
        self._hub = hub
        self._runner = runner
        self._clock = clock
        self._metrics = metrics
        self._live: dict[str, _LiveRun] = {}
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
            await asyncio.wait(self._tasks, timeout=2)

    async def start(self, plan: RunPlan, participant_public_id: str | None, address: str, *, replace: bool) -> Run:
        """Record a run, tell everybody, and begin to follow it.

        A run on a terminal waits for the session's last one on a terminal to end; with `replace` it is stopped.

        Raises:
            Conflict: the session runs as many programs as it may.
            TooManyRequests: the address does.
        """
        self._limit(plan, address, replace=replace)
        session = plan.session
        live = _LiveRun(
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
        self._show(live, control.RunStarted(run=summarize(run, participant_public_id, [])))
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
            await self._append(live, [Entry("run.input", participant, data=data)])
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

    async def _follow(self, live: _LiveRun, plan: RunPlan, before: list[_LiveRun], stream: RunStream | None) -> None:
        self._metrics.active_runs.inc()
        status = "sandbox_error"
        try:
            if await self._wait_for_turn(live, before):
                stream = stream or self._runner.submit(self._request(live, plan))
                status = await self._stream(live, stream)
            else:
                status = "stopped"
                await self._record_end(live, RunEnded(run_id=live.run_id, status="stopped"))
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

    async def _wait_for_turn(self, live: _LiveRun, before: list[_LiveRun]) -> bool:
        """Wait until the session's terminal is free; tell whether the run is still wanted."""
        stopping = asyncio.ensure_future(live.stopping.wait())
        try:
            for done, other in enumerate(before):
                if not other.ended.is_set():
                    queued = control.RunProgress(
                        run_id=live.run_id, status=RunStatus.QUEUED, queue_position=len(before) - done
                    )
                    self._show(live, queued)
                ended = asyncio.ensure_future(other.ended.wait())
                await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
                ended.cancel()
            return not live.stopping.is_set()
        finally:
            stopping.cancel()

    def _limits(self, plan: RunPlan) -> Limits:
        settings = self._settings
        return terminal_limits(settings) if plan.terminal is not None else pipe_limits(settings)

    def _request(self, live: _LiveRun, plan: RunPlan) -> StartRun:
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

    async def _stream(self, live: _LiveRun, events: RunStream) -> str:
        """Record and show what happens; return how it ended."""
        output = OutputCollector()
        flush: asyncio.Task[None] | None = None
        writing = asyncio.Lock()

        async def flush_soon() -> None:
            while output.size:  # more may come while the last is recorded: a program may wait after it for an answer
                await asyncio.sleep(_COALESCE_SECONDS)
                async with writing:
                    await self._record_output(live, output)

        loop = asyncio.get_running_loop()
        last_record = 0.0
        async for event in events:
            match event:
                case RunState(status=status, position=position):
                    if status != "queued":
                        self._note_progress(live, RunStatus(status))
                    progress = control.RunProgress(
                        run_id=live.run_id, status=RunStatus(status), queue_position=position
                    )
                    self._show(live, progress)
                case RunOutput(stream=stream, data=data):
                    output.add(stream, data)
                    # A line is shown at once; programs that print a character at a time are gathered.
                    quiet = loop.time() - last_record > _COALESCE_SECONDS
                    if (quiet and data.endswith(b"\n")) or output.size >= _COALESCE_CHARS:
                        last_record = loop.time()
                        async with writing:
                            await self._record_output(live, output)
                    elif flush is None or flush.done():
                        flush = loop.create_task(flush_soon())
                case RunEnded():
                    async with writing:
                        if flush is not None:
                            flush.cancel()  # it sleeps or waits for us: it is never in the middle of recording
                        output.finish()
                        await self._record_output(live, output)
                    await self._record_end(live, event)
                    return event.status
        raise RuntimeError("a run without an end")

    def _note_progress(self, live: _LiveRun, status: RunStatus) -> None:
        """Record how far a run has come, if it stays there a while: most runs are over before anybody asks."""
        live.status = status

        async def note() -> None:
            await asyncio.sleep(_PROGRESS_SECONDS)
            if live.ended.is_set() or live.status != status:
                return
            with contextlib.suppress(*DATABASE_ERRORS):
                async with self._database.write() as db:
                    await note_progress(db, live.run_id, status)

        task = asyncio.get_running_loop().create_task(note())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _record_output(self, live: _LiveRun, output: OutputCollector) -> None:
        pieces = output.take()
        if not pieces:
            return
        entries = [
            Entry(
                "run.output",
                live.participant,
                data={"run_id": live.run_id, "stream": piece.stream, "text": piece.text},
            )
            for piece in pieces
        ]
        seq = await self._append(live, entries)
        for offset, piece in enumerate(pieces):
            chunk = control.OutputChunk.model_validate(
                {"seq": seq + offset, "stream": piece.stream, "text": piece.text}
            )
            self._show(live, control.RunOutput(run_id=live.run_id, chunk=chunk))

    async def _append(self, live: _LiveRun, entries: Iterable[Entry]) -> int:
        batch = list(entries)
        for attempt in range(_RECORD_ATTEMPTS):
            try:
                return await self._journal.append(
                    live.session_key, live.epoch, batch, require_open=False, durable=False
                )
            except JournalUnavailable:
                if attempt == _RECORD_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(0.05 * 3**attempt)
        raise JournalUnavailable

    async def _record_end(self, live: _LiveRun, ended: RunEnded) -> None:
        async with self._database.write() as db:
            await end_run(db, live.run_id, ended, self._clock())
        self._show(
            live,
            control.RunEnded(
                run_id=live.run_id,
                status=RunStatus(ended.status),
                exit_code=ended.exit_code,
                signal=ended.signal,
                duration_ms=ended.duration_ms,
                memory_kb=ended.memory_kb,
                detail=ended.detail,
                compile_ms=ended.compile_ms,
                diagnostics=ended.diagnostics,
            ),
        )

    def _show(self, live: _LiveRun, message: control.ControlMessage) -> None:
        room = self._hub.loaded(live.room_id)
        if room is not None:
            room.audience.tell(message.encode())


def _share_terminal(one: _LiveRun, other: _LiveRun) -> bool:
    return one.on_terminal and other.on_terminal and one.session_key == other.session_key


def language_problem(capabilities: Capabilities, language: str) -> str | None:
    """Return why a language cannot be run, or None."""
    state = capabilities.languages.get(language)
    if state is None:
        return "The runner does not know this language."
    return None if state.available else state.reason
