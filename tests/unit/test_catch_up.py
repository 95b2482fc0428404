"""What others record comes into a room once, in order, and storage is asked only for what nobody brought."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import cast

import pytest
from tests.harness.core import ANA, HeldLog, connect, limits, stored
from tests.harness.moved_time import in_moved_time

from pizarra.collab.broadcast import Broadcast
from pizarra.collab.catch_up import CatchUp
from pizarra.collab.commit_queue import CommitQueue
from pizarra.collab.journal import (
    Journal,
    JournalUnavailable,
    StoredEvent,
    StoredNews,
    StoredUpdate,
)
from pizarra.collab.presence import Presence
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.told_entries import ToldEntries, ToldRow
from pizarra.collab.wire.codec import var_uint
from pizarra.collab.wire.updates import summarize_update

SECOND = 1_000_000
HEAR, HOLE = 0.03, 0.05  # seconds: from a word to the look, and from a hole


class Storage:
    """A log that others write to; it says when it was asked, and after what."""

    def __init__(self) -> None:
        self.head = 0
        self.events: dict[int, StoredEvent] = {}
        self.updates: dict[int, StoredUpdate] = {}
        self.asked: list[tuple[float, int]] = []
        self.away = False
        self.seconds = 0.0  # that an answer takes
        self._began = asyncio.get_running_loop().time()

    def record(self, kind: str = "note") -> int:
        """Write an entry; return its seq."""
        self.head += 1
        self.events[self.head] = _event(self.head, kind)
        return self.head

    def record_edit(self, size: int = 10_000) -> ToldRow:
        """Write an edit of so many bytes; return it as another process tells it."""
        start, end = var_uint(self.head), var_uint(size)
        row = b"\1\1\5" + start + b"\x04\1\1t" + end + b"x" * size + b"\0"
        self.head += 1
        self.updates[self.head] = StoredUpdate(None, row)
        return ToldRow("edit", None, row, None, False)

    async def news_after(self, _key: int, seq: int) -> StoredNews:
        """Return what came after `seq` when it was asked."""
        self.asked.append((round(asyncio.get_running_loop().time() - self._began, 2), seq))
        if self.away:
            raise JournalUnavailable
        until, found = self.head, [event for at, event in self.events.items() if at > seq]
        updates = [update for at, update in self.updates.items() if at > seq]
        await asyncio.sleep(self.seconds)
        return StoredNews(until, updates, found)


def _event(seq: int, kind: str) -> StoredEvent:
    return StoredEvent(seq, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), kind, None, None, None, {})


class Place:
    """A room's knowledge of others, and what it made of it."""

    def __init__(self) -> None:
        bounds = limits()
        self.storage = Storage()
        self.queue = CommitQueue(
            stored(),
            HeldLog().journal,
            bounds,
            lambda *_: None,
            lambda *_: None,
            lambda: None,
        )
        presence = Presence(Ownership({}, 9, 9), bounds.presence_bytes, bounds.connections)
        self.broadcast = Broadcast(presence, bounds, lambda: None)
        self.taken: list[int] = []
        self.portions: list[int] = []  # edits that were taken in at one go
        self.events: list[StoredEvent] = []
        self.went_back = self.unheard = 0
        self.others = CatchUp(
            7,
            self.queue,
            cast("Journal", self.storage),
            self.broadcast,
            self._take,
            self._note_back,
            self._note_read,
        )

    def _take(
        self, updates: Sequence[StoredUpdate], events: Sequence[StoredEvent], until: int
    ) -> None:
        self.portions.append(len(updates))
        self.taken += [event.seq for event in events]
        self.events += events
        self.queue.take_in(
            [(each.update, summarize_update(each.update)) for each in updates], until
        )

    def _note_back(self) -> None:
        self.went_back += 1

    def _note_read(self) -> None:
        self.unheard += 1


def told(first: int, *kinds: str, participant: int | None = None) -> ToldEntries:
    """Return what another process says of entries from `first` on."""
    rows = [ToldRow(kind, participant, None, json.dumps({"n": kind}), False) for kind in kinds]
    return ToldEntries("first", first, SECOND, rows)


def in_a_place(story: Callable[[Place], Awaitable[None]]) -> None:
    async def told_here() -> None:
        await story(Place())

    in_moved_time(told_here())


