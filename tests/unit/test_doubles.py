"""What one author says twice, in two processes at once: as the log has it, whoever showed it otherwise for a moment."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pycrdt import Doc
from tests.harness.core import ANA, ZOE, Typist, turns
from tests.unit.test_bus_between_hubs import Node, both, text_of

from pizarra.collab.connection import Connection
from pizarra.collab.doubles import Doubles
from pizarra.collab.room import Room
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import SyncStep, sync_frame
from pizarra.collab.wire.updates import summarize_update

Place = tuple[Room, Connection]


def say(place: Place, *updates: bytes) -> None:
    """Send updates."""
    room, connection = place
    for each in updates:
        room.receive(connection, sync_frame(SyncStep.UPDATE, each))


async def in_both(one: Node, other: Node) -> tuple[Place, Place]:
    """Have one person in both processes, which hear nothing of each other but by looking."""
    places = await one.enter(ANA), await other.enter(ANA)
    one.wire.far = other.wire.far = None
    await turns()
    return places


def test_the_word_that_came_second_is_taken_back() -> None:
    async def story(one: Node, other: Node) -> None:
        here, there = await in_both(one, other)
        say(here, Typist(5).type("AAAA"))
        await turns()
        say(there, Typist(5).type("BB"))
        await turns()
        assert (text_of(here[0]), text_of(there[0])) == ("AAAA", "BB")
        await asyncio.sleep(3)
        assert not here[0].closed
        assert there[0].closed
        assert there[1].closing is not None
        assert (
            there[1].closing[0] is CloseCode.EPOCH_MISMATCH
        )  # its browser begins with an empty document
        room, _ = await other.enter(ZOE)
        assert text_of(room) == text_of(here[0]) == "AAAA"

    both(story)


def test_what_may_be_taken_back_is_in_no_snapshot() -> None:
    """A room that is loaded begins with the last one: it would bring the second word back, for good."""

    async def story(one: Node, other: Node) -> None:
        saved: list[str] = []

        async def save(*_: object) -> None:
            saved.append("a snapshot")

        for node in (one, other):
            node.hub.limits = replace(node.hub.limits, snapshot_updates=2)
        other.save_snapshot = save  # type: ignore[method-assign]
        here, there = await in_both(one, other)
        say(here, Typist(5).type("AAAA"))
        await turns()
        say(there, Typist(5).type("BB"))
        await turns()
        say(there, Typist(6).type("more"))
        await asyncio.sleep(3)
        assert there[0].closed
        assert saved == []

    both(story)


def merged(*updates: bytes) -> bytes:
    """Return what a client sends that puts its edits together."""
    doc: Doc[Any] = Doc()
    for each in updates:
        doc.apply_update(each)
    return doc.get_update()


@pytest.mark.parametrize("together", [False, True])
def test_who_comes_back_elsewhere_and_repeats_all_of_it_disturbs_nobody(together: bool) -> None:
    async def story(one: Node, other: Node) -> None:
        here, there = await in_both(one, other)
        typist = Typist(5)
        said = [typist.type("ab"), typist.type("cd"), typist.type("ef")]
        say(here, *said[:2])
        await turns()
        say(there, *([merged(*said)] if together else said))
        await turns()
        await asyncio.sleep(10)
        for room, connection in (here, there):
            assert not room.closed
            assert connection.closing is None
            assert text_of(room) == "abcdef"

    both(story)


def test_only_what_overlaps_in_other_words_is_suspected() -> None:
    first, second, third = (Typist(5) for _ in range(3))
    shown = [first.type("ab"), first.type("cd")]
    second.type("ab")
    cases = {
        "the same": ([shown[0]], False),
        "another's": ([Typist(6).type("ab")], False),
        "before": ([], False),
        "after": ([first.type("ef")], False),
        "within": ([second.type("x")], True),
        "all of it": ([third.type("abcdefg")], True),
    }
    for name, (others, suspected) in cases.items():
        doubles = Doubles()
        doubles.show_early((each, summarize_update(each)) for each in shown)
        doubles.compare((each, summarize_update(each)) for each in others)
        assert doubles.suspected is suspected, name
        doubles.forget()
        doubles.suspected = False
        doubles.compare((each, summarize_update(each)) for each in others)
        assert not doubles.suspected, name
