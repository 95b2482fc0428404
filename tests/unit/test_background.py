"""Background work: it goes on when the database was away, ends when it is stopped, and its cost is known."""

import asyncio
import time

from prometheus_client import CollectorRegistry, Counter

from pizarra.background import Background


def _background() -> tuple[Background, CollectorRegistry]:
    registry = CollectorRegistry()
    return Background(Counter("chores", "…", ["chore"], registry=registry)), registry


def _spent(registry: CollectorRegistry, chore: str) -> float:
    return registry.get_sample_value("chores_total", {"chore": chore}) or 0.0


def _compute(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


async def test_a_chore_costs_what_it_computes_itself() -> None:
    background, registry = _background()
    waits, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        _compute(0.02)
        waits.set()
        await go_on.wait()
        _compute(0.02)
        done.set()
        await asyncio.Event().wait()

    background.every(0.001, "computing", work)
    await asyncio.wait_for(waits.wait(), 5)
    _compute(0.2)  # somebody else, meanwhile
    go_on.set()
    await asyncio.wait_for(done.wait(), 5)
    assert 0.04 <= _spent(registry, "computing") < 0.1
    await background.stop()


async def test_a_database_that_is_away_is_tried_again_and_a_stopped_chore_is_over() -> None:
    background, registry = _background()
    tries, third, cancelled = 0, asyncio.Event(), asyncio.Event()
    away: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    away.set_exception(OSError("away"))

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            await asyncio.sleep(0)
            await asyncio.shield(away)
        third.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    background.every(0.001, "trying", work, at_once=True)
    await asyncio.wait_for(third.wait(), 5)
    await background.stop()
    assert cancelled.is_set()
    await asyncio.sleep(0.01)  # ten times what it would wait before a fourth
    assert tries == 3
    assert _spent(registry, "trying") > 0