def test_what_the_bus_brings_is_not_read() -> None:
    async def story(place: Place) -> None:
        place.others.hear_entries(told(1, "a", "b"))
        place.others.hear_entries(told(3, "c"))
        await asyncio.sleep(1)
        assert (place.taken, place.storage.asked) == ([1, 2, 3], [])
        first = place.events[0]
        assert (first.kind, first.data, first.at) == (
            "a",
            {"n": "a"},
            datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        )

    in_a_place(story)


def test_what_is_told_twice_counts_once() -> None:
    async def story(place: Place) -> None:
        place.others.hear_entries(told(1, "a", "b"))
        place.others.hear_entries(told(1, "a", "b"))
        place.others.hear_entries(told(2, "b", "c"))  # its first is known
        assert place.taken == [1, 2, 3]

    in_a_place(story)


def test_what_comes_early_waits_for_what_it_follows() -> None:
    async def story(place: Place) -> None:
        place.others.hear_entries(told(4, "d"))
        place.others.hear_entries(told(2, "b", "c"))
        assert place.taken == []
        place.others.hear_entries(told(1, "a"))
        assert place.taken == [1, 2, 3, 4]
        await asyncio.sleep(1)
        assert place.storage.asked == [], "the hole was filled before it was looked at"

    in_a_place(story)


def test_a_hole_that_stays_is_read_once_and_in_time() -> None:
    async def story(place: Place) -> None:
        for _ in range(4):
            place.storage.record()
        place.others.hear_entries(told(3, "note"))
        place.others.hear_entries(told(4, "note"))
        await asyncio.sleep(1)
        assert place.storage.asked == [(HOLE, 0)]
        assert place.taken == [1, 2, 3, 4], "each once, and those that came early are known"
        assert place.unheard == 1, "the bus had not brought it"

    in_a_place(story)


def test_what_came_early_follows_what_was_read() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.5
        place.storage.record()
        place.others.read()
        await asyncio.sleep(0.1)
        place.others.hear_entries(told(2, "b"))  # committed since storage was asked
        await place.others.reach(1)
        assert (place.taken, len(place.storage.asked)) == ([1, 2], 1)

    in_a_place(story)


def test_a_word_without_a_number_has_storage_asked_soon() -> None:
    async def story(place: Place) -> None:
        place.storage.record()
        for _ in range(100):
            place.others.hear(None)
        await asyncio.sleep(1)
        assert (place.storage.asked, place.taken) == ([(HEAR, 0)], [1])
        assert place.unheard == 0, "nobody promised to bring it"
        place.others.hear(1)
        await asyncio.sleep(1)
        assert len(place.storage.asked) == 1, "it is known"
        place.storage.record()
        place.others.hear(2)  # now there is a number: the bus has its time
        await asyncio.sleep(1)
        assert (place.storage.asked[1:], place.unheard) == ([(2 + HOLE, 1)], 1)

    in_a_place(story)


def test_who_is_not_here_is_looked_up() -> None:
    async def story(place: Place) -> None:
        place.storage.record("note")
        place.others.hear_entries(told(1, "note", participant=ANA.key))
        assert place.taken == []
        await asyncio.sleep(1)
        assert (place.storage.asked, place.taken) == ([(HEAR, 0)], [1])
        ana, _ = connect(ANA)
        place.broadcast.join(ana)
        place.others.hear_entries(told(2, "note", participant=ANA.key))
        assert (place.events[-1].author_id, place.events[-1].author_name) == (
            ANA.public_id,
            ANA.name,
        )

    in_a_place(story)


def test_what_comes_early_is_kept_up_to_a_bound() -> None:
    async def story(place: Place) -> None:
        for first in range(2, 102):
            place.others.hear_entries(told(first, "note"))
        place.others.hear_entries(told(1, "note"))
        assert place.taken == list(range(1, 66)), "64 of them, and what they waited for"
        for _ in range(101):
            place.storage.record()
        await asyncio.sleep(1)
        assert place.taken == list(range(1, 102)), "the others come from storage"

    in_a_place(story)


