"""The rooms of two processes on one log, and a bus between them that does its worst. Time is moved, not waited for."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, cast

import pytest
from pycrdt import Doc, Text
from tests.harness.core import ANA, ZOE, Typist, connect, limits, turns
from tests.harness.moved_time import in_moved_time
from tests.unit.test_hub import ROOM, Storage

from pizarra.collab.connection import Connection, Person
from pizarra.collab.hub import Hub
from pizarra.collab.journal import Entry, StoredNews
from pizarra.collab.observer import RoomObserver
from pizarra.collab.room import Room
from pizarra.collab.told_entries import ToldEntries, ToldRow, encode
from pizarra.collab.wire.codec import SyncStep, sync_frame
from pizarra.timeline.append.appender import to_columns


class Wire:
    """Carries what one process publishes to the other: late at times, twice, out of order, or not at all."""

    is_heard = True
    max_payload_bytes = 10_000

    def __init__(self, share: float, seed: int) -> None:
        self.far: Hub | None = None
        self.said: list[str] = []
        self.share = share
        self._dice = random.Random(seed)

    def publish(
        self, kind: str, subject: str, payload: bytes = b"", _nodes: Collection[str] | None = None
    ) -> None:
        """Pass it on, or harm it."""
        self.said.append(kind)
        loop = asyncio.get_running_loop()
        for _ in range(self._dice.choice((0, 2)) if self._dice.random() < self.share else 1):
            if self._dice.random() < self.share:
                wait = self._dice.random() * 0.02
                loop.call_later(wait, self._arrive, kind, subject, payload)
            else:  # timers of one instant come in any order
                loop.call_soon(self._arrive, kind, subject, payload)

    def _arrive(self, kind: str, subject: str, payload: bytes) -> None:
        if self.far is not None:
            self.far.hear("other" if self.far.name == "one" else "one", kind, subject, payload)  # type: ignore[attr-defined]

    def follow(self, *_subjects: str) -> None:
        """Everything comes."""

    def unfollow(self, *_subjects: str) -> None:
        """And goes on to."""


class Node(Storage):
    """One process: its rooms, and its way to the log that both share."""

    def __init__(self, name: str, rows: list[Entry], share: float, seed: int) -> None:
        super().__init__()
        self.rows = rows
        self.reads = 0
        self.holes = 0
        self.rosters: list[int] = []  # how many people were here each time that was news
        self.wire = Wire(share, seed)
        bounds = limits(follow_seconds=1)
        self.hub = Hub(self.journal, bounds, cast("RoomObserver[Room]", self), self.wire)
        self.hub.name = name  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        """Hear what rooms tell the program around them."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_: None

    def hole_filled(self, _room: Room) -> None:
        """The log had what the bus did not bring."""
        self.holes += 1

    def people_changed(self, room: Room) -> None:
        """Other people are connected elsewhere."""
        self.rosters.append(len(room.broadcast.people()))

    async def news_after(self, key: int, seq: int) -> StoredNews:
        """Return what came after `seq`."""
        self.reads += 1
        return await super().news_after(key, seq)

    def commit(self, *, to_disk: bool = True) -> Sequence[Entry]:
        """Commit, and have the other process told."""
        first = len(self.rows) + 1
        done = super().commit(to_disk=to_disk)
        if done:
            told = ToldEntries("first", first, 0, [to_columns(entry) for entry in done])
            self.hub.committed(7, told, by_room=True)
        return done

    async def enter(self, person: Person) -> tuple[Room, Connection]:
        """Have somebody here."""
        room, (connection, _) = await self.hub.room(ROOM), connect(person)
        assert room.join(connection)
        return room, connection


def both(story: Callable[[Node, Node], Awaitable[None]], share: float = 0, seed: int = 0) -> None:
    """Run a story of two processes."""

    async def run() -> None:
        rows: list[Entry] = []
        one, other = Node("one", rows, share, seed), Node("other", rows, share, seed + 1)
        one.wire.far, other.wire.far = other.hub, one.hub
        for node in (one, other):
            node.hub.start()
        await story(one, other)
        for node in (one, other):
            await node.hub.stop()

    in_moved_time(run())


