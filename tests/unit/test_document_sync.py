"""The document's way to people's copies: what is sent whole, merged or as it came, and asked for when it lacks."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from tests.harness.core import ANA, ZOE, FarEnd, HeldLog, Typist, connect, limits, stored
from tests.harness.moved_time import in_moved_time

from pizarra.collab.broadcast import Broadcast
from pizarra.collab.commit_queue import CommitQueue, Edit
from pizarra.collab.connection import Connection
from pizarra.collab.document_sync import DocumentSync
from pizarra.collab.endings import ending_in, ending_of
from pizarra.collab.journal import (
    EpochMismatch,
    HeadMoved,
    JournalError,
    JournalFull,
    JournalUnavailable,
    SessionClosed,
    StoredState,
    WentBack,
)
from pizarra.collab.presence import Presence
from pizarra.collab.state.document import Document
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import MalformedFrame, MessageType, SyncStep, var_uint
from pizarra.collab.wire.updates import summarize_update

NOTHING_KNOWN = b"\0"


def _nothing(*_: object) -> None:
    """Hear it, and do nothing."""


class Copies:
    """A document, and the copies of those who are there; edits come as the journal has them."""

    def __init__(self) -> None:
        bounds = limits()
        self.document = Document()
        self.queue = CommitQueue(stored(), HeldLog().journal, bounds, _nothing, _nothing, _nothing)
        presence = Presence(Ownership({}, 9, 9), bounds.presence_bytes, bounds.connections)
        self.broadcast = Broadcast(presence, bounds, _nothing)
        self.sync = DocumentSync("r" * 32, self.document, self.queue, self.broadcast)

    def join(self, person: Any) -> tuple[Connection, FarEnd]:
        """Let somebody in."""
        connection, end = connect(person)
        assert self.broadcast.join(connection)
        return connection, end

    def distribute(self, *edits: tuple[Connection | None, bytes]) -> None:
        """Have updates distributed that were committed together."""
        committed = [Edit(author, update, summarize_update(update), []) for author, update in edits]
        self.sync.distribute(committed, is_ours=True)

    def lacks(self, author: Connection | None, update: bytes) -> None:
        """Have one distributed that builds on what is not there."""
        summary = summarize_update(update)
        self.queue.gaps.add(summary, len(update))
        self.sync.distribute([Edit(author, update, summary, [], gap=True)], is_ours=True)


def told(end: FarEnd, step: SyncStep) -> list[bytes]:
    return [each.payload for each in end.messages(MessageType.SYNC) if each.step is step]


def text_of(updates: Sequence[bytes]) -> str:
    typist = Typist(999)
    for update in updates:
        typist.doc.apply_update(update)
    return str(typist.text)


def test_who_has_nothing_gets_the_whole_document_as_it_is_now() -> None:
    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        copies.distribute((None, typist.type("one")))
        ana, end = copies.join(ANA)
        for _ in range(2):
            copies.sync.answer(ana, NOTHING_KNOWN)
        assert end.got[0] is end.got[1], "encoded once"
        first, again = told(end, SyncStep.STEP2)
        assert (text_of([first]), again) == ("one", first)
        copies.distribute((ana, typist.type(" two")))
        copies.sync.answer(ana, NOTHING_KNOWN)
        assert text_of(told(end, SyncStep.STEP2)) == "one two"

    in_moved_time(story())


def test_who_has_something_gets_what_is_beyond_it() -> None:
    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        ana, end = copies.join(ANA)
        copies.distribute((None, known := typist.type("one")))
        state = typist.doc.get_state()
        copies.distribute((None, typist.type(" two")))
        end.messages()
        copies.sync.answer(ana, state)
        (beyond,) = told(end, SyncStep.STEP2)
        assert text_of([beyond]) == ""
        assert text_of([known, beyond]) == "one two"

    in_moved_time(story())


def test_a_state_vector_of_clients_that_there_cannot_be_is_refused() -> None:
    """A browser may know of a thousand clients that nobody has met here, and no document of more."""

    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        ana, end = copies.join(ANA)
        copies.distribute((None, typist.type("x")))

        def vector(clients: int) -> bytes:
            of_each = b"".join(
                var_uint(2**53 - 1 - n) + var_uint(2**31 - 1) for n in range(clients)
            )
            return var_uint(clients) + of_each

        copies.sync.answer(ana, vector(999))
        assert len(told(end, SyncStep.STEP2)) == 1
        with pytest.raises(MalformedFrame) as refused:
            copies.sync.answer(ana, vector(1000))
        assert refused.value.bound == "max_clients_per_person"
        copies.queue.integrated.clocks = dict.fromkeys(range(10), 1)
        copies.sync.answer(ana, vector(1000))
        for broken in (b"", b"\x02\x01\x01", b"\x01\x01\x01\x01"):
            with pytest.raises(MalformedFrame):
                copies.sync.answer(ana, broken)

    in_moved_time(story())


def test_joining_somebody_is_asked_for_what_only_they_have() -> None:
    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        ana, end = copies.join(ANA)
        copies.distribute((None, typist.type("x")))
        end.messages()
        copies.sync.ask(ana)
        assert told(end, SyncStep.STEP1) == [typist.doc.get_state()]

    in_moved_time(story())


def test_an_edit_goes_to_all_but_its_author_and_edits_of_two_to_both() -> None:
    async def story() -> None:
        copies, one, two = Copies(), Typist(5), Typist(6)
        (ana, hers), (zoe, his) = copies.join(ANA), copies.join(ZOE)
        copies.distribute((ana, first := one.type("a")), (ana, second := one.type("b")))
        assert hers.messages() == []
        (merged,) = told(his, SyncStep.UPDATE)
        assert merged not in (first, second)
        assert text_of([merged]) == "ab"
        copies.distribute((ana, one.type("c")), (zoe, two.type("z")))
        (to_her,), (to_him,) = told(hers, SyncStep.UPDATE), told(his, SyncStep.UPDATE)
        assert to_her == to_him
        copies.distribute((None, by_server := Typist(7).type("s")))
        assert told(hers, SyncStep.UPDATE) == told(his, SyncStep.UPDATE) == [by_server]

    in_moved_time(story())


def test_large_updates_come_as_they_are_and_many_in_frames_of_fifty() -> None:
    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        _, end = copies.join(ANA)
        large = [typist.type("x" * 16 * 1024), typist.type("y")]
        copies.distribute(*[(None, update) for update in large])
        assert told(end, SyncStep.UPDATE) == large
        copies.distribute(*[(None, typist.type("z")) for _ in range(100)])
        frames = told(end, SyncStep.UPDATE)
        assert len(frames) == 2
        copies.distribute(*[(None, typist.type("z")) for _ in range(101)])
        frames += told(end, SyncStep.UPDATE)
        assert len(frames) == 2 + 3
        assert text_of([*large, *frames]) == str(typist.text)
        assert text_of([copies.document.encode()]) == str(typist.text)

    in_moved_time(story())


def test_what_the_crdt_refuses_is_relayed_to_nobody_and_sends_its_author_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        (ana, hers), (_, his) = copies.join(ANA), copies.join(ZOE)
        good, summary = typist.type("x"), summarize_update(typist.type("y"))
        edits = [Edit(ana, b"\xff", summary, []), Edit(None, good, summarize_update(good), [])]
        copies.sync.distribute(edits, is_ours=True)
        assert told(his, SyncStep.UPDATE) == [good]
        assert hers.closed == (CloseCode.MALFORMED, "an update the document refuses")
        assert "refused by the CRDT" in caplog.text
        nobodys = [Edit(None, b"\xff", summary, [])]
        copies.sync.distribute(nobodys, is_ours=False)
        assert told(his, SyncStep.UPDATE) == []

    in_moved_time(story())


def test_what_lacks_is_asked_of_those_who_wrote_meanwhile() -> None:
    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        (ana, hers), (zoe, his) = copies.join(ANA), copies.join(ZOE)
        missing, later = typist.type("one"), typist.type(" two")
        copies.lacks(ana, later)
        copies.lacks(ana, typist.type(" three"))
        assert copies.document.clocks() == {}, "as in every browser"
        hers.messages()
        his.messages()
        await asyncio.sleep(0.06)
        assert told(hers, SyncStep.STEP1) == [NOTHING_KNOWN], "once, however many"
        assert told(his, SyncStep.STEP1) == []
        copies.lacks(zoe, typist.type(" four"))
        hers.messages()
        await asyncio.sleep(0.06)
        assert told(hers, SyncStep.STEP1) == [], "she was asked"
        assert told(his, SyncStep.STEP1) == [NOTHING_KNOWN]
        copies.distribute((zoe, missing))
        hers.messages()
        await asyncio.sleep(0.06)
        assert len(copies.queue.gaps) == 0
        assert told(hers, SyncStep.STEP1) == told(his, SyncStep.STEP1) == []
        assert text_of([copies.document.encode()]) == "one two three four"

    in_moved_time(story())


def test_while_something_lacks_updates_are_not_merged() -> None:
    """Yjs would let all of a merged one wait for what a part of it builds on."""

    async def story() -> None:
        copies, typist, other = Copies(), Typist(5), Typist(6)
        _, end = copies.join(ANA)
        typist.type("missing")
        copies.lacks(None, typist.type("later"))
        end.messages()
        updates = [other.type("a"), other.type("b")]
        copies.distribute(*[(None, update) for update in updates])
        assert told(end, SyncStep.UPDATE) == updates

    in_moved_time(story())


def test_a_closed_room_asks_nobody() -> None:
    async def story() -> None:
        copies, typist = Copies(), Typist(5)
        ana, end = copies.join(ANA)
        copies.sync.stop()  # nothing lacks yet
        typist.type("one")
        copies.lacks(ana, typist.type(" two"))
        copies.lacks(ana, typist.type(" three"))
        copies.sync.stop()
        await asyncio.sleep(1)
        assert told(end, SyncStep.STEP1) == []

    in_moved_time(story())


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (SessionClosed(), CloseCode.SESSION_ENDED, "has ended"),
        (EpochMismatch(), CloseCode.EPOCH_MISMATCH, "replaced or erased"),
        (HeadMoved(), CloseCode.EPOCH_MISMATCH, "replaced or erased"),
        (WentBack(), CloseCode.TRY_AGAIN, "an older copy"),
        (JournalFull(), CloseCode.TRY_AGAIN, "disk is full"),
        (JournalUnavailable(), CloseCode.TRY_AGAIN, "does not answer"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_was_not_recorded_ends_the_room_with_a_reason(
    error: JournalError | JournalUnavailable, code: CloseCode, words: str
) -> None:
    ending = ending_of(error)
    assert ending.code is code
    assert words in ending.reason


def test_storage_says_whether_a_room_is_over() -> None:
    def of(*, epoch: str = "now", is_open: bool = True) -> CloseCode | None:
        ending = ending_in(StoredState(epoch, is_open, 1, 1), "now")
        return ending and ending.code

    assert of() is None
    assert of(is_open=False) is CloseCode.SESSION_ENDED
    assert of(epoch="later") is of(epoch="later", is_open=False) is CloseCode.EPOCH_MISMATCH
    gone = ending_in(None, "now")
    assert gone is not None
    assert gone.code is CloseCode.UNKNOWN_ROOM
