"""The road of one room's updates into the journal, and of the acknowledgements back.

An update waits here until the journal asks for it; then it is taken, committed, made durable, acknowledged. A batch
that storage refuses is offered again, the same one: what it brings was counted as contained when it was taken.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pizarra.collab.connection import Connection
from pizarra.collab.coverage import Coverage, Outcome
from pizarra.collab.journal import Entry, Journal, JournalError, JournalUnavailable, StoredDocument
from pizarra.collab.limits import RoomLimits
from pizarra.collab.updates import UpdateSummary, summarize_update

_RETRY_SECONDS = 0.05  # times four for each further attempt


@dataclass(slots=True)
class Edit:
    """An update on its way, and the acknowledgements that wait with it."""

    author: Connection | None
    update: bytes
    summary: UpdateSummary
    acknowledgements: list[bytes]
    committed: asyncio.Future[int] | None = None
    brings_news: bool = True
    entry: Entry | None = None  # what the edit is for: recorded right before it, even when it changes nothing


class RoomGone(Exception):
    """The room left memory while somebody waited for it."""


class CommitQueue:
    """Implements the journal's `Source` for one room."""

    require_open = True  # nobody edits a session that has ended

    def __init__(
        self,
        stored: StoredDocument,
        journal: Journal,
        limits: RoomLimits,
        on_committed: Callable[[Sequence[Edit], int], None],
        on_lost: Callable[[JournalError | JournalUnavailable], None],
        on_retry: Callable[[], None],
    ) -> None:
        self.key = stored.key
        self.epoch = stored.epoch
        self.head = stored.head
        self.complete_to = stored.head  # no edit up to this seq is unknown here; another process may have written later
        self._own: deque[tuple[int, int]] = deque()  # first and last seq of batches written here after that
        self.coverage = Coverage()
        self.gaps: list[UpdateSummary] = []
        self._journal = journal
        self._limits = limits
        self._on_committed = on_committed  # told what brings news, and how many entries that made
        self._on_lost = on_lost
        self._on_retry = on_retry
        self._loop = asyncio.get_running_loop()
        self._pending: deque[Edit] = deque()
        self._taken: list[Edit] = []  # the part of `_pending` that the journal is committing, or will again
        self._entries: list[Entry] = []  # what of it goes into the log
        self._unsafe: deque[list[Edit]] = deque()  # committed and seen by everybody, not yet on the disk
        self._settled: list[asyncio.Future[None]] = []
        self._failures = 0
        self._closed = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits for a commit."""
        return not self._pending

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more should be read for now."""
        return len(self._pending) >= self._limits.pending_updates

    def waiting_text(self) -> int:
        """Return the bytes of text that wait."""
        return sum(edit.summary.text_bytes for edit in self._pending)

    def add(self, edit: Edit) -> None:
        """Let an update wait for its commit."""
        self._pending.append(edit)
        if len(self._pending) == 1:
            self._journal.request(self)

    def acknowledge_later(self, connection: Connection, frame: bytes) -> None:
        """Echo once everything this connection sent before is safe: at once when nothing of it waits."""
        for edits in (self._pending, *reversed(self._unsafe)):
            for edit in reversed(edits):
                if edit.author is connection:
                    edit.acknowledgements.append(frame)
                    return
        connection.write(frame)

    async def settled(self) -> None:
        """Wait until everything added so far is committed, or the room is gone."""
        if self._pending and not self._closed:
            waiter: asyncio.Future[None] = self._loop.create_future()
            self._settled.append(waiter)
            await waiter

    def still_misses(self, clocks: dict[int, int]) -> bool:
        """Take the document's word for what it holds; tell whether it still lacks something that updates build on."""
        self.coverage.clocks = clocks
        self.gaps = [gap for gap in self.gaps if self.coverage.leaves_gap(gap)]
        return bool(self.gaps)

    def take_in(self, updates: Iterable[bytes], until: int) -> list[Edit]:
        """Count what another process wrote, up to seq `until`; return what of it is new here."""
        news = []
        for update in updates:
            summary = summarize_update(update)
            self.coverage.note_characters(summary)
            outcome = self.coverage.take_in(summary)
            if outcome is Outcome.GAP:
                self.gaps.append(summary)
            if outcome is not Outcome.NOTHING_NEW:
                news.append(Edit(None, update, summary, []))
        self.head = max(self.head, until)
        self._advance(until)
        return news

    def _advance(self, until: int) -> None:
        """Nothing up to `until` is missing, nor what was written here right after it."""
        self.complete_to = max(self.complete_to, until)
        while self._own and self._own[0][0] <= self.complete_to + 1:
            self.complete_to = max(self.complete_to, self._own.popleft()[1])

    def close(self) -> None:
        """Record nothing more than what the journal is committing right now."""
        self._closed = True
        if not self._taken:
            self._abandon_pending()

    # The journal asks, and tells how it went

    def take(self) -> Sequence[Entry]:
        """Return the next entries to commit, leaving out what brings nothing new."""
        if not self._taken and self._pending:  # else the last attempt failed: the same again
            self._take_batch()
            if not self._entries:
                self._finish_batch()
        return self._entries

    def _take_batch(self) -> None:
        for edit in self._pending:
            if len(self._entries) >= self._limits.batch_updates:
                break
            self._taken.append(edit)
            self.coverage.note_characters(edit.summary)
            outcome = self.coverage.take_in(edit.summary)
            edit.brings_news = outcome is not Outcome.NOTHING_NEW
            if edit.entry is not None:
                self._entries.append(edit.entry)
            if not edit.brings_news:
                continue
            gap = outcome is Outcome.GAP
            if gap:
                self.gaps.append(edit.summary)
            author = edit.author.person.key if edit.author else None
            self._entries.append(Entry("edit", author, edit.update, None, gap))

    def committed(self, first: int) -> None:
        """The entries taken are in the log from seq `first`."""
        self.head = first + len(self._entries) - 1
        self._own.append((first, self.head))
        self._advance(self.complete_to)
        self._failures = 0
        self._finish_batch()

    def durable(self) -> None:
        """The oldest batch that was committed is on the disk: acknowledge it."""
        self._acknowledge(self._unsafe.popleft())

    def unsafe(self) -> None:
        """The disk refused: acknowledge nothing; the clients still hold what they wrote."""
        for batch in self._unsafe:
            self._abandon(batch)
        self._unsafe.clear()
        self._on_lost(JournalUnavailable("the disk refused"))

    def refused(self, error: JournalError | JournalUnavailable) -> None:
        """The entries taken are not in the log: nobody is told; try again or give up."""
        if isinstance(error, JournalUnavailable):
            self._on_retry()
            self._failures += 1
            if self._failures <= self._limits.commit_retries and not self._closed:
                self._loop.call_later(_RETRY_SECONDS * 4 ** (self._failures - 1), self._retry)
                return
        self._taken, self._entries = [], []
        self._on_lost(error)
        self.close()

    def _retry(self) -> None:
        if self._closed:
            self._taken, self._entries = [], []
            self._abandon_pending()
        else:
            self._journal.request(self)

    def _finish_batch(self) -> None:
        batch, entries = self._taken, len(self._entries)
        self._taken, self._entries = [], []
        for _ in batch:
            self._pending.popleft()
        if entries:
            self._unsafe.append(batch)
        elif self._unsafe:
            self._unsafe[-1] += batch  # what it repeats became safe before it, or becomes so with this
        else:
            self._acknowledge(batch)
        self._on_committed([edit for edit in batch if edit.brings_news], entries)
        if self._closed:
            self._abandon_pending()
        elif self._pending:
            self._journal.request(self)
        else:
            self._tell_settled()

    def _acknowledge(self, batch: Iterable[Edit]) -> None:
        for edit in batch:
            if edit.author is not None:
                for frame in edit.acknowledgements:
                    edit.author.write(frame)
            if edit.committed is not None and not edit.committed.done():
                edit.committed.set_result(self.head)

    def _tell_settled(self) -> None:
        for waiter in self._settled:
            if not waiter.done():
                waiter.set_result(None)
        self._settled.clear()

    def _abandon_pending(self) -> None:
        self._abandon(self._pending)
        self._pending.clear()
        self._tell_settled()

    def _abandon(self, edits: Iterable[Edit]) -> None:
        """Tell whoever waits for a commit that there will be none: the room is gone."""
        for edit in edits:
            if edit.committed is not None and not edit.committed.done():
                edit.committed.set_exception(RoomGone())
