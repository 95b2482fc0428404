"""The road of one room's updates into the journal, and of the acknowledgements back.

An update waits here until the journal asks for it; then it is taken, committed, made durable, acknowledged. A batch
that storage refuses is offered again, the same one: what it brings was counted as contained when it was taken.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from pizarra.collab.connection import Connection
from pizarra.collab.doubles import Doubles
from pizarra.collab.journal import (
    EditEntry,
    Entry,
    HeadMoved,
    Journal,
    JournalError,
    JournalUnavailable,
    StoredDocument,
    WentBack,
)
from pizarra.collab.limits import RoomLimits
from pizarra.collab.state.gaps import Gaps
from pizarra.collab.state.integrated_state import IntegratedState, Integration
from pizarra.collab.state.quota import Waiting
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.summary import UpdateSummary

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
    gap: bool = False  # something it builds on is missing
    # what the edit is for: recorded right before it, even when it changes nothing
    entry: Entry | None = None
    # Of an edit by the server: the queue's `view` when it was computed. It is recorded in that or not at all.
    computed_in: int | None = None


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
        # no edit up to this seq is unknown here; another process may have written later
        self.complete_to = stored.head
        # first and last seq of batches written here after that
        self._own: deque[tuple[int, int]] = deque()
        self.integrated = IntegratedState()
        self.gaps = Gaps(limits)
        pending = self._pending = deque[Edit]()
        self.waiting = Waiting(  # of what waits, not of this queue: it would keep itself and its document in memory
            text=lambda: sum(edit.summary.text_bytes for edit in pending),
            files=lambda: chain.from_iterable(edit.summary.files for edit in pending),
            nested=lambda: sum(edit.summary.nested for edit in pending),
            edits=lambda: (edit.summary for edit in pending),
        )
        self._journal = journal
        self._limits = limits
        self._on_committed = on_committed  # told what brings news, and how many entries that made
        self._on_lost = on_lost
        self._on_retry = on_retry
        self._loop = asyncio.get_running_loop()
        self.view = 0  # counts up with what other processes wrote, as far as it is known here
        # the head that the edit by the server, which is alone in its batch then, was computed from
        self.expected_head: int | None = None
        self.doubles = Doubles()
        # the part of `_pending` that the journal is committing, or will again
        self._taken: list[Edit] = []
        self._entries: list[Entry] = []  # what of it goes into the log
        # committed and seen by everybody, not yet on the disk
        self._unsafe: deque[list[Edit]] = deque()
        self._settled: list[asyncio.Future[None]] = []
        self._failures = 0
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing is recorded any more."""
        return self._closed

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits for a commit."""
        return not self._pending

    @property
    def is_full(self) -> bool:
        """Whether so much waits that no more should be read for now."""
        return len(self._pending) >= self._limits.pending_updates

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
        self.integrated.clocks = clocks
        self.gaps.keep(self.integrated.leaves_gap)
        return bool(self.gaps)

    def take_in(self, updates: Iterable[tuple[bytes, UpdateSummary]], until: int) -> list[Edit]:
        """Count what another process wrote, up to seq `until`; return what of it is new here."""
        news, updates = [], list(updates)
        self.doubles.compare(updates)
        for update, summary in updates:
            self.integrated.note_characters(summary)
            outcome = self.integrated.take_in(summary)
            if outcome is Integration.GAP:
                self.gaps.add(summary, len(update))
            self.integrated.siblings.add(summary)
            if outcome is not Integration.NOTHING_NEW:
                news.append(Edit(None, update, summary, [], gap=outcome is Integration.GAP))
        self.head = max(self.head, until)
        self.view += bool(news)
        self._advance(until)
        return news

    def expect(self, head: int) -> None:
        """The log goes up to `head`; what lies there is about to be taken in."""
        self.head = max(self.head, head)

    def note_own(self, first: int, last: int) -> None:
        """This process appended entries that are no edits, by another way."""
        self.head = max(self.head, last)
        self._own.append((first, last))
        self._advance(self.complete_to)

    def is_known(self, seq: int) -> bool:
        """Whether an entry is known here: this process wrote it, or has read it."""
        return seq <= self.complete_to or any(first <= seq <= last for first, last in self._own)

    def _advance(self, until: int) -> None:
        """Nothing up to `until` is missing, nor what was written here right after it."""
        self.complete_to = max(self.complete_to, until)
        while self._own and self._own[0][0] <= self.complete_to + 1:
            self.complete_to = max(self.complete_to, self._own.popleft()[1])
        if self.complete_to >= self.head:
            self.doubles.forget()

    def close(self) -> None:
        """Record nothing more than what the journal is committing right now."""
        self._closed = True
        if not self._taken:
            self._abandon_pending()

    # The journal asks, and tells how it went

    def next_entries(self) -> Sequence[Entry]:
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
            if edit.computed_in is not None:
                if not self._taken:
                    self._take_alone(edit)
                break
            self._taken.append(edit)
            self.integrated.note_characters(edit.summary)
            outcome = self.integrated.take_in(edit.summary)
            edit.brings_news = outcome is not Integration.NOTHING_NEW
            if edit.entry is not None:
                self._entries.append(edit.entry)
            if not edit.brings_news:
                continue
            gap = outcome is Integration.GAP
            if (
                gap
                and edit.author is not None
                and not self.gaps.has_room(edit.summary, len(edit.update))
            ):
                # Nothing of it is recorded. What it builds on comes first when its client has connected anew.
                edit.brings_news = False
                reason = "this builds on edits that have not arrived: reconnect"
                edit.author.close(CloseCode.TRY_AGAIN, reason, "max_gap_updates")
                continue
            if gap:
                edit.gap = True
                self.gaps.add(edit.summary, len(edit.update))
            author = edit.author.person.key if edit.author else None
            self._entries.append(EditEntry(author, edit.update, gap))

    def _take_alone(self, edit: Edit) -> None:
        """Take an edit by the server, if nobody else wrote since it was computed.

        What it brings counts as contained once it is committed: if it is not, the same is computed anew.
        """
        self._taken.append(edit)
        if edit.computed_in != self.view or self.complete_to < self.head:
            edit.brings_news = False
            _fail(edit, HeadMoved())
            return
        self.expected_head = self.head
        edit.brings_news = not edit.summary.is_empty
        self._entries += [] if edit.entry is None else [edit.entry]
        self._entries += [EditEntry(None, edit.update)] if edit.brings_news else []

    def committed(self, first: int) -> None:
        """The entries taken are in the log from seq `first`."""
        went_back = first <= self.head  # a number that was somebody else's
        if self.expected_head is not None:
            self.expected_head = None
            for edit in self._taken:
                self.integrated.note_characters(edit.summary)
                self.integrated.take_in(edit.summary)
        self.head = first + len(self._entries) - 1
        self._own.append((first, self.head))
        if self.complete_to + 1 < first:
            self.doubles.show_early((each.update, each.summary) for each in self._taken)
        self._advance(self.complete_to)
        self._failures = 0
        self._finish_batch()
        if went_back:
            self._on_lost(WentBack())

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
        if isinstance(error, HeadMoved):
            for edit in self._taken:
                edit.brings_news = False
                _fail(edit, error)
            self._entries, self.expected_head = [], None
            self._finish_batch()
            return
        if isinstance(error, JournalUnavailable):
            self._on_retry()
            self._failures += 1
            if self._failures <= self._limits.commit_retries and not self._closed:
                self._loop.call_later(_RETRY_SECONDS * 4 ** (self._failures - 1), self._retry)
                return
        self._taken, self._entries, self.expected_head = [], [], None
        self._on_lost(error)
        self.close()

    def _retry(self) -> None:
        if self._closed:
            self._taken, self._entries, self.expected_head = [], [], None
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
            # what it repeats became safe before it, or becomes so with this
            self._unsafe[-1] += batch
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
            _fail(edit, RoomGone())


def _fail(edit: Edit, error: Exception) -> None:
    """Tell whoever waits for an edit's commit that there will be none."""
    if edit.committed is not None and not edit.committed.done():
        edit.committed.set_exception(error)