async def type_some(
    place: tuple[Room, Connection], client: int, seed: int, count: int = 40
) -> None:
    """Type letter by letter."""
    dice, typist, (room, connection) = random.Random(seed), Typist(client), place
    for _ in range(count):
        room.receive(connection, sync_frame(SyncStep.UPDATE, typist.type(str(client))))
        await asyncio.sleep(dice.random() * 0.03)


def text_of(room: Room) -> str:
    """Return what a room holds."""
    doc: Doc[Any] = Doc()
    doc.apply_update(room.document.encode())
    return str(doc.get("file:main.py", type=Text))


@pytest.mark.parametrize("share", [0.01, 0.2, 1.0])
def test_both_hold_all_of_it_whatever_the_bus_does(share: float) -> None:
    async def story(one: Node, other: Node) -> None:
        ana, zoe = await one.enter(ANA), await other.enter(ZOE)
        await asyncio.gather(type_some(ana, 5, 1), type_some(zoe, 6, 2))
        await asyncio.sleep(1.1)
        assert text_of(ana[0]) == text_of(zoe[0])
        assert sorted(text_of(ana[0])) == sorted("5" * 40 + "6" * 40)
        assert ana[0].complete_to == zoe[0].complete_to == len(one.rows) == 80

    for seed in range(5):
        both(story, share, seed)


def test_what_the_bus_brings_is_not_read() -> None:
    async def story(one: Node, other: Node) -> None:
        ana, zoe = await one.enter(ANA), await other.enter(ZOE)
        await turns()
        await asyncio.gather(type_some(ana, 5, 1), type_some(zoe, 6, 2))
        await asyncio.sleep(1.1)
        assert text_of(ana[0]) == text_of(zoe[0])
        assert [node.reads for node in (one, other)] == [0, 0]

    both(story)


def test_nothing_is_said_of_a_room_that_nobody_else_has() -> None:
    async def story(one: Node, other: Node) -> None:
        ana = await one.enter(ANA)
        await type_some(ana, 5, 1)
        assert set(one.wire.said) == {"hello"}
        room, connection = await other.enter(ZOE)
        await turns()
        await type_some(ana, 8, 1, 1)
        assert "entries" in one.wire.said
        room.leave(connection)
        other.hub.forget(room)
        await turns()
        one.wire.said.clear()
        await type_some(ana, 9, 1, 5)
        assert "entries" not in one.wire.said

    both(story)


def test_people_of_whom_the_word_was_lost_are_found_later() -> None:
    async def story(one: Node, other: Node) -> None:
        one.wire.far = other.wire.far = None
        ana, zoe = await one.enter(ANA), await other.enter(ZOE)
        one.wire.far, other.wire.far = other.hub, one.hub
        await asyncio.sleep(22)
        for room in (ana[0], zoe[0]):
            assert {person.key for person in room.broadcast.people()} == {ANA.key, ZOE.key}

    both(story)


@pytest.mark.parametrize("many", [15, 16, 17, 32, 50])
def test_a_crowd_is_news_once_and_nobody_in_it_goes_meanwhile(many: int) -> None:
    async def story(one: Node, other: Node) -> None:
        crowd = [
            await one.enter(Person(9 + number, f"{number:032}", f"{number}", "candidate", True))
            for number in range(many)
        ]
        room, _ = await other.enter(ZOE)
        await turns()
        assert len(room.broadcast.people()) == many + 1
        other.rosters.clear()
        await asyncio.sleep(22)  # it is said again now and then
        assert other.rosters == []
        crowd[0][0].leave(crowd[0][1])
        await turns()
        assert other.rosters == [many]
        crowd[0][0].join(crowd[0][1])
        await turns()
        assert other.rosters == [many, many + 1]

    both(story)


def test_entries_of_another_document_are_not_taken() -> None:
    async def story(one: Node, other: Node) -> None:
        room, _ = await other.enter(ZOE)
        stale = ToldEntries("before", 1, 0, [ToldRow("edit", 5, Typist(5).type("x"), None, False)])
        one.wire.publish("entries", "7", encode(stale))
        await turns()
        assert (room.complete_to, other.reads) == (0, 0)

    both(story)
