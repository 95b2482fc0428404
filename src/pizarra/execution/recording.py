"""Runs on the record: what happens in one is recorded first, then shown to everybody in its room."""

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from typing import assert_never

from pizarra import control
from pizarra.collab.hub import Hub
from pizarra.collab.journal import EventEntry, JournalUnavailable
from pizarra.database import Database
from pizarra.execution.live_runs import LiveRun
from pizarra.execution.output import OutputCollector
from pizarra.execution.records import end_run, note_checked, note_progress
from pizarra.kit.clock import Clock
from pizarra.models import RunStatus
from pizarra.sandbox.outcome import DiagnosticFound, outcome_of
from pizarra.sandbox.runner.protocol import ProgramEnded, ProgramOutput, RunChecked, RunState
from pizarra.sandbox.runner.streams import RunStream
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.entries import shared as entries

_COALESCE_SECONDS = 0.012
_COALESCE_CHARS = 32 * 1024
_RECORD_ATTEMPTS = 6
_PROGRESS_SECONDS = 0.15


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
            if flush is not None and flush.done():
                flush.result()  # what could not be recorded then is not on the record: no more may be
                flush = None
            match event:
                case RunState(status=status, position=position):
                    if status != "queued":
                        live.turn_at = live.turn_at or time.monotonic()
                        self._note_progress(live, RunStatus(status))
                    progress = control.RunProgress(
                        run_id=live.run_id, status=RunStatus(status), queue_position=position
                    )
                    self.show(live, progress)
                case ProgramOutput(stream=stream, data=data):
                    output.add(stream, data)
                    # A line is shown at once; programs that print a character at a time are gathered.
                    quiet = loop.time() - last_record > _COALESCE_SECONDS
                    if (quiet and data.endswith(b"\n")) or output.size >= _COALESCE_CHARS:
                        last_record = loop.time()
                        async with writing:
                            await self._record_output(live, output)
                    elif flush is None:
                        flush = loop.create_task(flush_soon())
                case ProgramEnded():
                    async with writing:
                        if flush is not None:
                            flush.cancel()  # it sleeps or waits for us: it is never in the middle of recording
                        output.finish()
                        await self._record_output(live, output)
                    return await self.record_end(live, event)
                case _:
                    assert_never(event)
        raise RuntimeError("a run without an end")

    async def append(self, live: LiveRun, batch: Sequence[EventEntry]) -> int:
        """Record entries of a run; return the seq of the first. A database that is away is tried again for a while.

        Raises:
            JournalError: the session was erased, or its document replaced. JournalUnavailable: the database is away.
        """
        live.recorded_bytes += sum(len(json.dumps(entry.told.to_data())) for entry in batch)
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

    async def record_end(self, live: LiveRun, ended: ProgramEnded) -> str:
        """Record how a run ended, then show that; return the status on the record.

        Another process may have ended it, which took this one for dead: its word was first, and stands.

        Raises:
            DATABASE_ERRORS: it was not recorded.
        """
        live.seconds = ended.duration_ms / 1000
        async with self._database.write() as db:
            run = await end_run(db, live.run_id, ended, self._clock())
        if run is None:  # nobody is there to be shown it
            return ended.status
        self.show_recorded(
            live,
            control.RunEnded(
                run_id=live.run_id,
                status=RunStatus(run.status),
                diagnostics=[DiagnosticFound.model_validate(each) for each in run.diagnostics],
                **outcome_of(run),
            ),
        )
        return run.status

    async def record_checked(self, told: RunChecked) -> None:
        """Keep what the type checker said after a run's end, and show it."""
        with contextlib.suppress(*DATABASE_ERRORS):
            async with self._database.write() as db:
                room_id = await note_checked(db, told.run_id, told.diagnostics)
            if room_id is not None:
                message = control.RunChecked(run_id=told.run_id, diagnostics=told.diagnostics)
                self._hub.tell(room_id, message.encode())

    def show(self, live: LiveRun, message: control.ControlMessage) -> None:
        """Send a control message to everybody in the run's room. Other processes find it in the log, if it is there."""
        if isinstance(message, control.RunProgress):
            self._hub.tell(live.room_id, message.encode())
        elif (room := self._hub.loaded(live.room_id)) is not None:
            room.broadcast.tell(message.encode())

    def show_recorded(self, live: LiveRun, message: control.ControlMessage) -> None:
        """Show what was recorded with a run's row, by no journal that tells others of it: tell them to look."""
        self.show(live, message)
        self._hub.recorded_and_shown(live.session_key)

    async def show_elsewhere(self, session_key: int) -> None:
        """Show what was recorded of a run that this process does not follow, to whoever is in its room, anywhere."""
        await self._hub.recorded(session_key)

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
        pieces = output.drain()
        if not pieces:
            return
        printed = [
            EventEntry(
                live.participant,
                entries.RunOutput(run_id=live.run_id, stream=piece.stream, text=piece.text),
            )
            for piece in pieces
        ]
        seq = await self.append(live, printed)
        for offset, piece in enumerate(pieces):
            chunk = control.OutputChunk.model_validate(
                {"seq": seq + offset, "stream": piece.stream, "text": piece.text}
            )
            self.show(live, control.RunOutput(run_id=live.run_id, chunk=chunk))
