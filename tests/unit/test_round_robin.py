"""Turns go round between parties, whatever each of them sends and gives up."""

import asyncio

from pizarra.kit.round_robin import RoundRobin


async def some_turns(*parties: str, given_up: tuple[int, ...] = ()) -> list[str]:
    """Have parties ask one after the other while the turn is held; return the order in which they had it."""
    turns, order = RoundRobin(), list[str]()

    async def have(party: str) -> None:
        async with turns.turn(party):
            order.append(party)

    async with turns.turn("first"):
        tasks = [asyncio.create_task(have(party)) for party in parties]
        await asyncio.sleep(0)
        for number in given_up:
            tasks[number].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(1), turns.turn("last"):  # nobody holds it any more
        return order


async def test_each_party_has_its_turn_after_the_other() -> None:
    assert await some_turns("a", "a", "a", "b", "c", "b") == ["a", "b", "c", "a", "b", "a"]


async def test_who_gives_up_holds_nobody_up() -> None:
    assert await some_turns("a", "a", "b", "c", given_up=(0, 3)) == ["b", "a"]


async def test_who_gives_up_at_its_turn_passes_it_on() -> None:
    turns, order = RoundRobin(), list[str]()

    async def have(party: str) -> None:
        async with turns.turn(party):
            order.append(party)

    async with turns.turn("first"):
        tasks = [asyncio.create_task(have(party)) for party in "ab"]
        await asyncio.sleep(0)
    tasks[0].cancel()  # it was given the turn, and has not taken it
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["b"]
