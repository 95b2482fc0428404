"""Who has something at the same time shares a commit; what is told when, and what one failure costs the others."""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy.exc import OperationalError
from tests.harness.entries import event
from tests.harness.moved_time import in_moved_time

from pizarra.collab.journal import (
    Entry,
    JournalError,
    JournalFull,
    JournalUnavailable,
    SessionClosed,
)
from pizarra.collab.told_entries import ToldEntries
from pizarra.timeline.append.appender import Append, Appended, AppendResult
from pizarra.timeline.append.group_commit import GroupCommit
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.read.pages import LogOwner

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AWAY = OperationalError("COMMIT", {}, Exception("the database went away"))


class Storage:
    """Where commits go: by the call itself, or with `seconds` to wait; it notes when each began, and for whom."""

    def __init__(self) -> None:
        self.needs_sync = False
        self.seconds: float | None = None
        self.sync_seconds = 0.0
        self.commits: list[tuple[float, list[int]]] = []
        self.syncs: list[float] = []
        self.refused: dict[int, JournalError] = {}
        self.failure: BaseException | None = None
        self.disk: OSError | None = None
        self.closed = False
        self.heads: dict[int, int] = {}
        self._began = asyncio.get_running_loop().time()

    def now(self) -> float:
        return round(asyncio.get_running_loop().time() - self._began, 4)

    def append_now(self, appends: Sequence[Append], _at: datetime) -> list[AppendResult] | None:
        """Commit at once, unless it takes time."""
        return self._commit(appends) if self.seconds is None else None

    async def append(self, appends: Sequence[Append], _at: datetime) -> list[AppendResult]:
        """Commit after a while."""
        begun = self.now()
        await asyncio.sleep(self.seconds or 0)
        return self._commit(appends, begun)

    def _commit(self, appends: Sequence[Append], begun: float | None = None) -> list[AppendResult]:
        self.commits.append(
            (self.now() if begun is None else begun, [append.key for append in appends])
        )
        if self.failure is not None:
            raise self.failure
        return [self._result(append) for append in appends]

    def _result(self, append: Append) -> AppendResult:
        if append.key in self.refused:
            return self.refused[append.key]
        first = self.heads.get(append.key, 0) + 1
        self.heads[append.key] = first + len(append.rows) - 1
        return Appended(first, 7)

    async def sync(self) -> None:
        """Bring it to the disk."""
        self.syncs.append(self.now())
        await asyncio.sleep(self.sync_seconds)
        if self.disk is not None:
            raise self.disk

    async def close(self) -> None:
        """Let go."""
        self.closed = True


class Writer:
    """A room's side: what it has, and what it was told, in order."""

    epoch = "first"
    require_open = True
    expected_head = None

    def __init__(self, key: int, *entries: Entry) -> None:
        self.key = key
        self.has = list(entries)
        self.told: list[str] = []
        self.on_committed: Callable[[], None] = lambda: None

    def next_entries(self) -> Sequence[Entry]:
        return self.has

    def committed(self, first: int) -> None:
        self.has = []
        self.told.append(f"committed {first}")
        self.on_committed()

    def durable(self) -> None:
        self.told.append("durable")

    def unsafe(self) -> None:
        self.told.append("unsafe")

    def refused(self, error: Exception) -> None:
        self.told.append(type(error).__name__)


class Place:
    """A group commit, what it writes to, and what it told others."""

    def __init__(self, window: float = 0.01) -> None:
        self.storage = Storage()
        self.counted: list[list[int]] = []
        self.told: list[tuple[int, int, bool]] = []
        self.recent = Recent(1_000_000)
        self.commits = GroupCommit(
            self.storage,
            lambda: NOW,
            window,
            self._count,
            self.recent,
        )
        self.commits.on_entries = self._tell

    def _count(self, appended: Sequence[Append], _seconds: float) -> None:
        self.counted.append([append.key for append in appended])

    def _tell(self, key: int, told: ToldEntries, *, by_room: bool) -> None:
        self.told.append((key, told.first, by_room))

    def write(self, key: int, entries: int = 1) -> Writer:
        """Have somebody with entries ask for a commit."""
        writer = Writer(key, *(event("note", None) for _ in range(entries)))
        self.commits.request(writer)
        return writer

    def append(self, key: int, *, durable: bool = True) -> asyncio.Task[Appended]:
        """Append one entry that is no room's."""
        return asyncio.ensure_future(
            self.commits.append(key, "first", [event("note", None)], durable=durable)
        )


def in_a_place(story: Callable[[Place], Awaitable[None]], window: float = 0.01) -> None:
    async def told_here() -> None:
        await story(Place(window))

    in_moved_time(told_here())


