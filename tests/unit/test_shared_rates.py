"""What all processes count together, where nothing answers that could count: each counts for itself, and nobody waits.

That they do count together is in `tests/cluster/test_shared_rates.py`, with a Redis.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from tests.harness.ports import free_port

from pizarra.errors import TooManyRequests
from pizarra.http.shared_rates import SHARED, SharedRates
from pizarra.kit.tokens import TokenSigner

BOUND, OWN = "sign_in_attempts_per_name", "max_signals_per_minute"


class Clock:
    """A clock that is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


_GREETED = b"%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n"


class Refusing:
    """What speaks Redis' protocol, and has an error for an answer to everything but a greeting."""

    def __init__(self) -> None:
        self.asked = b""
        self.connections = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keep what is asked."""
        self.connections += 1
        with contextlib.suppress(ConnectionError):
            while asked := await reader.read(65536):
                self.asked += asked
                for command in asked.split(b"*")[1:]:
                    greets = b"HELLO" in command
                    writer.write(_GREETED if greets else b"-MISCONF not now\r\n")
        writer.close()


@contextlib.asynccontextmanager
async def refusing() -> AsyncIterator[Refusing]:
    """Give one that listens."""
    found = Refusing()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    async with server:
        yield found


async def tries(rates: SharedRates, bound: str = BOUND, who: str = "zoë@example.org") -> bool:
    """Try something that may be done twice in a minute; tell whether one may."""
    try:
        await rates.spend(bound, who, limit=2, seconds=60)
    except TooManyRequests as error:
        return error.bound != bound
    return True


async def test_where_nothing_listens_each_process_counts_for_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    rates = SharedRates(f"redis://127.0.0.1:{free_port()}/0", TokenSigner(b"k" * 32), clock)
    assert [await tries(rates) for _ in range(3)] == [True, True, False]
    clock.now += 61
    assert await tries(rates)
    await rates.forgive(BOUND, "zoë@example.org", limit=2, seconds=60)
    assert [await tries(rates) for _ in range(3)] == [True, True, False]
    assert set(caplog.messages) == {
        "attempts are counted by each process: Valkey/Redis does not answer (ConnectionError)"
    }
    await rates.stop()


async def test_after_it_did_not_answer_nobody_asks_it_for_five_seconds() -> None:
    clock = Clock()
    async with refusing() as redis:
        rates = SharedRates(redis.url, TokenSigner(b"k" * 32), clock)
        assert await tries(rates)
        before = len(redis.asked)
        assert before > 0
        clock.now += 4.9
        assert await tries(rates)
        await rates.forgive(BOUND, "zoë@example.org", limit=2, seconds=60)
        assert len(redis.asked) == before
        clock.now += 0.2
        await rates.forgive(BOUND, "zoë@example.org", limit=2, seconds=60)
        assert len(redis.asked) > before, "forgiving asks as well"
        before = len(redis.asked)
        clock.now += 5.1
        assert await tries(rates)
        assert len(redis.asked) > before
        await rates.stop()


async def test_what_is_refused_here_is_asked_nowhere_else() -> None:
    clock = Clock()
    async with refusing() as redis:
        rates = SharedRates(redis.url, TokenSigner(b"k" * 32), clock)
        assert [await tries(rates) for _ in range(2)] == [True, True]
        clock.now += 6
        before = len(redis.asked)
        assert not await tries(rates)
        assert len(redis.asked) == before
        await rates.stop()


@pytest.mark.parametrize("bound", [OWN, "assists_per_minute", "formats_per_minute"])
async def test_how_fast_one_person_does_things_is_counted_here_alone(bound: str) -> None:
    assert bound not in SHARED
    async with refusing() as redis:
        rates = SharedRates(redis.url, TokenSigner(b"k" * 32), Clock())
        assert [await tries(rates, bound) for _ in range(3)] == [True, True, False]
        await rates.forgive(bound, "zoë@example.org")
        assert await tries(rates, bound)
        assert redis.connections == 0
        await rates.stop()


async def test_no_address_and_no_name_is_told() -> None:
    async with refusing() as redis:
        signer = TokenSigner(b"k" * 32)
        rates = SharedRates(redis.url, signer, Clock())
        await tries(rates)
        assert b"pizarra:" in redis.asked
        for said in (b"zo\xc3\xab", b"example.org", signer.sign("rates", "").encode()):
            assert said not in redis.asked
        await rates.stop()
