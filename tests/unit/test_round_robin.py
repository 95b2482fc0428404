"""Turns go round between parties, whatever each of them sends and gives up."""

import asyncio

from pizarra.kit.round_robin import RoundRobin


async def some_turns(*parties: str, given_up: tuple[int, ...] = (), in_a_row: int = 1) -> list[str]:
    """Have parties ask one after the other while the turn is held; return the order in which they had it."""
    turns, order = RoundRobin(in_a_row=in_a_row), list[str]()

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


async def test_a_party_has_some_turns_in_a_row() -> None:
    order = await some_turns(*"aabaabac", in_a_row=3)
    assert order == [*"aaabbcaa"]


async def test_so_many_have_a_place_at_a_time() -> None:
    turns, inside, goes_on = RoundRobin(places=2), list[str](), asyncio.Event()

    async def have(party: str) -> None:
        async with turns.turn(party):
            inside.append(party)
            await goes_on.wait()

    tasks = [asyncio.create_task(have(party)) for party in "abcd"]
    await asyncio.sleep(0)
    assert inside == ["a", "b"]
    tasks[0].cancel()
    tasks[2].cancel()  # who waits and gives up keeps nobody from the place that becomes free
    await asyncio.wait([tasks[0], tasks[2]])
    await asyncio.sleep(0)
    assert inside == ["a", "b", "d"]
    goes_on.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*tasks, return_exceptions=True)
        async with turns.turn("e"), turns.turn("f"):  # both places are free again
            pass