async def turns() -> None:
    """Let everybody have a few turns; no time passes."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_who_asks_in_one_turn_shares_a_commit_at_its_end() -> None:
    async def story(place: Place) -> None:
        writers = [place.write(key, entries=2) for key in (1, 2, 3)]
        assert place.storage.commits == []
        await turns()
        assert place.storage.commits == [(0.0, [1, 2, 3])]
        assert {tuple(each.told) for each in writers} == {("committed 1", "durable")}
        assert (place.counted, place.told) == (
            [[1, 2, 3]],
            [(1, 1, True), (2, 1, True), (3, 1, True)],
        )

    in_a_place(story)


def test_a_session_is_in_a_commit_once() -> None:
    async def story(place: Place) -> None:
        place.write(1, entries=2)
        second, other = place.write(1), place.write(2)
        await turns()
        assert [keys for _, keys in place.storage.commits] == [[1, 2], [1]]
        assert (second.told, other.told) == (["committed 3", "durable"], ["committed 1", "durable"])
        known = cast("LogOwner", SimpleNamespace(id=1, epoch="first"))
        assert [row[0] for row in place.recent.stretch(known, 1, 9)] == [1, 2, 3], (
            "kept for packing"
        )

    in_a_place(story)


def test_who_has_nothing_makes_no_commit() -> None:
    async def story(place: Place) -> None:
        place.write(1, entries=0)
        await turns()
        assert place.storage.commits == []
        place.write(1)
        await turns()
        assert len(place.storage.commits) == 1

    in_a_place(story)


def test_what_comes_during_a_commit_shares_the_next() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.1
        first = place.write(1)
        await asyncio.sleep(0.05)
        later = [place.write(key) for key in (1, 2)]
        await asyncio.sleep(0.04)
        assert first.told == []
        await asyncio.sleep(0.2)
        assert place.storage.commits == [(0.0, [1]), (0.1, [1, 2])]
        assert [each.told[0] for each in later] == ["committed 2", "committed 1"]

    in_a_place(story)


@pytest.mark.parametrize(("window", "apart"), [(1.0, 0.008), (0.005, 0.005), (0.0, 0.002)])
def test_under_load_commits_are_apart_by_what_they_cost(window: float, apart: float) -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.002
        writer = place.write(1)
        while place.storage.now() < 2:
            if not writer.has:
                writer = place.write(1)
            await asyncio.sleep(0.0005)
        await place.commits.close()
        begun = [at for at, _ in place.storage.commits[-5:]]
        assert [round(after - before, 3) for before, after in pairwise(begun)] == [
            pytest.approx(apart, abs=0.0006)
        ] * 4

    in_a_place(story, window)


def test_one_slow_commit_holds_nobody_up_for_long() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.1
        place.write(1)
        await asyncio.sleep(0.11)
        place.write(1)
        await asyncio.sleep(1)
        assert [at for at, _ in place.storage.commits] == [0.0, 0.11], "not four times 0.1 later"

    in_a_place(story, 1.0)


def test_who_is_alone_after_a_while_waits_for_nobody() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.002
        for _ in range(200):
            place.write(1)
            await asyncio.sleep(0.001)
        await asyncio.sleep(5)  # one commit each, since they are of one session
        asked = place.storage.now()
        place.write(1)
        await turns()
        await asyncio.sleep(0.01)
        assert place.storage.commits[-1][0] == asked

    in_a_place(story, 1.0)


@pytest.mark.parametrize("seconds", [None, 0.1])
@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (AWAY, "JournalUnavailable"),
        (OperationalError("COMMIT", {}, OSError(errno.ENOSPC, "full")), "JournalFull"),
    ],
)
def test_a_commit_that_fails_is_told_to_all_and_the_next_is_made(
    seconds: float | None, failure: OperationalError, said: str
) -> None:
    async def story(place: Place) -> None:
        place.storage.seconds, place.storage.failure = seconds, failure
        writers, single = [place.write(1), place.write(2)], place.append(3)
        with pytest.raises((JournalUnavailable, JournalFull)) as refused:
            await single
        assert refused.typename == said
        assert [each.told for each in writers] == [[said]] * 2
        assert (place.counted, place.told) == ([], [])
        place.storage.failure = None
        assert await place.append(3) == Appended(1, 7)

    in_a_place(story)


def test_one_that_is_refused_takes_nobody_along() -> None:
    async def story(place: Place) -> None:
        place.storage.refused[2] = SessionClosed()
        writers = [place.write(key) for key in (1, 2, 3)]
        await turns()
        assert [each.told[0] for each in writers] == ["committed 1", "SessionClosed", "committed 1"]
        assert (place.counted, [key for key, _, _ in place.told]) == ([[1, 3]], [1, 3])
        with pytest.raises(SessionClosed):
            await place.append(2)

    in_a_place(story)


def test_a_room_that_fails_takes_nobody_along() -> None:
    async def story(place: Place) -> None:
        broken, other = place.write(1), place.write(2)

        def fail() -> None:
            raise ZeroDivisionError

        broken.on_committed = fail
        await turns()
        assert other.told == ["committed 1", "durable"]
        again = place.write(1)
        await turns()
        assert again.told == ["committed 2", "durable"]

    in_a_place(story)


def test_what_is_committed_is_told_at_once_and_acknowledged_from_the_disk() -> None:
    async def story(place: Place) -> None:
        place.storage.needs_sync, place.storage.sync_seconds = True, 0.5
        writer, sure, shown = place.write(1), place.append(2), place.append(3, durable=False)
        await turns()
        assert (writer.told, sure.done(), shown.done()) == (["committed 1"], False, True)
        assert [key for key, _, _ in place.told] == [1, 2, 3]
        assert [by_room for *_, by_room in place.told] == [True, False, False]
        await asyncio.sleep(1.2)
        assert (writer.told, sure.result()) == (["committed 1", "durable"], Appended(1, 7))

    in_a_place(story)


def test_what_is_committed_during_a_sync_waits_for_the_next() -> None:
    async def story(place: Place) -> None:
        place.storage.needs_sync, place.storage.sync_seconds = True, 0.5
        first = place.write(1)
        await asyncio.sleep(0.1)
        later = [place.write(2), place.write(3)]
        await asyncio.sleep(0.5)
        assert (first.told[-1], [each.told for each in later]) == (
            "durable",
            [["committed 1"]] * 2,
        ), "the first sync may have begun before it was written"
        await asyncio.sleep(0.5)
        assert [each.told[-1] for each in later] == ["durable"] * 2
        assert place.storage.syncs == [0.0, 0.5], "one for both"

    in_a_place(story)


def test_syncs_are_a_window_apart() -> None:
    async def story(place: Place) -> None:
        place.storage.needs_sync = True
        place.storage.sync_seconds = 0.01
        for _ in range(200):
            place.write(1)
            await asyncio.sleep(0.004)
        between = [b - a for a, b in pairwise(place.storage.syncs)]
        assert min(between) == pytest.approx(0.2, abs=0.02)

    in_a_place(story, 0.2)


def test_a_disk_that_refuses_is_told_and_tried_again() -> None:
    async def story(place: Place) -> None:
        place.storage.needs_sync, place.storage.disk = True, OSError(errno.EIO, "no")
        writer, single = place.write(1), place.append(2)
        with pytest.raises(JournalUnavailable, match="the disk refused"):
            await single
        assert writer.told == ["committed 1", "unsafe"]
        place.storage.disk = None
        assert await place.append(2) == Appended(2, 7)

    in_a_place(story)


def test_who_gave_up_before_the_commit_is_not_in_it() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds = 0.1
        place.write(1)
        await turns()
        waiting = place.append(2)
        await turns()
        waiting.cancel()
        await asyncio.sleep(1)
        assert [keys for _, keys in place.storage.commits] == [[1]]
        # Behind its beginning it is recorded, though nobody waits any more.
        begun = place.append(2)
        await asyncio.sleep(0.05)
        begun.cancel()
        await asyncio.sleep(1)
        assert (place.storage.heads[2], place.told[-1]) == (1, (2, 1, False))

    in_a_place(story)


def test_at_the_end_what_is_under_way_is_committed_and_synced() -> None:
    async def story(place: Place) -> None:
        place.storage.seconds, place.storage.needs_sync = 0.1, True
        place.storage.sync_seconds = 0.2
        writer = place.write(1)
        await turns()
        waiting = place.write(2)
        await place.commits.close()
        assert (writer.told, place.storage.closed) == (["committed 1", "durable"], True)
        assert place.storage.now() == pytest.approx(0.4, abs=0.11)
        assert waiting.told[:1] in ([], ["committed 1"])

    in_a_place(story)


def test_who_asks_what_is_new_hears_of_the_commit_under_way_first() -> None:
    async def story(place: Place) -> None:
        await place.commits.written()
        place.storage.seconds = 0.1
        writer = place.write(1)
        await turns()
        await place.commits.written()
        assert writer.told == ["committed 1", "durable"]

    in_a_place(story)