def test_early_messages_that_are_large_are_not_kept() -> None:
    async def story(place: Place) -> None:
        for first in range(2, 6):
            row = ToldRow("note", None, None, json.dumps({"text": "x" * 100_000}), False)
            place.others.hear_entries(ToldEntries("first", first, SECOND, [row]))
        place.others.hear_entries(told(1, "note"))
        assert place.taken == [1, 2, 3], "two of 100 KB are within 256 KB"

    in_a_place(story)


def test_many_large_edits_are_taken_in_turns_with_others() -> None:
    async def story(place: Place) -> None:
        for _ in range(10):
            place.storage.record_edit()
        place.storage.record()
        reading = place.others.read()
        while not place.portions:
            await asyncio.sleep(0)
        assert (place.queue.complete_to, place.queue.head) == (0, 11), "not all, so no snapshot yet"
        place.others.hear_entries(told(12, "late"))  # meanwhile
        await reading
        assert place.portions == [3, 3, 3, 1, 0]
        assert (place.taken, place.queue.complete_to) == ([11, 12], 12)

    in_a_place(story)


def test_much_that_the_bus_brings_is_read_from_storage() -> None:
    """One message of it may hold a mebibyte of edits, of thousands of pieces each."""

    async def story(place: Place) -> None:
        rows = [place.storage.record_edit() for _ in range(4)]
        place.others.hear_entries(ToldEntries("first", 1, SECOND, rows[:3]))
        assert place.portions == [3]
        place.storage.record_edit(40_000)
        place.others.hear_entries(
            ToldEntries("first", 4, SECOND, [rows[3], place.storage.record_edit(40_000)])
        )
        assert place.portions == [3]
        await asyncio.sleep(1)
        assert (place.portions, place.queue.complete_to) == ([3, 1, 1, 1], 6)

    in_a_place(story)


def test_own_entries_between_those_of_others_are_not_taken_again() -> None:
    async def story(place: Place) -> None:
        place.storage.record()
        place.storage.record("own")
        place.queue.note_own(2, 2)
        place.others.hear(2)
        await asyncio.sleep(1)
        assert place.taken == [1]
        assert place.queue.complete_to == 2

    in_a_place(story)


def test_readers_at_once_share_one_question() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.5
        place.storage.record()
        await asyncio.gather(*(place.others.reach(1) for _ in range(20)))
        assert (place.storage.asked, place.taken) == ([(0.0, 0)], [1])

    in_a_place(story)


def test_to_reach_a_head_asks_again_when_the_answer_is_older() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.5
        place.storage.record()
        under_way = place.others.read()
        await asyncio.sleep(0.1)
        place.storage.record()  # behind the question
        await place.others.reach(2)
        assert under_way.done()
        assert place.storage.asked == [(0.0, 0), (0.5, 1)]
        assert place.taken == [1, 2]

    in_a_place(story)


def test_a_look_sees_what_was_recorded_before_it() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.5
        place.others.read()
        await asyncio.sleep(0.1)
        place.storage.record()
        await place.others.look()
        assert place.taken == [1], "the question under way was asked before"

    in_a_place(story)


def test_storage_that_is_away_loses_nothing() -> None:
    async def story(place: Place) -> None:
        place.storage.record()
        place.storage.away = True
        place.others.hear(1)
        await asyncio.sleep(1)
        assert place.taken == []
        with pytest.raises(JournalUnavailable):
            await place.others.reach(1)
        place.storage.away = False
        await place.others.reach(1)
        assert place.taken == [1]

    in_a_place(story)


def test_a_log_that_went_back_is_said_so() -> None:
    async def story(place: Place) -> None:
        place.others.hear_entries(told(1, "a", "b"))
        place.storage.record()  # one entry, where two were known: it was restored from a backup
        await place.others.look()
        assert (place.went_back, place.taken) == (1, [1, 2])

    in_a_place(story)


def test_after_the_end_nothing_is_learnt() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.5
        place.storage.record()
        place.others.hear(1)
        reading = place.others.read()
        await asyncio.sleep(0.1)
        place.others.stop()
        await reading
        place.others.hear_entries(told(1, "a"))
        place.others.hear(5)
        await asyncio.sleep(1)
        assert (place.taken, len(place.storage.asked)) == ([], 1)

    in_a_place(story)
