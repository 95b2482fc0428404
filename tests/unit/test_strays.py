"""What is no text has no place among the letters of a file: it is refused before anybody gets it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pycrdt import Array, Doc, Map, Text
from tests.harness.core import ANA, ZOE, Typist, connect
from tests.harness.moved_time import in_moved_time
from tests.unit.test_hostile_updates import place, written
from tests.unit.test_update_validator import Door

from pizarra.collab.commit_queue import Edit
from pizarra.collab.state.census import AT_ONCE_BYTES, Census
from pizarra.collab.state.document import Document
from pizarra.collab.state.strays import Rows
from pizarra.collab.wire.close_codes import CloseCode, Closing
from pizarra.collab.wire.summary import Other, UpdateSummary


def door_of_its_own() -> Door:
    """Return a validator that reads its document, as a room's does."""
    door = Door()
    door.queue.integrated.census = Census(door.document.encode)
    return door


class Writer:
    """A document of somebody who has no editor."""

    def __init__(self, client: int, known: bytes = b"\0\0") -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.doc.apply_update(known)
        self.text: Text = self.doc.get("file:main.py", type=Text)
        self.files: Map[Any] = self.doc.get("files", type=Map)
        self.settings: Map[Any] = self.doc.get("settings", type=Map)

    def writes(self, change: Callable[["Writer"], object]) -> bytes:
        """Return the update of a change."""
        before = self.doc.get_state()
        change(self)
        return self.doc.get_update(before)


def first_deleted(it: Writer) -> None:
    del it.text[4:5]
    it.text.insert_embed(4, Map({"a": 1}))


def letters_first(it: Writer) -> None:
    it.text.insert(5, "y")
    it.text.insert_embed(6, {"a": 1})


STRAYS: dict[str, Callable[[Writer], object]] = {
    "first": lambda it: it.text.insert_embed(0, {"image": "x"}),
    "last": lambda it: it.text.insert_embed(5, {"image": "x"}),
    "between": lambda it: it.text.insert_embed(2, {"image": "x"}),
    "a type": lambda it: it.text.insert_embed(2, Map({"a": 1})),
    "behind what was deleted": first_deleted,
    "a list": lambda it: it.doc.get("file:other.py", type=Array).extend([1, {"a": 2}]),
    "letters, and more": letters_first,
}


@pytest.mark.parametrize("what", STRAYS)
def test_what_is_no_text_does_not_come_into_one(what: str) -> None:
    async def story() -> None:
        door, (ana, _), (zoe, _) = door_of_its_own(), connect(ANA), connect(ZOE)
        typed = Typist(5).type("x = 1")
        assert isinstance(door.admit(ana, typed), Edit)
        door.document.apply(typed)
        refused = door.admit(zoe, Writer(6, typed).writes(STRAYS[what]))
        assert isinstance(refused, Closing)
        assert refused.code is CloseCode.MALFORMED
        assert "no text" in refused.reason

    in_moved_time(story())


def test_beside_what_nobody_has_it_is_asked_for_again() -> None:
    async def story() -> None:
        door, (zoe, _) = door_of_its_own(), connect(ZOE)
        unseen = Typist(5).type("x = 1")
        refused = door.admit(
            zoe, Writer(6, unseen).writes(lambda it: it.text.insert_embed(5, {"a": 1}))
        )
        assert isinstance(refused, Closing)
        assert refused.code is CloseCode.TRY_AGAIN

    in_moved_time(story())


def test_maps_hold_what_they_like_whoever_changes_it() -> None:
    """A value that takes another's place says no more of where that is than a letter does."""

    async def story() -> None:
        door, people = door_of_its_own(), {5: connect(ANA)[0], 6: connect(ZOE)[0]}
        document = Document()
        values = ["python", "java", {"a": 1}, None, Map({"a": Array([1, 2])}), b"raw", "cpp"]
        for number, value in enumerate([*values, *values]):
            client = 5 + number % 2
            writer = Writer(client, document.encode())

            def change(it: Writer, value: Any = value, number: int = number) -> None:
                it.settings["language"] = value
                it.files["main.py"] = {"language": value if isinstance(value, str) else "python"}
                if number % 3 == 2:
                    del it.settings["language"], it.files["main.py"]
                if number > len(values):
                    it.text += "letters beside it"

            update = writer.writes(change)
            assert isinstance(door.admit(people[client], update), Edit), (number, value)
            document.apply(update)
            door.document.apply(update)

    in_moved_time(story())


def test_what_waits_for_its_commit_is_known() -> None:
    async def story() -> None:
        door, (ana, _) = door_of_its_own(), connect(ANA)
        writer = Writer(5)
        for value in ("python", "java", "cpp"):

            def change(it: Writer, value: str = value) -> None:
                it.settings["language"] = value

            waiting = door.validator.admit(ana, writer.writes(change))
            assert isinstance(waiting, Edit), value
            door.queue.add(waiting)

    in_moved_time(story())


def counted(door: Door) -> list[int]:
    """Return a list that grows with each reading of a door's document."""
    readings: list[int] = []

    def encode() -> bytes:
        readings.append(1)
        return door.document.encode()

    door.queue.integrated.census = Census(encode, AT_ONCE_BYTES)
    return readings


def row_of(writer: Writer) -> Any:
    """Return a list in a map, in which each comes before what was there."""
    writer.writes(lambda it: it.settings.update({"row": Array()}))
    return writer.settings["row"]


