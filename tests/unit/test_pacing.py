"""Turns are so far apart, and the first after a quiet while comes at once."""

import asyncio

from tests.harness.moved_time import in_moved_time

from pizarra.kit.pacing import Pace


def test_turns_are_apart_and_who_waited_long_enough_waits_no_more() -> None:
    async def begun() -> list[float]:
        pace, loop, times = Pace(2.0), asyncio.get_running_loop(), list[float]()
        start = loop.time()
        for busy in (0.0, 0.5, 3.0, 1.0):
            await pace.turn()
            times.append(round(loop.time() - start, 3))
            await asyncio.sleep(busy)
        await pace.turn()
        return [*times, round(loop.time() - start, 3)]

    assert in_moved_time(begun()) == [0.0, 2.0, 4.0, 7.0, 9.0]
