"""The road of updates into the log: what is taken, acknowledged, tried again and given up."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.harness.core import ANA, ZOE, FarEnd, HeldLog, Typist, connect, limits, stored, turns
from tests.harness.entries import event
from tests.harness.moved_time import in_moved_time

from pizarra.collab.commit_queue import CommitQueue, Edit, RoomGone
from pizarra.collab.connection import Connection
from pizarra.collab.journal import EditEntry, HeadMoved, JournalUnavailable, SessionClosed
from pizarra.collab.wire.codec import MessageType, acknowledge_frame, websocket_frame
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_update


class Queue:
    """A queue, the log it writes to, and what it told its room."""

    def __init__(self, **changes: Any) -> None:
        self.log = HeldLog()
        self.news: list[bytes] = []
        self.lost: list[Exception] = []
        self.retries = 0
        self.queue = CommitQueue(
            stored(),
            self.log.journal,
            limits(**changes),
            self._on_committed,
            self.lost.append,
            self._on_retry,
        )

    def _on_committed(self, edits: Sequence[Edit], _entries: int) -> None:
        self.news += [edit.update for edit in edits]

    def _on_retry(self) -> None:
        self.retries += 1

    def add(self, update: bytes, author: Connection | None = None, **more: Any) -> Edit:
        """Let an update wait."""
        edit = Edit(author, update, summarize_update(update), [], **more)
        self.queue.add(edit)
        return edit


def read(update: bytes) -> tuple[bytes, UpdateSummary]:
    """Return an update with what it holds, as a room takes it in."""
    return update, summarize_update(update)


def acknowledged(end: FarEnd) -> list[bytes]:
    return [message.payload for message in end.messages(MessageType.ACKNOWLEDGE)]


def acknowledge(queue: Queue, connection: Connection, number: int) -> None:
    queue.queue.acknowledge_later(connection, websocket_frame(acknowledge_frame(bytes((number,)))))


def test_an_acknowledgement_waits_for_the_disk() -> None:
    async def story() -> None:
        queue, (ana, end) = Queue(), connect(ANA)
        typed = Typist(5).type("x = 1")
        acknowledge(queue, ana, 1)
        assert acknowledged(end) == [b"\x01"], "nothing of hers waits"
        queue.add(typed, ana)
        acknowledge(queue, ana, 2)
        assert (queue.news, acknowledged(end)) == ([], [])
        queue.log.commit(to_disk=False)
        assert (queue.news, acknowledged(end)) == ([typed], []), "others see it; it is not safe yet"
        acknowledge(queue, ana, 3)
        queue.log.sync()
        assert acknowledged(end) == [b"\x02", b"\x03"]

    in_moved_time(story())


def test_nobody_waits_for_what_others_wrote() -> None:
    async def story() -> None:
        queue, (ana, _), (zoe, end) = Queue(), connect(ANA), connect(ZOE)
        queue.add(Typist(5).type("x"), ana)
        acknowledge(queue, zoe, 1)
        assert acknowledged(end) == [b"\x01"]

    in_moved_time(story())


def test_what_is_known_is_acknowledged_but_not_recorded_again() -> None:
    async def story() -> None:
        queue, (ana, end) = Queue(), connect(ANA)
        typed = Typist(5).type("x")
        for number in (1, 2):
            queue.add(typed, ana)
            acknowledge(queue, ana, number)
        assert queue.log.commit() == [EditEntry(ANA.key, typed)]
        assert acknowledged(end) == [b"\x01", b"\x02"]
        queue.add(typed, ana)
        acknowledge(queue, ana, 3)
        assert queue.log.commit() == []
        assert acknowledged(end) == [b"\x03"]
        assert queue.news == [typed]

    in_moved_time(story())


def test_what_the_disk_refused_is_never_acknowledged() -> None:
    async def story() -> None:
        queue, (ana, end) = Queue(), connect(ANA)
        edit = queue.add(Typist(5).type("x"), ana)
        acknowledge(queue, ana, 1)
        edit.committed = committed = _future()
        queue.log.commit(to_disk=False)
        queue.log.lose()
        assert acknowledged(end) == []
        assert [type(error) for error in queue.lost] == [JournalUnavailable]
        with pytest.raises(RoomGone):
            await committed

    in_moved_time(story())


def test_a_batch_that_storage_refuses_is_offered_again_the_same() -> None:
    async def story() -> None:
        queue, typist = Queue(commit_retries=2), Typist(5)
        first, second = typist.type("a"), typist.type("b")
        queue.add(first)
        queue.log.refuse(JournalUnavailable())
        queue.add(second)  # typed meanwhile: it is not in the batch that is tried again
        assert not queue.log.is_asked
        await _until_asked(queue)
        assert queue.log.commit() == [EditEntry(None, first)]
        assert queue.log.commit() == [EditEntry(None, second)]
        assert (queue.retries, queue.lost) == (1, [])

    in_moved_time(story())


def test_storage_that_stays_away_ends_the_room() -> None:
    async def story() -> None:
        queue = Queue(commit_retries=2)
        edit = queue.add(Typist(5).type("a"))
        edit.committed = committed = _future()
        for _ in range(3):
            await _until_asked(queue)
            queue.log.refuse(JournalUnavailable())
        assert (queue.retries, len(queue.lost), queue.queue.is_empty) == (3, 1, True)
        with pytest.raises(RoomGone):
            await committed

    in_moved_time(story())


def test_a_session_that_has_ended_is_not_tried_again() -> None:
    async def story() -> None:
        queue = Queue(commit_retries=2)
        queue.add(Typist(5).type("a"))
        queue.log.refuse(SessionClosed())
        await turns()
        assert (queue.retries, queue.log.is_asked) == (0, False)
        assert [type(error) for error in queue.lost] == [SessionClosed]

    in_moved_time(story())


def test_an_entry_stands_right_before_the_edit_it_is_about() -> None:
    async def story() -> None:
        queue, typist = Queue(), Typist(5)
        asked = event("branch", 1, {"name": "What if?", "from": 3})
        update = typist.type("a")
        queue.add(update, entry=asked)
        assert queue.log.commit() == [asked, EditEntry(None, update)]
        queue.add(update, entry=asked)  # it changes nothing: the entry is recorded all the same
        assert queue.log.commit() == [asked]
        assert (queue.queue.head, queue.queue.complete_to) == (3, 3)

    in_moved_time(story())


def test_a_commit_takes_so_many_and_the_rest_comes_next() -> None:
    async def story() -> None:
        queue, typist = Queue(batch_updates=2), Typist(5)
        for letter in "abc":
            queue.add(typist.type(letter))
        assert [len(queue.log.commit()) for _ in range(2)] == [2, 1]
        assert queue.queue.is_empty

    in_moved_time(story())


def test_what_another_process_wrote_closes_the_hole() -> None:
    async def story() -> None:
        queue, here, there = Queue(), Typist(5), Typist(6)
        queue.log.rows += [EditEntry(9, there.type("far"))]  # unknown here
        queue.add(here.type("near"))
        queue.log.commit()
        assert (queue.queue.head, queue.queue.complete_to) == (2, 0), "number 1 is missing"
        news = queue.queue.take_in([read(queue.log.rows[0].update)], 1)  # type: ignore[union-attr]
        assert [edit.author for edit in news] == [None]
        assert queue.queue.complete_to == 2

    in_moved_time(story())


def test_what_builds_on_nothing_is_bounded() -> None:
    async def story() -> None:
        queue, (ana, end), typist = Queue(max_gap_updates=1), connect(ANA), Typist(5)
        typist.type("never sent")
        for number, word in enumerate(("a", "b"), 1):
            queue.add(typist.type(word), ana)
            acknowledge(queue, ana, number)
        (entry,) = queue.log.commit()
        assert isinstance(entry, EditEntry)
        assert entry.gap
        assert end.closed is not None
        assert "reconnect" in end.closed[1]
        assert ana.bound == "max_gap_updates"

    in_moved_time(story())


def test_an_edit_by_the_server_is_recorded_alone_at_the_head_it_was_computed_from() -> None:
    async def story() -> None:
        queue, (ana, _) = Queue(), connect(ANA)
        queue.add(Typist(5).type("ana"), ana)
        server = queue.add(Typist(6).type("server"), committed=_future(), computed_in=0)
        queue.add(Typist(7).type("zoe"), ana)
        heads = []
        for _ in range(3):
            (_,) = queue.log.commit()
            heads.append(server.committed.done())  # type: ignore[union-attr]
        assert heads == [False, True, True], "one commit each"
        assert await server.committed == 2  # type: ignore[misc]

    in_moved_time(story())


def test_an_edit_that_was_computed_from_less_than_is_known_is_not_recorded() -> None:
    async def story() -> None:
        queue, there = Queue(), Typist(6)
        server = queue.add(Typist(5).type("server"), committed=_future(), computed_in=0)
        queue.queue.take_in([read(there.type("far"))], 1)
        assert queue.log.commit() == []
        with pytest.raises(HeadMoved):
            await server.committed  # type: ignore[misc]
        assert queue.queue.is_empty

    in_moved_time(story())


def test_what_an_edit_brings_that_was_not_recorded_does_not_count_as_known() -> None:
    async def story() -> None:
        queue, (ana, _), shared = Queue(), connect(ANA), Typist(5)
        queue.add(shared.type("abc"), ana)
        queue.log.commit()
        taken_away = shared.delete(0, 1)
        server = queue.add(taken_away, committed=_future(), computed_in=0)
        queue.add(Typist(7).type("ana"), ana)
        queue.log.refuse(HeadMoved())
        with pytest.raises(HeadMoved):
            await server.committed  # type: ignore[misc]
        assert queue.lost == []
        assert len(queue.log.commit()) == 1, "others' edits go on"
        again = queue.add(taken_away, committed=_future(), computed_in=0)
        assert len(queue.log.commit()) == 1, "computed anew, it is the same deletion"
        assert await again.committed == 3  # type: ignore[misc]

    in_moved_time(story())


def test_a_commit_that_may_have_happened_is_offered_at_the_same_head() -> None:
    async def story() -> None:
        queue, there = Queue(), Typist(6)
        queue.add(Typist(5).type("server"), committed=_future(), computed_in=0)
        queue.log.refuse(JournalUnavailable())
        queue.queue.take_in([read(there.type("far"))], 1)
        await _until_asked(queue)
        assert queue.queue.expected_head == 0

    in_moved_time(story())


async def _until_asked(queue: Queue) -> None:
    async with asyncio.timeout(60):
        while not queue.log.is_asked:
            await asyncio.sleep(0.01)


def _future() -> Any:
    return asyncio.get_running_loop().create_future()
