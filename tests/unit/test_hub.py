"""Rooms come into memory once, follow the log, and leave. Time is moved, not waited for."""

import asyncio
import gc
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from tests.harness.core import ANA, ZOE, FarEnd, HeldLog, Typist, connect, limits, stored, turns
from tests.harness.moved_time import in_moved_time

from pizarra.collab.connection import Connection
from pizarra.collab.hub import Hub, UnknownRoom
from pizarra.collab.journal import (
    EditEntry,
    JournalUnavailable,
    SessionClosed,
    Source,
    StoredDocument,
    StoredNews,
    StoredState,
    StoredUpdate,
)
from pizarra.collab.observer import RoomObserver
from pizarra.collab.room import Room
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import MessageType, SyncStep, sync_frame

ROOM = "r" * 32


class Storage(HeldLog):
    """A log in memory that every room of a hub shares, and that answers when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.loads = 0
        self.away = False
        self.open = True
        self.epoch = "first"
        self.exists = True
        self.copy = "1"  # which one of itself it goes on from
        self.distrusted: list[int] = []
        self.answer = asyncio.Event()
        self.answer.set()

    def request(self, source: Source) -> None:
        """Commit at once."""
        super().request(source)
        asyncio.get_running_loop().call_soon(self.commit)

    def _document(self) -> StoredDocument:
        edits = [row for row in self.rows if isinstance(row, EditEntry)]
        updates = [StoredUpdate(edit.participant, edit.update) for edit in edits]
        return stored(
            epoch=self.epoch, is_open=self.open, head=len(self.rows), updates=tuple(updates)
        )

    async def load(self, _room_id: str) -> StoredDocument | None:
        """Return what is there."""
        self.loads += 1
        await self.answer.wait()
        if self.away:
            raise JournalUnavailable
        return self._document() if self.exists else None

    async def stored_states(self, keys: Sequence[int]) -> Mapping[int, StoredState]:
        """Return where the session stands."""
        if self.away:
            raise JournalUnavailable
        state = StoredState(self.epoch, self.open, len(self.rows), log_bytes=0)
        return dict.fromkeys(keys, state) if self.exists else {}

    async def news_after(self, _key: int, seq: int) -> StoredNews:
        """Return what came after `seq`."""
        return StoredNews(len(self.rows), self._document().updates[seq:])

    async def generation(self) -> str:
        """Return which copy it is."""
        return self.copy

    def distrust(self, key: int) -> None:
        """Take note that somebody does not believe what is remembered."""
        self.distrusted.append(key)

    async def save_snapshot(self, *_: object) -> None:
        """Forget it: there is none."""


class Quiet:
    """Hears what rooms tell the program around them, and does nothing."""

    def __getattr__(self, _name: str) -> Any:
        return lambda _room: None


def hub_on(storage: Storage, **changes: Any) -> Hub:
    return Hub(storage.journal, limits(**changes), cast("RoomObserver[Room]", Quiet()))


async def enter(hub: Hub, person: Any = ANA) -> tuple[Room, Connection, FarEnd]:
    room, (connection, end) = await hub.room(ROOM), connect(person)
    assert room.join(connection)
    return room, connection, end


def test_a_room_is_loaded_once_however_many_ask() -> None:
    async def story() -> None:
        storage = Storage()
        storage.answer.clear()
        hub = hub_on(storage)
        asking = [asyncio.ensure_future(hub.room(ROOM)) for _ in range(5)]
        await turns()
        asking[0].cancel()  # a socket that closed
        storage.answer.set()
        rooms = await asyncio.gather(*asking[1:])
        assert (len(set(map(id, rooms))), storage.loads) == (1, 1)
        assert hub.rooms() == [rooms[0]]

    in_moved_time(story())


def test_a_room_that_could_not_be_loaded_is_tried_again() -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage)
        storage.away = True
        with pytest.raises(JournalUnavailable):
            await hub.room(ROOM)
        storage.away, storage.exists = False, False
        with pytest.raises(UnknownRoom):
            await hub.room(ROOM)
        storage.exists = True
        assert not (await hub.room(ROOM)).closed

    in_moved_time(story())


def test_an_empty_room_leaves_memory_after_a_while_and_its_document_dies() -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage, room_idle_seconds=30)
        room, ana, _ = await enter(hub)
        hub.leave(room, ana)
        await asyncio.sleep(29)
        assert hub.loaded(ROOM) is room
        await asyncio.sleep(2)
        assert hub.loaded(ROOM) is None
        document = weakref.ref(room.document)
        gc.disable()
        try:
            del room
            await turns()
            assert document() is None, "what is gone is given back without the collector"
        finally:
            gc.enable()

    in_moved_time(story())


def test_whoever_comes_back_in_time_finds_the_room_as_it_was() -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage, room_idle_seconds=30)
        room, ana, _ = await enter(hub)
        hub.leave(room, ana)
        await asyncio.sleep(20)
        again, _, _ = await enter(hub)
        await asyncio.sleep(100)
        assert hub.loaded(ROOM) is room is again
        assert storage.loads == 1

    in_moved_time(story())


def test_what_another_process_recorded_is_shown() -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage, follow_seconds=1)
        hub.start()
        room, _, end = await enter(hub)
        end.messages()
        storage.rows.append(EditEntry(ZOE.key, Typist(6).type("from afar")))
        await asyncio.sleep(1.5)
        shown = end.messages(MessageType.SYNC)
        assert [message.step for message in shown] == [SyncStep.UPDATE]
        assert room.head == 1
        storage.away = True
        await asyncio.sleep(5)
        assert not room.closed, "a database that does not answer for a while ends nothing"
        await hub.stop()
        assert end.closed == (CloseCode.GOING_AWAY, "the server is stopping")

    in_moved_time(story())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exists": False}, CloseCode.UNKNOWN_ROOM),
        ({"epoch": "second"}, CloseCode.EPOCH_MISMATCH),
        ({"open": False}, CloseCode.SESSION_ENDED),
    ],
)
def test_what_another_process_ended_ends_here(change: dict[str, Any], code: CloseCode) -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage, follow_seconds=1)
        hub.start()
        _, _, end = await enter(hub)
        for name, value in change.items():
            setattr(storage, name, value)
        await asyncio.sleep(1.5)
        assert end.closed is not None
        assert end.closed[0] is code
        assert hub.loaded(ROOM) is None
        await hub.stop()

    in_moved_time(story())


@pytest.mark.parametrize("change", [{"copy": "2"}, {"rows": []}])
def test_a_room_is_loaded_anew_when_storage_may_have_lost_something(change: dict[str, Any]) -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage, follow_seconds=1)
        hub.start()
        storage.rows.append(EditEntry(ZOE.key, Typist(6).type("from afar")))
        room, _, end = await enter(hub)
        await asyncio.sleep(1.5)
        assert not room.closed
        for name, value in change.items():
            setattr(storage, name, value)
        await asyncio.sleep(1)
        assert end.closed is not None
        assert end.closed[0] is CloseCode.TRY_AGAIN
        assert hub.loaded(ROOM) is None
        assert storage.distrusted == [room.key]
        await hub.stop()

    in_moved_time(story())


def test_a_number_that_is_given_out_twice_closes_the_room() -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage)
        storage.rows.append(EditEntry(ZOE.key, Typist(6).type("from afar")))
        room, connection, end = await enter(hub)
        storage.rows.clear()
        room.receive(connection, sync_frame(SyncStep.UPDATE, Typist(5).type("here")))
        await turns()
        assert end.closed is not None
        assert end.closed[0] is CloseCode.TRY_AGAIN

    in_moved_time(story())


def test_an_edit_of_the_server_loads_the_room_and_lets_it_go_again() -> None:
    async def story() -> None:
        storage = Storage()
        hub = hub_on(storage, room_idle_seconds=30)
        await hub.change(ROOM, lambda document: document.put_file("notes.md", "python", ""))
        assert len(storage.rows) == 1
        assert hub.loaded(ROOM) is not None
        await asyncio.sleep(31)
        assert hub.loaded(ROOM) is None
        storage.open = False
        with pytest.raises(SessionClosed):
            await hub.change(ROOM, lambda document: document.put_file("more.md", "python", ""))

    in_moved_time(story())


def test_silent_people_are_given_up_by_the_hub() -> None:
    async def story() -> None:
        hub = hub_on(Storage(), keepalive_seconds=15, silence_seconds=30, probe_seconds=10)
        hub.start()
        _, ana, end = await enter(hub)
        await asyncio.sleep(90)
        assert (ana.dropped, end.aborted, end.pings) == ("silent", True, 1)
        await hub.stop()

    in_moved_time(story())


def test_a_person_who_was_renamed_in_a_role_keeps_their_place() -> None:
    async def story() -> None:
        room, ana, _ = await enter(hub_on(Storage()))
        room.broadcast.change_person(ana, replace(ANA, role="interviewer"))
        assert [person.role for person in room.broadcast.people()] == ["interviewer"]

    in_moved_time(story())
