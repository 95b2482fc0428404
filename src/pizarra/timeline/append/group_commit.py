"""Group commit: sources that have something at the same time share a transaction, at once when idle.

Under load commits are a few milliseconds apart. What is committed is told at once, and acknowledged once it is on the
disk, which SQLite is asked for in a thread.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from pizarra.collab.journal import Entry, JournalError, JournalFull, JournalUnavailable, Source
from pizarra.collab.told_entries import ToldEntries
from pizarra.database import require_no_transaction
from pizarra.kit.clock import Clock
from pizarra.storage.failures import DATABASE_ERRORS, says_full
from pizarra.timeline.append.appender import Append, Appended, Appender, AppendResult, to_columns
from pizarra.timeline.append.recent import Recent

log = logging.getLogger(__name__)

_TURNS_APART = 4  # from one commit to the next this many times what one takes with all that follows
_SMOOTHING = 0.1


class OnEntries(Protocol):
    """Told of entries of a session that were appended, and whether a room did."""

    def __call__(self, key: int, told: ToldEntries, *, by_room: bool) -> None:
        """Take note of the entries."""
        ...


def _nobody(key: int, told: ToldEntries, *, by_room: bool) -> None:
    """Nobody wants to know."""


class GroupCommit:
    """Commits what sources have, one transaction at a time."""

    def __init__(
        self,
        appender: Appender,
        clock: Clock,
        window_seconds: float,
        on_commit: Callable[[Sequence[Append], float], None],
        recent: Recent,
    ) -> None:
        self._appender = appender
        self._clock = clock
        self._window = window_seconds
        # told of each commit: what it appended, and the seconds it took
        self._on_commit = on_commit
        self._recent = recent
        self.on_entries: OnEntries = _nobody
        self._waiting: list[Source] = []
        self._timer: asyncio.Handle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._turn_seconds = 0.0  # what a commit and everything after it takes, smoothed
        self._last_start = 0.0
        self._unsafe: list[Source] = []  # committed, not yet on the disk
        self._syncing: asyncio.Task[None] | None = None

    async def written(self) -> None:
        """Wait until the commit under way, if there is one, has been told."""
        require_no_transaction()
        if self._writing is not None:
            await asyncio.wait({self._writing})

    def request(self, source: Source) -> None:
        """Ask `source` soon for what it has, and commit it with what others have; see the protocol."""
        self._waiting.append(source)
        if self._timer is None and self._writing is None:
            self._schedule()

    async def append(
        self,
        key: int,
        epoch: str,
        entries: Sequence[Entry],
        *,
        require_open: bool = True,
        durable: bool = True,
    ) -> Appended:
        """Commit entries that are known already; return the seq of the first, and when they are said to be.

        Without `durable` that is once they are committed, though a power cut could undo it.
        """
        require_no_transaction()
        source = _Single(key, epoch, entries, require_open=require_open, durable=durable)
        self.request(source)
        try:
            return await source.done
        finally:
            del source  # what it raises knows this frame and its callers': together they would stay in memory

    async def close(self) -> None:
        """Wait for the commit under way and let the database go."""
        if self._timer is not None:
            self._timer.cancel()
        while tasks := [task for task in (self._writing, self._syncing) if task is not None]:
            await asyncio.wait(tasks)
        await self._appender.close()

    def _schedule(self) -> None:
        """Commit at the end of this turn of the event loop; later when the last commit was a moment ago."""
        loop = asyncio.get_running_loop()
        due = self._last_start + min(self._window, self._turn_seconds * _TURNS_APART)
        if due <= loop.time():
            self._timer = loop.call_soon(self._start)
        else:
            self._timer = loop.call_at(due, self._start)

    def _start(self) -> None:
        self._timer = None
        waiting, self._waiting = self._waiting, []
        batch: list[tuple[Source, Append]] = []
        taken: set[int] = set()
        for source in waiting:
            # one request per session and commit: its numbers depend on the one before
            if source.key in taken:
                self._waiting.append(source)
                continue
            entries = source.next_entries()
            if entries:
                taken.add(source.key)
                rows = [to_columns(entry) for entry in entries]
                place = (source.key, source.epoch, source.require_open)
                batch.append((source, Append(*place, rows, source.expected_head)))
        if not batch:
            if self._waiting and self._timer is None:
                self._schedule()
            return
        self._last_start = asyncio.get_running_loop().time()
        at = self._clock()
        try:
            outcomes = self._appender.append_now([append for _, append in batch], at)
        except DATABASE_ERRORS as error:
            outcomes = self._unavailable(batch, error)
        if outcomes is not None:
            self._finish(batch, outcomes)
        else:
            self._writing = asyncio.get_running_loop().create_task(self._write(batch))

    async def _write(self, batch: list[tuple[Source, Append]]) -> None:
        at = self._clock()
        try:
            outcomes = await self._appender.append([append for _, append in batch], at)
        except DATABASE_ERRORS as error:
            outcomes = self._unavailable(batch, error)
        except BaseException as error:
            self._finish(batch, self._unavailable(batch, error))
            raise
        finally:
            self._writing = None
        self._finish(batch, outcomes)

    def _unavailable(
        self, batch: list[tuple[Source, Append]], error: BaseException
    ) -> list[AppendResult]:
        if says_full(error):
            log.error(
                "journal: commit failed: the disk is full. What people write waits in their browsers"
            )
            return [JournalFull("the disk is full") for _ in batch]
        log.warning("journal: commit failed: %s", type(error).__name__)
        return [JournalUnavailable(type(error).__name__) for _ in batch]

    def _finish(self, batch: list[tuple[Source, Append]], outcomes: Sequence[AppendResult]) -> None:
        loop = asyncio.get_running_loop()
        seconds = loop.time() - self._last_start
        if done := [
            append
            for (_, append), outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Appended)
        ]:
            self._on_commit(done, seconds)
        for (source, append), outcome in zip(batch, outcomes, strict=True):
            try:
                if isinstance(outcome, Appended):
                    if isinstance(source, _Single):
                        source.outcome = outcome
                    source.committed(outcome.first)
                    self._tell_committed(source, append, outcome)
                    self._unsafe.append(source)
                    self._recent.note(append, *outcome)
                else:
                    source.refused(outcome)
            except Exception:
                log.exception("session %s: what came after its commit failed", source.key)
        if not self._appender.needs_sync:
            self._tell(self._unsafe, _durable)
            self._unsafe = []
        elif self._unsafe and self._syncing is None:
            self._syncing = asyncio.get_running_loop().create_task(self._sync())
        self._turn_seconds += _SMOOTHING * (loop.time() - self._last_start - self._turn_seconds)
        if self._waiting and self._timer is None:
            self._schedule()

    def _tell_committed(self, source: Source, append: Append, done: Appended) -> None:
        told = ToldEntries(append.epoch, *done, append.rows)
        self.on_entries(append.key, told, by_room=not isinstance(source, _Single))

    async def _sync(self) -> None:
        """Bring what is committed to the disk, and tell; what is committed meanwhile is next, after the window."""
        loop = asyncio.get_running_loop()
        try:
            while self._unsafe:
                started = loop.time()
                sources, self._unsafe = self._unsafe, []
                try:
                    await self._appender.sync()
                except OSError:
                    log.critical(
                        "journal: the disk refused; what was committed is not acknowledged",
                        exc_info=True,
                    )
                    self._tell(sources, _unsafe)
                else:
                    self._tell(sources, _durable)
                if self._unsafe:
                    await asyncio.sleep(max(0.0, started + self._window - loop.time()))
        finally:
            self._syncing = None

    def _tell(self, sources: Sequence[Source], what: Callable[[Source], None]) -> None:
        for source in sources:
            try:
                what(source)
            except Exception:
                log.exception("session %s: what came after its commit failed", source.key)


def _durable(source: Source) -> None:
    source.durable()


def _unsafe(source: Source) -> None:
    source.unsafe()


class _Single:
    """A `Source` of entries that are known already."""

    expected_head = None

    def __init__(
        self, key: int, epoch: str, entries: Sequence[Entry], *, require_open: bool, durable: bool
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.require_open = require_open
        self.done: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self.outcome = Appended(0, 0)  # once it is committed
        self._entries = entries
        self._durable = durable

    def next_entries(self) -> Sequence[Entry]:
        return [] if self.done.done() else self._entries

    def committed(self, first: int) -> None:
        if not self._durable:
            self.durable()

    def durable(self) -> None:
        if not self.done.done():
            self.done.set_result(self.outcome)

    def unsafe(self) -> None:
        self.refused(JournalUnavailable("the disk refused"))

    def refused(self, error: JournalError | JournalUnavailable) -> None:
        if not self.done.done():
            self.done.set_exception(error)
