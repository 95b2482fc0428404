"""So many attempts in a while: counted by who makes them, forgotten in time, and at the same cost in a crowd."""

import time

import pytest

from pizarra.errors import TooManyRequests
from pizarra.http.rate_limits import Rates


class Clock:
    """A clock that is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_so_many_in_a_window_that_moves() -> None:
    clock = Clock()
    rates = Rates(clock)

    async def tries(who: str) -> bool:
        try:
            await rates.spend("joins_per_address", who, limit=2, seconds=60)
        except TooManyRequests:
            return False
        return True

    assert await tries("ana")
    clock.now += 40
    assert [await tries("ana"), await tries("ana"), await tries("zoë")] == [True, False, True]
    clock.now += 20  # the first is a minute old
    assert [await tries("ana"), await tries("ana")] == [True, False]
    await rates.forgive("joins_per_address", "ana")
    assert [await tries("ana"), await tries("ana"), await tries("ana")] == [True, True, False]


async def test_who_tried_long_ago_is_forgotten() -> None:
    clock = Clock()
    rates = Rates(clock)
    for number in range(10_000):
        clock.now += 0.1
        await rates.spend("sign_in_attempts_per_name", str(number), limit=5, seconds=60)
    assert len(rates) < 2500  # 600 of them in the last minute


async def test_an_attempt_costs_no_more_in_a_crowd() -> None:
    rates = Rates()
    for number in range(100_000):
        await rates.spend("joins_per_address", str(number), limit=5, seconds=600)
    started = time.process_time()
    for _ in range(1000):
        for who in ("ana", "zoë"):
            await rates.spend("max_signals_per_minute", who, limit=5000, seconds=60)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(("seconds", "shown"), [(60, "60 seconds"), (300, "5 minutes")])
async def test_it_is_said_how_long_to_wait(seconds: int, shown: str) -> None:
    rates = Rates()
    await rates.spend("x", "ana", limit=1, seconds=seconds)
    with pytest.raises(TooManyRequests, match=f"Wait {shown}, then try again"):
        await rates.spend("x", "ana", limit=1, seconds=seconds)
