"""A large document is read in turns with others, and what comes in meanwhile is not forgotten. Time is moved."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from pycrdt import Doc, Text
from tests.harness.moved_time import in_moved_time
from tests.unit.test_hostile_updates import name, place, written

from pizarra.collab.state.census import AT_ONCE_BYTES, Census, Held, MustBeRead
from pizarra.collab.state.siblings import Siblings
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_in_steps, summarize_update

MANY = 9_000
HEAD = b"\x04\1" + name("file:main.py")


def strewn(pieces: int) -> bytes:
    """Return a document whose author wrote each character before the one before it."""
    after = (b"\x84" + place(5, 0) + name("x") for _ in range(pieces - 1))
    return written(5, HEAD + name("x"), *after)


async def read(document: bytes) -> tuple[Held, int]:
    census = Census(lambda: document, AT_ONCE_BYTES)
    with pytest.raises(MustBeRead):
        census.held()
    reading, turns = asyncio.ensure_future(census.read()), 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    return census.held(), turns


def test_others_have_their_turn_while_a_large_document_is_read() -> None:
    held, turns = in_moved_time(read(strewn(MANY)))
    assert turns > 3
    at_once = Census(lambda: strewn(MANY)).held()
    assert held.counts.items == at_once.counts.items == MANY
    assert held.counts.total == at_once.counts.total
    assert held.counts.apart == at_once.counts.apart
    assert held.longest == at_once.longest == 1


def test_a_small_one_is_read_at_once_and_serves_for_a_moment() -> None:
    """Whoever asks with every edit would have it read with every edit: of 32 KiB that is ten milliseconds each."""

    async def story() -> list[int]:
        read: list[int] = []

        def encode() -> bytes:
            read.append(1)
            return strewn(100)

        census, counts = Census(encode, AT_ONCE_BYTES), []
        for wait in (0.3, 0.3, 0):
            held = census.held()
            assert held.counts.items == 100
            counts.append(len(read))
            census.note(UpdateSummary(nested=7))
            assert held.nested == 7 * len(held.since)
            await asyncio.sleep(wait)
        return counts

    assert in_moved_time(story()) == [1, 1, 2]


def test_what_is_let_in_while_it_is_read_is_counted() -> None:
    nested = UpdateSummary(nested=7, longest=9, inner=[(9, 1)])

    async def read_while_something_comes() -> Held:
        census = Census(lambda: strewn(MANY), AT_ONCE_BYTES)
        reading = asyncio.ensure_future(census.read())
        for _ in range(4):  # it has begun, and takes many more
            await asyncio.sleep(0)
        assert not reading.done()
        census.note(nested)
        await reading
        census.note(nested)
        return census.held()

    held = in_moved_time(read_while_something_comes())
    assert (held.nested, held.longest, list(held.long)) == (14, 9, [(9, 1), (9, 1)])


def test_a_reading_serves_for_a_moment_and_the_next_one_waits() -> None:
    """However often somebody has it read, a tenth of the time goes into it."""

    async def twice() -> float:
        loop, census = asyncio.get_running_loop(), Census(lambda: strewn(MANY), AT_ONCE_BYTES)
        await census.read()
        census.held()
        await asyncio.sleep(0.6)
        with pytest.raises(MustBeRead):
            census.held()
        census._next = loop.time() + 5  # noqa: SLF001 - as if it had taken half a second
        started = loop.time()
        await asyncio.gather(census.read(), census.read())
        return loop.time() - started

    assert 5 <= in_moved_time(twice()) < 6


def test_siblings_ask_for_a_reading_and_go_on_with_it() -> None:
    document = strewn(MANY)

    async def exceed() -> tuple[int, bool]:
        census = Census(lambda: document, AT_ONCE_BYTES)
        siblings = Siblings(census)
        stranger = summarize_update(written(9, b"\x84" + place(5, 3) + name("a")))
        with pytest.raises(MustBeRead):
            siblings.would_exceed(stranger, 4000)
        await census.read()
        answer = siblings.would_exceed(stranger, 4000)
        siblings.add(stranger)
        return siblings._counted.items, answer  # noqa: SLF001 - nothing else shows it

    assert in_moved_time(exceed()) == (MANY + 1, False)


def test_steps_come_to_what_is_read_at_once() -> None:
    doc: Doc[Any] = Doc(client_id=5)
    text = doc.get("t", type=Text)
    for each in range(3_000):
        text.insert(each // 2, "a")
    for each in range(0, 2_000, 3):
        del text[each // 2 : each // 2 + 1]
    text += "é😀"
    steps = list(summarize_in_steps(doc.get_update()))
    assert Counter(each is None for each in steps)[True] > 3
    assert steps[-1] == summarize_update(doc.get_update())
