"""One after another of one key, others meanwhile, and nothing is kept of those who have gone."""

import asyncio

import pytest

from pizarra.kit.in_turn import InTurn, TooManyWait


async def test_one_of_each_key_at_a_time_in_the_order_of_asking() -> None:
    turns, order = InTurn(3), list[str]()

    async def have(key: str, name: str) -> None:
        async with turns.turn(key):
            order.append(name)

    async with turns.turn("a"):
        waiting = [asyncio.create_task(have("a", f"a{number}")) for number in range(3)]
        await have("b", "b0")
        await asyncio.sleep(0)
        with pytest.raises(TooManyWait):
            await have("a", "one too many")
        waiting[1].cancel()
        await asyncio.sleep(0)
        assert order == ["b0"]
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == ["b0", "a0", "a2"]
    assert len(turns) == 0
