"""A crowd that asks for one thing asks once, and nobody is told what was read before they asked."""

import asyncio

import pytest

from pizarra.kit.shared_reads import SharedReads


class Store:
    """Things that are read while a test says so; what is found is how often it was begun to be read."""

    def __init__(self, at_once: int = 10) -> None:
        self.begun: list[str] = []
        self.broken = False
        self._goes_on = {name: asyncio.Semaphore(0) for name in "abc"}
        self._reads = SharedReads(self._read, at_once)

    def ask(self, *names: str) -> list[asyncio.Task[int]]:
        """Have somebody ask for each of these."""
        return [asyncio.create_task(self._reads.get(name)) for name in names]

    def end(self, name: str, times: int = 1) -> None:
        """Let as many reads of a thing come to their end."""
        for _ in range(times):
            self._goes_on[name].release()

    async def _read(self, name: str) -> int:
        self.begun.append(name)
        number = self.begun.count(name)
        await self._goes_on[name].acquire()
        if self.broken:
            raise OSError("away")
        return number


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_who_asks_before_a_read_begins_shares_it() -> None:
    store = Store()
    asked = store.ask("a", "a", "a")
    await turns()
    store.end("a")
    assert await asyncio.gather(*asked) == [1, 1, 1]


async def test_who_asks_during_a_read_is_told_what_the_next_one_finds() -> None:
    store = Store()
    first = store.ask("a")
    await turns()
    later = store.ask("a", "a")
    await turns()
    assert store.begun == ["a"]  # of one thing one at a time
    store.end("a", 2)
    assert await asyncio.gather(*first, *later) == [1, 2, 2]


async def test_a_slow_read_holds_up_no_other() -> None:
    store = Store(at_once=2)
    slow = store.ask(*"aaaa")
    await turns()
    more = store.ask(*"aa")
    quick = store.ask("b", "c")
    await turns()
    assert store.begun == ["a", "b"]  # the second read of `a` takes no place while it waits
    store.end("b")
    store.end("c")
    assert await asyncio.gather(*quick) == [1, 1]
    store.end("a", 2)
    assert await asyncio.gather(*slow, *more) == [1, 1, 1, 1, 2, 2]


async def test_who_gives_up_takes_nobody_along() -> None:
    store = Store()
    one, other = store.ask("a", "a")
    await turns()
    one.cancel()
    await turns()
    store.end("a")
    assert await other == 1


async def test_everybody_is_told_that_it_failed_and_the_next_may_succeed() -> None:
    store = Store()
    store.broken = True
    asked = store.ask("a", "a")
    await turns()
    store.end("a")
    for each in asked:
        with pytest.raises(OSError, match="away"):
            await each
    store.broken = False
    store.end("a")
    assert await asyncio.gather(*store.ask("a")) == [2]
