"""What strangers try at the door is counted for all processes together, and by each where Redis is away."""

import contextlib
from collections.abc import AsyncIterator

from tests.harness.redis import Redis, redis

from pizarra.errors import TooManyRequests
from pizarra.http.shared_rates import SharedRates
from pizarra.kit.tokens import TokenSigner

SIGN_IN, OWN = "sign_in_attempts_per_address", "lines_per_minute"


@contextlib.asynccontextmanager
async def counting(server: Redis, *keys: bytes) -> AsyncIterator[list[SharedRates]]:
    """Give what counts in several processes."""
    rates = [SharedRates(server.url, TokenSigner(key)) for key in keys]
    yield rates
    for each in rates:
        await each.stop()


async def tries(rates: SharedRates, bound: str = SIGN_IN, who: str = "10.0.0.1") -> bool:
    """Try something that may be done three times in ten minutes; tell whether one may."""
    try:
        await rates.spend(bound, who, limit=3, seconds=600)
    except TooManyRequests as error:
        refused = error
    else:
        return True
    assert refused.bound == bound
    assert 500 < (refused.retry_after or 0) <= 600
    return False


async def test_attempts_are_counted_for_all_processes() -> None:
    with redis() as server:
        async with counting(server, b"a" * 32, b"a" * 32, b"b" * 32) as (here, there, stranger):
            assert [await tries(each) for each in (here, there, here)] == [True] * 3
            assert [await tries(each) for each in (here, there)] == [False] * 2
            assert await tries(there, who="10.0.0.2")
            assert await tries(stranger), "another installation counts for itself"
            await here.forgive(SIGN_IN, "10.0.0.1", limit=3, seconds=600)
            assert await tries(here)
            for _ in range(3):
                assert await tries(here, OWN)
            assert await tries(there, OWN), "what only one process sees is counted there"


async def test_each_process_counts_where_redis_is_away() -> None:
    with redis() as server:
        async with counting(server, b"a" * 32, b"a" * 32) as (here, there):
            assert await tries(here)
            server.kill()
            assert [await tries(here) for _ in range(3)] == [True, True, False]
            assert await tries(there)


async def test_nobody_waits_long_for_a_redis_that_stands_still() -> None:
    with redis() as server:
        async with counting(server, b"a" * 32) as (here,):
            with server.paused():
                assert [await tries(here) for _ in range(4)] == [True] * 3 + [False]
