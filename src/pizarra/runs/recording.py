"""Runs on the record: what happens in one is recorded first, then shown to everybody in its room."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from pizarra import control
from pizarra.collab.hub import Hub
from pizarra.collab.journal import Entry, JournalUnavailable
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.kit.clock import Clock
from pizarra.models import RunStatus
from pizarra.runs.output import OutputCollector
from pizarra.runs.service import end_run, note_progress
from pizarra.sandbox.client import RunStream
from pizarra.sandbox.protocol import RunEnded, RunOutput, RunState
from pizarra.timeline.journal import SqlJournal

_COALESCE_SECONDS = 0.012
_COALESCE_CHARS = 32 * 1024
_RECORD_ATTEMPTS = 6
_PROGRESS_SECONDS = 0.15


@dataclass(slots=True)
class LiveRun:
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


class RunRecorder:
    """Writes down what happens in runs, and shows it to their rooms."""

    def __init__(self, database: Database, journal: SqlJournal, hub: Hub, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._hub = hub
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self, live: LiveRun, events: RunStream) -> str:
        """Record and show what happens in a run; return how it ended.

        Raises:
            JournalError, JournalUnavailable, DATABASE_ERRORS: it could not be recorded, and was not shown.
        """
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
                    self.show(live, progress)
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
                    await self.record_end(live, event)
                    return event.status
        raise RuntimeError("a run without an end")

    async def append(self, live: LiveRun, entries: Iterable[Entry]) -> int:
        """Record entries of a run; return the seq of the first. A database that is away is tried again for a while.

        Raises:
            JournalError: the session was erased, or its document replaced. JournalUnavailable: the database is away.
        """
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

    async def record_end(self, live: LiveRun, ended: RunEnded) -> None:
        """Record how a run ended, then show it.

        Raises:
            DATABASE_ERRORS: it was not recorded.
        """
        async with self._database.write() as db:
            await end_run(db, live.run_id, ended, self._clock())
        self.show(
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

    def show(self, live: LiveRun, message: control.ControlMessage) -> None:
        """Send a control message to everybody in the run's room."""
        room = self._hub.loaded(live.room_id)
        if room is not None:
            room.audience.tell(message.encode())

    async def stop(self, seconds: float) -> None:
        """Wait at most so long for what is being written down."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    def _note_progress(self, live: LiveRun, status: RunStatus) -> None:
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

    async def _record_output(self, live: LiveRun, output: OutputCollector) -> None:
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
        seq = await self.append(live, entries)
        for offset, piece in enumerate(pieces):
            chunk = control.OutputChunk.model_validate(
                {"seq": seq + offset, "stream": piece.stream, "text": piece.text}
            )
            self.show(live, control.RunOutput(run_id=live.run_id, chunk=chunk))
