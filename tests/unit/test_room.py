"""One room between a log that commits when it is told to and sockets that are read when they like."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from tests.harness.core import (
    ANA,
    OTTO,
    ZOE,
    FarEnd,
    HeldLog,
    Typist,
    connect,
    limits,
    stored,
    turns,
)
from tests.harness.moved_time import in_moved_time

from pizarra.collab.commit_queue import RoomGone
from pizarra.collab.connection import Connection, Person
from pizarra.collab.journal import (
    EditEntry,
    EventEntry,
    HeadMoved,
    JournalFull,
    JournalUnavailable,
    SessionClosed,
    StoredNews,
    StoredState,
    StoredUpdate,
)
from pizarra.collab.observer import RoomObserver
from pizarra.collab.room import DocumentFull, Room
from pizarra.collab.state.document import Document
from pizarra.collab.state.integrated_state import IntegratedState
from pizarra.collab.state.learnt import Learnt
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import (
    MalformedFrame,
    MessageType,
    SyncStep,
    acknowledge_frame,
    control_frame,
    sync_frame,
)
from pizarra.timeline.entries.shared import LanguageChosen


class Log(HeldLog):
    """A log that is read back too, and keeps snapshots."""

    def __init__(self) -> None:
        super().__init__()
        self.snapshots: list[tuple[int, Mapping[int, int | None]]] = []
        self.distrusted = 0
        self.owner: int | None = None  # of every client id, for another process said so

    async def news_after(self, _key: int, seq: int) -> StoredNews:
        """Return what came after `seq`."""
        edits = [row for row in self.rows[seq:] if isinstance(row, EditEntry)]
        return StoredNews(
            len(self.rows), [StoredUpdate(each.participant, each.update) for each in edits]
        )

    async def own(self, _key: int, person: int, _client: int) -> int:
        """Say whose a client id is."""
        return person if self.owner is None else self.owner

    async def save_snapshot(
        self, _key: int, seq: int, _state: bytes, owners: Mapping[int, int | None]
    ) -> None:
        """Keep a snapshot's seq and who owns what."""
        self.snapshots.append((seq, dict(owners)))

    def distrust(self, _key: int) -> None:
        """Count it."""
        self.distrusted += 1


