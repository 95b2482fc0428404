"""When a runner tells how much it has to do. Time is moved, not waited for."""

import asyncio

from tests.harness.moved_time import in_moved_time

from pizarra.sandbox.runner.load import LoadTeller
from pizarra.sandbox.runner.protocol import Load


class Told:
    """A runner with so many programs that compute, and when it told what."""

    def __init__(self) -> None:
        self.computing = 0
        self.runs = 0
        self.heard: list[tuple[float, int]] = []
        self._begun = asyncio.get_running_loop().time()
        self.load = LoadTeller(self._read, self._hear, lambda: self.runs > 0)

    def _read(self) -> Load:
        return Load(computing=self.computing, waiting=0)

    def _hear(self, load: Load) -> None:
        since = round(asyncio.get_running_loop().time() - self._begun, 2)
        self.heard.append((since, load.computing))

    def begin(self) -> None:
        """Begin a program that computes."""
        self.computing += 1
        self.runs += 1
        self.load.changed()


def test_a_change_is_told_within_twenty_milliseconds_while_others_run() -> None:
    async def story() -> None:
        told = Told()
        told.begin()
        await asyncio.sleep(0.1)
        assert told.heard == [(0.02, 1)]
        told.begin()  # the next look at what rests is at 0.52
        await asyncio.sleep(0.1)
        assert told.heard[1:] == [(0.12, 2)]

    in_moved_time(story())


def test_what_begins_together_is_told_once() -> None:
    async def story() -> None:
        told = Told()
        for _ in range(5):
            told.begin()
            await asyncio.sleep(0.003)
        await asyncio.sleep(0.1)
        assert [count for _, count in told.heard] == [5]

    in_moved_time(story())


def test_a_program_that_ceases_to_compute_is_noticed_by_looking() -> None:
    async def story() -> None:
        told = Told()
        told.begin()
        await asyncio.sleep(0.1)
        told.computing = 0  # it waits for somebody to type: nothing says so
        await asyncio.sleep(1)
        assert told.heard[1:] == [(0.52, 0)]
        told.runs = 0
        told.load.changed()
        await asyncio.sleep(10)
        assert len(told.heard) == 2, "nothing was told that everybody knows"

    in_moved_time(story())


def test_it_can_be_told_at_once() -> None:
    async def story() -> None:
        told = Told()
        told.computing = 3
        told.load.now()
        assert told.heard == [(0, 3)]

    in_moved_time(story())
