"""What others recorded of one room: taken as the bus brings it, and read from storage where that leaves a hole.

The numbers of the log are dense, so a room knows what it lacks. With two processes that write, every commit sees a hole
which the bus fills a moment later: storage is asked only for what is still missing then.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pizarra.collab.broadcast import Broadcast
from pizarra.collab.commit_queue import CommitQueue
from pizarra.collab.journal import Journal, JournalUnavailable, StoredEvent, StoredUpdate
from pizarra.collab.told_entries import Row, ToldEntries
from pizarra.kit.weak import weakly

_HEAR_SECONDS = 0.03  # from the word that something was recorded to reading it: more may come
_HOLE_SECONDS = 0.05  # from a hole to reading what lies in it: the bus may bring it
_EARLY = 64  # messages that came before what they follow, and are kept until it comes
_EARLY_BYTES = 256 * 1024
# Of edits, which may be of thousands of pieces: others have their turn then.
_AT_ONCE_BYTES = 32 * 1024
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


class CatchUp:
    """Has a room know what was recorded elsewhere: each entry once, in the order of their numbers."""

    def __init__(
        self,
        key: int,
        queue: CommitQueue,
        journal: Journal,
        broadcast: Broadcast,
        on_taken: Callable[[Sequence[StoredUpdate], Sequence[StoredEvent], int], None],
        on_went_back: Callable[[], None],
        on_read: Callable[[], None],
    ) -> None:
        self._key = key
        self._queue = queue
        self._journal = journal
        self._broadcast = broadcast
        self._on_taken = on_taken  # told what is new, and up to which seq that is all
        self._on_went_back = on_went_back
        self._on_read = on_read  # told that the bus had not brought what storage had
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._wanted = 0  # the seq that is known to be recorded
        self._is_unsure = False  # whether something was recorded, nobody said up to where
        self._early: dict[int, ToldEntries] = {}  # by their first seq
        self._early_bytes = 0
        self._reading: asyncio.Task[None] | None = None
        self._is_taking = False  # of much that was read only some was taken in
        self._closed = False

    def stop(self) -> None:
        """Learn nothing more."""
        self._closed = True
        self._early.clear()
        if self._timer is not None:
            self._timer.cancel()

    def hear(self, head: int | None) -> None:
        """Somebody says that the log goes up to `head`, or that it goes on: look soon, and not for each word."""
        if head is None:
            self._is_unsure = True
        elif head <= self._queue.complete_to:
            return
        else:
            self._wanted = max(self._wanted, head)
        if self._timer is None and not self._closed:
            wait = _HEAR_SECONDS if self._is_unsure else _HOLE_SECONDS
            self._timer = self._loop.call_later(wait, weakly(self._look_if_needed))

    def hear_entries(self, told: ToldEntries) -> None:
        """Take in what another process says that it has committed, or keep it until what comes before it is known."""
        if self._closed or told.last <= self._queue.complete_to:
            return
        if sum(len(row.update or b"") for row in told.rows) > _AT_ONCE_BYTES:
            self.hear(told.last)  # what is read from storage is taken in turns with others
        elif told.first > self._queue.complete_to + 1 or self._is_taking:
            self._keep(told)
            self.hear(told.last)
        elif self._take(told):
            self.go_on()

    def go_on(self) -> None:
        """More is known than before: what came early may be next."""
        while self._early and not self._is_taking:
            first = min(self._early)
            if first > self._queue.complete_to + 1:
                return
            told = self._early.pop(first)
            self._early_bytes -= told.size
            if told.last > self._queue.complete_to and not self._take(told):
                return

    def _keep(self, told: ToldEntries) -> None:
        known = self._early.get(told.first)
        size = told.size
        if known is not None or len(self._early) >= _EARLY:
            return
        if self._early_bytes + size <= _EARLY_BYTES:
            self._early[told.first] = told
            self._early_bytes += size

    def _take(self, told: ToldEntries) -> bool:
        """Take in what of it is new; return whether that could be done without storage."""
        after = self._queue.complete_to
        numbered = [(seq, row) for seq, row in enumerate(told.rows, told.first) if seq > after]
        updates: list[StoredUpdate] = []
        events: list[StoredEvent] = []
        for seq, row in numbered:
            if row.update is not None:
                updates.append(StoredUpdate(row.participant, row.update, row.gap))
            elif (event := self._event(seq, told.at, row)) is not None:
                events.append(event)
            else:
                self.hear(None)
                return False
        self._on_taken(updates, events, told.last)
        return True

    def _event(self, seq: int, at: int, row: Row) -> StoredEvent | None:
        """Return an entry as storage would tell it; None when it is of somebody who is not here."""
        person = None
        if row.participant is not None:
            person = self._broadcast.person(row.participant)
            if person is None:
                return None
        return StoredEvent(
            seq=seq,
            at=_1970 + timedelta(microseconds=at),
            kind=row.kind,
            author=row.participant,
            author_id=person.public_id if person else None,
            author_name=person.name if person else None,
            data=json.loads(row.data or "null") or {},
        )

    def _look_if_needed(self) -> None:
        self._timer = None
        if not self._closed and (self._is_unsure or self._wanted > self._queue.complete_to):
            self.read(expected=self._is_unsure)

    async def look(self) -> None:
        """Learn what was recorded before this call."""
        if self._reading is not None:
            await asyncio.shield(self._reading)  # it may have asked before
        await asyncio.shield(self.read(expected=True))

    async def reach(self, head: int) -> None:
        """Wait until everything is known that was recorded up to `head`.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        for _ in range(2):  # an attempt under way may have asked before it was recorded
            if self._queue.complete_to < head:
                await asyncio.shield(self.read(expected=True))
        if self._queue.complete_to < head:
            raise JournalUnavailable

    def read(self, *, expected: bool = False) -> asyncio.Task[None]:
        """Read what the log holds beyond what is known; return the attempt, which others may wait for too.

        It is `expected` where the bus would not have brought it.
        """
        if self._reading is None:
            self._reading = self._loop.create_task(self._fill_hole(expected=expected))
        return self._reading

    async def _fill_hole(self, *, expected: bool) -> None:
        try:
            await self._read_and_take(expected=expected)
        finally:
            was_taking = self._is_taking
            self._reading, self._is_taking = None, False
        self.go_on()
        if was_taking:  # whoever wanted more meanwhile was given this attempt
            self.hear(self._wanted)

    async def _read_and_take(self, *, expected: bool) -> None:
        since = self._queue.complete_to
        self._is_unsure = False
        try:
            until, updates, events = await self._journal.news_after(self._key, since)
        except JournalUnavailable:
            return  # the next look will do
        if self._closed:
            return
        if until < since:
            self._on_went_back()
            return
        was_known = until <= self._queue.complete_to
        *some, last = _portions(updates)
        if some and not await self._take_some(some, since, until):
            return
        unknown = [event for event in events if not self._queue.is_known(event.seq)]
        self._on_taken(last, unknown, until)
        if not (was_known or expected) and (unknown or updates):
            self._on_read()

    async def _take_some(
        self, portions: Sequence[Sequence[StoredUpdate]], since: int, until: int
    ) -> bool:
        """Take in a part of what was read, in turns with others; return whether the rest is wanted still."""
        self._is_taking = True
        self._queue.expect(until)  # no snapshot: the document is ahead of what is known to be all
        for each in portions:
            self._on_taken(each, (), since)
            await asyncio.sleep(0)
            if self._closed:
                return False
        return True


def _portions(updates: Sequence[StoredUpdate]) -> list[Sequence[StoredUpdate]]:
    """Part updates by their bytes; the last portion is what is left, and may be empty."""
    portions: list[list[StoredUpdate]] = [[]]
    size = 0
    for each in updates:
        size += len(each.update)
        if size > _AT_ONCE_BYTES and portions[-1]:
            portions.append([])
            size = len(each.update)
        portions[-1].append(each)
    return list(portions)