class Heard:
    """Keeps the names of what a room tells the program around it."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.names.append(name)


class Stage:
    """A room, its log, and what was heard of it."""

    def __init__(self, *, shared: bool = False, **changes: Any) -> None:
        self.log, self.heard = Log(), Heard()
        self.log.is_shared = shared
        self.room = Room(
            "r" * 32,
            stored(),
            Document(),
            IntegratedState(),
            Learnt(),
            self.log.journal,
            limits(**changes),
            cast("RoomObserver[Room]", self.heard),
        )

    def enter(self, person: Person) -> tuple[Connection, FarEnd]:
        """Let somebody in; what they are told at once is forgotten."""
        connection, end = connect(person)
        assert self.room.join(connection)
        end.messages()
        return connection, end

    def type(self, connection: Connection, update: bytes) -> list[bytes]:
        """Have somebody send an edit."""
        return self.room.receive(connection, sync_frame(SyncStep.UPDATE, update))


def updates(end: FarEnd) -> list[bytes]:
    """Return the edits that somebody was shown since the last look."""
    return [each.payload for each in end.messages(MessageType.SYNC)]


def test_recorded_then_shown_then_acknowledged() -> None:
    async def story() -> None:
        stage = Stage()
        (ana, ana_end), (_, zoe_end) = stage.enter(ANA), stage.enter(ZOE)
        typed = Typist(5).type("x = 1")
        stage.type(ana, typed)
        stage.room.receive(ana, acknowledge_frame(b"1"))
        assert (updates(zoe_end), ana_end.messages()) == ([], [])
        assert stage.room.document.clocks() == {}
        stage.log.commit(to_disk=False)
        assert updates(zoe_end) == [typed]
        assert ana_end.messages(MessageType.ACKNOWLEDGE) == [], "a power cut could undo it"
        stage.log.sync()
        assert [each.payload for each in ana_end.messages(MessageType.ACKNOWLEDGE)] == [b"1"]

    in_moved_time(story())


def test_a_file_that_comes_changes_the_structure_and_typing_does_not() -> None:
    async def story() -> None:
        stage = Stage()
        ana, _ = stage.enter(ANA)
        stage.type(ana, Typist(5).type("x"))
        stage.log.commit()
        assert stage.heard.names == ["text_changed"]
        other = Document()
        stage.type(ana, other.change(lambda document: document.put_file("a.py", "python", "")))
        stage.log.commit()
        assert stage.heard.names == ["text_changed", "text_changed", "structure_changed"]

    in_moved_time(story())


def test_who_writes_faster_than_is_committed_is_read_no_further_until_it_is() -> None:
    async def story() -> None:
        stage, typist = Stage(max_pending_updates=3), Typist(5)
        (ana, ana_end), (_, zoe_end) = stage.enter(ANA), stage.enter(ZOE)
        for count in range(1, 5):
            stage.type(ana, typist.type("x"))
            assert ana_end.reads() is (count < 3)
        assert zoe_end.reads(), "who writes nothing is not to blame"
        stage.log.commit()
        assert ana_end.reads()
        assert ana.closing is None

    in_moved_time(story())


def test_who_left_while_too_much_waited_is_not_read_again() -> None:
    async def story() -> None:
        stage, typist = Stage(max_pending_updates=1), Typist(5)
        ana, end = stage.enter(ANA)
        stage.type(ana, typist.type("x"))
        stage.room.leave(ana)
        stage.log.commit()
        assert not end.reads()

    in_moved_time(story())


@pytest.mark.parametrize(
    ("person", "update", "counts"),
    [
        (OTTO, Typist(5).type("x"), False),
        (ANA, Typist(5).type("x" * 2000), True),
    ],
    ids=["who only watches", "what is too large"],
)
def test_what_a_limit_refuses_is_counted(person: Person, update: bytes, counts: bool) -> None:
    async def story() -> None:
        stage = Stage(max_text_bytes=1024)
        connection, end = stage.enter(person)
        stage.type(connection, update)
        assert end.closed is not None
        assert ("update_refused" in stage.heard.names) is counts
        assert (connection.bound is not None) is counts
        assert not stage.log.is_asked

    in_moved_time(story())


def test_too_many_client_ids_are_beyond_a_limit_too() -> None:
    async def story() -> None:
        stage = Stage(max_clients_per_person=10)
        ana, _ = stage.enter(ANA)
        for client in range(5, 16):
            stage.type(ana, Typist(client).type("x"))
        assert ana.bound == "max_clients_per_person"
        assert stage.heard.names == ["update_refused"]

    in_moved_time(story())


def test_nothing_behind_a_refusal_is_taken_in() -> None:
    async def story() -> None:
        stage = Stage()
        otto, _ = stage.enter(OTTO)
        frame = sync_frame(SyncStep.UPDATE, Typist(5).type("x")) + control_frame(b"{}")
        assert stage.room.receive(otto, frame) == []
        assert otto.closing is not None

    in_moved_time(story())


def test_control_messages_are_handed_on_and_the_rest_of_the_frame_is_read() -> None:
    async def story() -> None:
        stage = Stage()
        ana, _ = stage.enter(ANA)
        frame = control_frame(b'{"a":1}') + sync_frame(SyncStep.UPDATE, Typist(5).type("x"))
        assert stage.room.receive(ana, frame + control_frame(b'{"b":2}')) == [
            b'{"a":1}',
            b'{"b":2}',
        ]
        assert stage.log.is_asked

    in_moved_time(story())


def test_what_is_no_frame_is_said_to_whoever_reads_the_socket() -> None:
    async def story() -> None:
        stage = Stage()
        ana, end = stage.enter(ANA)
        with pytest.raises(MalformedFrame):
            stage.room.receive(ana, b"\x63\x00")
        assert end.closed is None, "whoever has the socket closes it"

    in_moved_time(story())


async def _refuse(stage: Stage, error: Exception) -> None:
    while stage.log.is_asked:
        stage.log.refuse(cast("JournalUnavailable", error))
        await asyncio.sleep(10)


@pytest.mark.parametrize(
    ("error", "code", "attempts"),
    [
        (SessionClosed(), CloseCode.SESSION_ENDED, 0),
        (JournalUnavailable(), CloseCode.TRY_AGAIN, 3),
        (JournalFull(), CloseCode.TRY_AGAIN, 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_be_recorded_ends_the_room_for_everybody(
    error: Exception, code: CloseCode, attempts: int
) -> None:
    async def story() -> None:
        stage = Stage(commit_retries=2)
        (ana, ana_end), (_, zoe_end) = stage.enter(ANA), stage.enter(ZOE)
        stage.type(ana, Typist(5).type("x"))
        await _refuse(stage, error)
        assert [end.closed and end.closed[0] for end in (ana_end, zoe_end)] == [code, code]
        assert stage.heard.names == ["commit_failed"] * attempts + ["room_failed"]
        assert (updates(ana_end), updates(zoe_end)) == ([], [])
        assert stage.room.closed

    in_moved_time(story())


def test_what_another_process_recorded_is_read_and_shown() -> None:
    async def story() -> None:
        stage = Stage()
        _, end = stage.enter(ANA)
        typed = Typist(9).type("from afar")
        stage.log.rows.append(EditEntry(ZOE.key, typed))
        stage.room.follow(StoredState("first", is_open=True, head=1, log_bytes=9))
        await turns(10)
        assert updates(end) == [typed]
        assert (stage.room.head, stage.room.complete_to) == (1, 1)
        assert "hole_filled" in stage.heard.names

    in_moved_time(story())


def test_news_of_the_log_that_only_some_read_are_told_to_the_program() -> None:
    async def story() -> None:
        stage = Stage()
        for private, heard in ((0, 0), (2, 1)):
            stage.room.follow(StoredState("first", True, 0, 0, private))
            assert stage.heard.names.count("private_recorded") == heard

    in_moved_time(story())


def test_storage_that_lacks_what_was_known_is_believed_and_the_room_loaded_anew() -> None:
    async def story() -> None:
        stage = Stage()
        ana, end = stage.enter(ANA)
        stage.type(ana, Typist(5).type("x"))
        stage.log.commit()
        stage.room.follow(StoredState("first", True, head=0, log_bytes=0), known=1)
        assert end.closed is not None
        assert end.closed[0] is CloseCode.TRY_AGAIN
        assert stage.log.distrusted == 1

    in_moved_time(story())


def test_a_look_that_was_overtaken_by_a_commit_ends_nothing() -> None:
    """Storage was asked before the commit and answered after it."""

    async def story() -> None:
        stage = Stage()
        ana, end = stage.enter(ANA)
        stage.type(ana, Typist(5).type("x"))
        stage.log.commit()
        stage.room.follow(StoredState("first", True, head=0, log_bytes=0), known=0)
        assert end.closed is None

    in_moved_time(story())


def test_snapshots_hold_all_up_to_their_seq_and_wait_for_what_lacks() -> None:
    async def story() -> None:
        stage, typist = Stage(snapshot_updates=2), Typist(5)
        ana, _ = stage.enter(ANA)
        stage.type(ana, typist.type("x"))
        stage.log.commit()
        assert stage.log.snapshots == []
        stage.log.rows.append(EditEntry(ZOE.key, Typist(9).type("afar")))  # not known here
        stage.type(ana, typist.type("y"))
        stage.log.commit()
        assert (stage.room.complete_to, stage.room.head) == (1, 3)
        assert stage.log.snapshots == []
        await stage.room.reach(3)
        for _ in range(100):
            if stage.log.snapshots:
                break
            await asyncio.sleep(0.01)
        assert stage.log.snapshots == [(3, {5: ANA.key, 9: ZOE.key})]

    in_moved_time(story())


def test_an_edit_of_the_server_is_computed_anew_when_others_wrote() -> None:
    async def story() -> None:
        stage = Stage()
        seen: list[list[str]] = []

        def put(document: Document) -> None:
            seen.append(sorted(document.paths()))
            document.put_file("notes.md", "python", "")

        change = asyncio.ensure_future(stage.room.change(put))
        await turns()
        stage.log.refuse(HeadMoved())
        await turns(10)
        stage.log.commit()
        await change
        assert len(seen) == 2
        assert [type(row) for row in stage.log.rows] == [EditEntry]
        assert "notes.md" in stage.room.document.paths()

    in_moved_time(story())


def test_an_edit_with_its_entry_comes_after_what_was_typed_before() -> None:
    async def story() -> None:
        stage = Stage()
        ana, _ = stage.enter(ANA)
        stage.type(ana, Typist(5).type("x"))
        entry = EventEntry(None, LanguageChosen(language="java"))
        change = asyncio.ensure_future(
            stage.room.change(lambda document: document.put_file("Main.java", "java", ""), entry)
        )
        await turns()
        stage.log.commit()
        await turns()
        stage.log.commit()
        await change
        kinds: Sequence[object] = [type(row) for row in stage.log.rows]
        assert kinds == [EditEntry, EventEntry, EditEntry]

    in_moved_time(story())


def test_an_edit_of_the_server_that_does_not_fit_is_not_made() -> None:
    async def story() -> None:
        stage = Stage(max_text_bytes=1024)
        entry = EventEntry(None, LanguageChosen(language="java"))
        with pytest.raises(DocumentFull):
            await stage.room.change(
                lambda document: document.put_file("a.py", "python", "x" * 2000), entry
            )
        assert not stage.log.is_asked

    in_moved_time(story())


def test_who_waits_for_an_edit_is_told_when_the_room_goes() -> None:
    async def story() -> None:
        stage = Stage()
        change = asyncio.ensure_future(
            stage.room.change(lambda document: document.put_file("a.py", "python", ""))
        )
        settled = asyncio.ensure_future(stage.room.settled())
        await turns()
        stage.room.close(CloseCode.TRY_AGAIN, "idle")
        with pytest.raises(RoomGone):
            await change
        assert await settled == 0
        with pytest.raises(RoomGone):
            await stage.room.change(
                lambda document: document.put_file("b.py", "python", ""),
                EventEntry(None, LanguageChosen(language="java")),
            )

    in_moved_time(story())


def test_a_client_id_that_another_process_gave_away_is_not_written_under() -> None:
    async def story() -> None:
        stage = Stage(shared=True)
        ana, end = stage.enter(ANA)
        stage.log.owner = ZOE.key
        await stage.room.claim(ana, 5)
        stage.type(ana, Typist(5).type("x"))
        assert end.closed == (CloseCode.MALFORMED, "this client id is somebody else's")
        assert stage.heard.names == [], "no limit refused it"

    in_moved_time(story())


def test_a_room_is_idle_when_nobody_is_there_and_nothing_waits() -> None:
    async def story() -> None:
        stage = Stage()
        ana, _ = stage.enter(ANA)
        idle = [stage.room.is_idle]
        stage.type(ana, Typist(5).type("x"))
        stage.room.leave(ana)
        idle.append(stage.room.is_idle)  # what they wrote last is on its way
        stage.log.commit()
        assert [*idle, stage.room.is_idle] == [False, False, True]

    in_moved_time(story())
