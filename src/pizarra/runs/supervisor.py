"""Follows every run from the queue to its end: what happens is recorded first, then shown to everybody."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from pizarra import control
from pizarra.collab.hub import Hub
from pizarra.collab.journal import Entry, JournalError, JournalUnavailable
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.errors import Conflict
from pizarra.kit.clock import Clock
from pizarra.metrics import Metrics
from pizarra.models import Run, RunStatus
from pizarra.runs.output import OutputCollector
from pizarra.runs.service import RunPlan, end_run, note_running, start_run, summarize, unfinished_runs
from pizarra.sandbox.client import RunnerClient
from pizarra.sandbox.protocol import Capabilities, Limits, RunEnded, RunOutput, RunState, StartRun
from pizarra.timeline.journal import SqlJournal

log = logging.getLogger(__name__)

_COALESCE_SECONDS = 0.012
_COALESCE_CHARS = 32 * 1024
_RECORD_ATTEMPTS = 6


@dataclass(slots=True)
class _LiveRun:
    """A run that has not ended."""

    run_id: str
    session_key: int
    room_id: str
    epoch: str
    participant: int | None
    ended: asyncio.Event = field(default_factory=asyncio.Event)


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

    async def start(self, plan: RunPlan, participant_public_id: str | None) -> Run:
        """Record a run, tell everybody, and begin to follow it.

        Raises:
            Conflict: the session runs as many programs as it may.
        """
        limit = self._settings.max_runs_per_session
        if sum(live.session_key == plan.session.id for live in self._live.values()) >= limit:
            raise Conflict(f"This session runs {limit} programs already. Stop one, or wait for its end.")
        async with self._database.write() as db:
            run = await start_run(db, plan, self._clock())
        live = _LiveRun(run.public_id, plan.session.id, plan.session.room_id, plan.session.epoch, plan.participant)
        self._live[run.public_id] = live
        self._show(live, control.RunStarted(run=summarize(run, participant_public_id, [])))
        task = asyncio.get_running_loop().create_task(self._follow(live, plan))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def wait(self, run_id: str, seconds: float) -> None:
        """Wait for a run to end, at most so long."""
        live = self._live.get(run_id)
        if live is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(live.ended.wait(), seconds)

    def is_live(self, run_id: str) -> bool:
        """Tell whether a run is followed here and has not ended."""
        return run_id in self._live

    async def stop_run(self, run_id: str) -> None:
        """Ask for a run to be ended."""
        await self._runner.stop_run(run_id)

    async def write_stdin(self, run_id: str, text: str, *, eof: bool) -> None:
        """Give a run more input."""
        await self._runner.write_stdin(run_id, text, eof=eof)

    async def stop_all(self, session_key: int) -> None:
        """Ask for every run of a session to be ended."""
        for live in list(self._live.values()):
            if live.session_key == session_key:
                await self._runner.stop_run(live.run_id)

    async def _follow(self, live: _LiveRun, plan: RunPlan) -> None:
        self._metrics.active_runs.inc()
        status = "sandbox_error"
        try:
            status = await self._stream(live, self._request(live, plan))
        except (JournalError, JournalUnavailable, *DATABASE_ERRORS) as error:
            # The session was erased, or the database is away; recover() closes the row at the next start.
            log.warning("run %s is not followed any more: %s", live.run_id, type(error).__name__)
            await self._runner.stop_run(live.run_id)
        except Exception:
            log.exception("run %s", live.run_id)
            await self._runner.stop_run(live.run_id)
        finally:
            self._live.pop(live.run_id, None)
            live.ended.set()
            self._metrics.active_runs.dec()
            self._metrics.runs.labels(plan.language, status).inc()

    def _request(self, live: _LiveRun, plan: RunPlan) -> StartRun:
        settings = self._settings
        return StartRun(
            run_id=live.run_id,
            language=plan.language,
            main=plan.path,
            files=plan.files,
            stdin=plan.stdin or "",
            keep_stdin_open=plan.stdin is None,
            limits=Limits(
                wall_seconds=settings.run_wall_seconds,
                memory_bytes=settings.run_memory_bytes,
                processes=settings.run_processes,
                output_bytes=settings.run_output_bytes,
                disk_bytes=settings.run_disk_bytes,
            ),
        )

    async def _stream(self, live: _LiveRun, request: StartRun) -> str:
        """Record and show what happens; return how it ended."""
        output = OutputCollector()
        flush: asyncio.Task[None] | None = None
        writing = asyncio.Lock()

        async def flush_soon() -> None:
            await asyncio.sleep(_COALESCE_SECONDS)
            async with writing:
                await self._record_output(live, output)

        loop = asyncio.get_running_loop()
        last_record = 0.0
        async for event in self._runner.run(request):
            match event:
                case RunState(status=status, position=position):
                    if status == "running":
                        async with self._database.write() as db:
                            await note_running(db, live.run_id)
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
                return await self._journal.append(live.session_key, live.epoch, batch, require_open=False)
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
            ),
        )

    def _show(self, live: _LiveRun, message: control.ControlMessage) -> None:
        room = self._hub.loaded(live.room_id)
        if room is not None:
            room.broadcast_control(message.encode())


def language_problem(capabilities: Capabilities, language: str) -> str | None:
    """Return why a language cannot be run, or None."""
    state = capabilities.languages.get(language)
    if state is None:
        return "The runner does not know this language."
    return None if state.available else state.reason
