"""What is dear is done a few at a time: taking sessions away, reading packages, compiling."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from tests.harness.core import turns

from pizarra.config import Settings
from pizarra.errors import Busy, TooManyRequests
from pizarra.exports.slots import ExportSlots
from pizarra.questions.package_queue import PackageQueue
from pizarra.sandbox.compilers import Build
from pizarra.sandbox.compilers.cache import BuildCache


async def three_pieces(left: list[str] | None = None) -> AsyncIterator[bytes]:
    try:
        for piece in (b"a", b"b", b"c"):
            yield piece
    finally:
        if left is not None:
            left.append("left")


async def test_a_download_counts_until_its_last_piece_is_taken() -> None:
    slots = ExportSlots(per_person=1, per_session=5)
    pieces = await slots.begin(7, "ana", three_pieces(), hosts=False)
    with pytest.raises(TooManyRequests) as refused:
        await slots.begin(7, "ana", three_pieces(), hosts=False)
    assert refused.value.bound == "max_exports_per_person"
    assert [piece async for piece in pieces] == [b"a", b"b", b"c"]
    await slots.begin(7, "ana", three_pieces(), hosts=False)


async def test_who_breaks_off_counts_no_more() -> None:
    """Also who never took a piece: an answer that nobody reads is closed, not read."""
    slots, left = ExportSlots(per_person=1, per_session=5), list[str]()
    for _ in range(3):
        pieces = await slots.begin(7, "ana", three_pieces(left), hosts=False)
        assert await anext(pieces) == b"a"
        del pieces
        await turns(10)
    await slots.begin(7, "ana", three_pieces(left), hosts=False)
    assert left[:3] == ["left"] * 3


def test_those_invited_take_nothing_from_those_who_host() -> None:
    slots = ExportSlots(per_person=9, per_session=2)
    with slots.one_of(7, "ana", hosts=False), slots.one_of(7, "bob", hosts=False):
        with (
            pytest.raises(TooManyRequests) as refused,
            slots.one_of(7, "eve", hosts=False),
        ):
            pass
        assert refused.value.bound == "max_exports_per_session"
        with slots.one_of(7, "host", hosts=True), slots.one_of(8, "eve", hosts=False):
            pass
    with slots.one_of(7, "eve", hosts=False):
        pass


class Slow:
    """Work that takes until it is let go."""

    def __init__(self) -> None:
        self.began: list[int] = []
        self._go = threading.Event()

    def do(self, number: int) -> int:
        """Begin, and wait."""
        self.began.append(number)
        self._go.wait(10)
        return number

    def let_go(self) -> None:
        """Let all of it end."""
        self._go.set()


async def test_packages_wait_for_each_other_up_to_so_many() -> None:
    line, work = PackageQueue(Settings(max_packages_waiting=2)), Slow()
    try:
        asked = [
            asyncio.ensure_future(line.do(work.do, number, team=number)) for number in range(3)
        ]
        await turns()
        assert line.under_way == 3
        with pytest.raises(Busy) as refused:
            await line.do(work.do, 3, team=3)
        assert refused.value.bound == "max_packages_waiting"
        assert len(work.began) <= 1
        work.let_go()
        assert list(await asyncio.gather(*asked)) == [0, 1, 2]
        assert work.began == [0, 1, 2]
    finally:
        line.stop()


async def test_the_last_place_is_for_a_team_that_has_none() -> None:
    line, work = PackageQueue(Settings(max_packages_waiting=1)), Slow()
    try:
        first = asyncio.ensure_future(line.do(work.do, 0, team=1))
        await turns()
        with pytest.raises(Busy):
            await line.do(work.do, 1, team=1)
        second = asyncio.ensure_future(line.do(work.do, 2, team=2))
        await turns()
        work.let_go()
        assert list(await asyncio.gather(first, second)) == [0, 2]
    finally:
        line.stop()


async def test_who_has_gone_counts_while_their_package_is_read() -> None:
    """The thread is taken all the same."""
    line, work = PackageQueue(Settings(max_packages_waiting=0)), Slow()
    try:
        gone = asyncio.ensure_future(line.do(work.do, 0))
        while not work.began:
            await asyncio.sleep(0.001)
        gone.cancel()
        await turns()
        with pytest.raises(Busy):
            await line.do(work.do, 1)
        work.let_go()
        while line.under_way:
            await asyncio.sleep(0.001)
        assert await line.do(work.do, 2) == 2
    finally:
        line.stop()


class Compiler:
    """Makes builds when it is told to, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = self.cancelled = 0
        self._done = asyncio.Event()

    def making(
        self, log: str = "", *, is_final: bool = True
    ) -> Callable[[], asyncio.Future[Build]]:
        """Return what makes a build of so much."""

        async def make() -> Build:
            self.asked += 1
            try:
                await self._done.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
            return Build(None, log=log, is_final=is_final)

        return lambda: asyncio.ensure_future(make())

    def finish(self) -> None:
        """Let all builds be done."""
        self._done.set()


async def test_whoever_wants_the_same_shares_one_compilation() -> None:
    cache, compiler = BuildCache(1_000_000), Compiler()
    asking = [asyncio.ensure_future(cache.get("a", compiler.making())) for _ in range(3)]
    await turns()
    asking[0].cancel()
    await turns()
    compiler.finish()
    builds = await asyncio.gather(*asking[1:])
    assert (builds[0] is builds[1], compiler.asked, compiler.cancelled) == (True, 1, 0)
    assert cache.find("a") is builds[0]


async def test_a_compilation_that_nobody_waits_for_ends_and_the_next_is_another() -> None:
    cache, compiler = BuildCache(1_000_000), Compiler()
    asking = [asyncio.ensure_future(cache.get("a", compiler.making())) for _ in range(2)]
    await turns()
    for each in asking:
        each.cancel()
    again = asyncio.ensure_future(cache.get("a", compiler.making()))
    await turns(5)
    assert (compiler.asked, compiler.cancelled) == (2, 1)
    compiler.finish()
    build = await again
    assert cache.find("a") is build


async def test_what_was_stopped_or_is_very_large_is_not_kept() -> None:
    cache, compiler = BuildCache(40_000), Compiler()
    compiler.finish()
    await cache.get("stopped", compiler.making(is_final=False))
    await cache.get("large", compiler.making("x" * 20_000))
    assert (cache.find("stopped"), cache.find("large")) == (None, None)


async def test_what_was_used_last_is_kept_longest() -> None:
    cache, compiler = BuildCache(40_000), Compiler()
    compiler.finish()
    for key in ("a", "b", "c", "d"):
        await cache.get(key, compiler.making("x" * 8_000))
    assert cache.find("a") is not None
    await cache.get("e", compiler.making("x" * 8_000))
    assert [key for key in "abcde" if cache.find(key) is not None] == ["a", "c", "d", "e"]


async def test_a_compilation_that_failed_is_tried_again() -> None:
    cache, compiler = BuildCache(40_000), Compiler()

    async def fail() -> Build:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await cache.get("a", fail)
    compiler.finish()
    build = await cache.get("a", compiler.making())
    assert cache.find("a") is build