def test_of_what_came_since_it_was_loaded_nothing_is_read() -> None:
    """Sixteen bytes would have it follow all that stands beside them, each time anew: seconds, after some thousand."""

    async def story() -> None:
        door, (ana, _), writer = door_of_its_own(), connect(ANA), Writer(5)
        readings = counted(door)
        assert isinstance(door.admit(ana, writer.writes(row_of)), Edit)
        row = writer.settings["row"]
        for number in range(200):

            def change(_: Writer, number: int = number) -> None:
                row.insert(0, number)
                if number % 5 == 4:
                    del row[0:2]

            update = writer.writes(change)
            assert isinstance(door.admit(ana, update), Edit), number
            door.document.apply(update)
        assert readings == []

    in_moved_time(story())


def test_what_was_there_is_followed_once() -> None:
    async def story() -> None:
        door, (ana, _), writer = door_of_its_own(), connect(ANA), Writer(5)
        row = row_of(writer)
        for number in range(200):
            row.insert(0, number)
        for at in range(0, 60, 3):
            del row[at : at + 2]
        door.document.apply(writer.doc.get_update())
        door.queue.integrated.clocks = door.document.clocks()
        readings = counted(door)
        for number in range(5):
            update = writer.writes(lambda _, number=number: row.insert(0, number))  # type: ignore[misc]
            assert isinstance(door.admit(ana, update), Edit)
            door.document.apply(update)
            await asyncio.sleep(10)
            assert len(readings) == 1

    in_moved_time(story())


def test_what_came_before_it_was_refused_may_be_repeated() -> None:
    """A client that comes back says all that it has, and new letters beside it."""

    async def story() -> None:
        door, (ana, _), writer = door_of_its_own(), connect(ANA), Writer(5)
        writer.writes(lambda it: it.text.insert(0, "x"))
        writer.writes(lambda it: it.text.insert_embed(1, {"a": 1}))
        old = writer.doc.get_update()
        door.document.apply(old)
        door.queue.integrated.clocks = door.document.clocks()
        writer.writes(lambda it: it.text.insert(0, "y"))
        assert isinstance(door.admit(ana, writer.doc.get_update()), Edit)

    in_moved_time(story())


def struct(kind: int, left: tuple[int, int] | None, right: tuple[int, int] | None) -> bytes:
    """Return a value, or a deletion, that says beside what it stands on either side."""
    sides = (left and place(*left), right and place(*right))
    info = kind | (left is not None) << 7 | (right is not None) << 6
    content = {1: b"\1", 8: b"\1" + b"w\1x"}[kind]
    return bytes([info]) + b"".join(filter(None, sides)) + content


@pytest.mark.parametrize("kind", [1, 8])
@pytest.mark.parametrize("turned", [False, True])
def test_what_stands_between_a_map_and_a_text_is_in_no_map(kind: int, turned: bool) -> None:
    """Which side counts is each library's own choice, so it can be had to seem the other one."""

    async def story() -> None:
        door, (zoe, _), writer = door_of_its_own(), connect(ZOE), Writer(5)
        writer.writes(lambda it: it.text.insert(0, "x"))
        writer.writes(lambda it: it.settings.update({"language": "python"}))
        door.document.apply(writer.doc.get_update())
        door.queue.integrated.clocks = door.document.clocks()
        sides = [(5, 0), (5, 1)]
        first, second = reversed(sides) if turned else sides
        structs = [struct(kind, first, second), struct(8, (6, 0), None)]
        refused = door.admit(zoe, written(6, *structs))
        assert isinstance(refused, Closing)
        assert refused.code is CloseCode.MALFORMED

    in_moved_time(story())


def test_what_is_known_by_halves_is_put_together() -> None:
    def deleted(start: int, end: int) -> UpdateSummary:
        return UpdateSummary(
            structs=[(5, start, end)], others=[Other(5, start, end, True, is_deleted=True)]
        )

    for known, more in (((0, 3), (1, 9)), ((0, 9), (3, 5)), ((0, 4), (4, 9)), ((4, 9), (0, 4))):
        rows = Rows({}, {}, lambda *_: False)
        rows.add(deleted(*known))
        rows.add(deleted(*more))
        beside = [Other(6, at, at + 1, ((5, at),), is_deleted=False) for at in range(9)]
        news = UpdateSummary(structs=[(6, 0, 9)], others=beside)
        assert rows.stray(news, {}) is None, (known, more)


def test_what_is_said_twice_is_what_was_said_first() -> None:
    """The second is never taken in: whoever follows it would find a map where a text is."""

    async def story() -> None:
        for known_first in (True, False):
            door, (zoe, _) = door_of_its_own(), connect(ZOE)
            text = Writer(6).writes(lambda it: it.text.insert(0, "x"))
            value = Writer(6).writes(lambda it: it.settings.update({"language": "python"}))
            for update in (text, value):
                admitted = door.validator.admit(zoe, update)
                if isinstance(admitted, Edit):
                    door.queue.add(admitted)
                if known_first and update is text:
                    door.log.commit()
                    door.document.apply(text)
            behind = b"\1\1\6\1" + struct(8, (6, 0), None) + b"\0"
            assert isinstance(door.validator.admit(zoe, behind), Closing)

    in_moved_time(story())


def test_what_waits_for_what_it_builds_on_is_not_there() -> None:
    """Something else may come in its place until then."""

    async def story() -> None:
        door, (zoe, _) = door_of_its_own(), connect(ZOE)
        # a value of client 6, in one piece with what builds on what nobody has
        early = b"\2\1\6\0" + b"\x28\1\1m\1k\1w\1x" + b"\1\7\0\x84\x09\5\1y" + b"\0"
        text = Writer(6).writes(lambda it: it.text.insert(0, "x"))
        for update in (early, text):
            admitted = door.validator.admit(zoe, update)
            assert isinstance(admitted, Edit)
            door.queue.add(admitted)
        behind = b"\1\1\6\1" + struct(8, (6, 0), None) + b"\0"
        assert isinstance(door.validator.admit(zoe, behind), Closing)

    in_moved_time(story())
