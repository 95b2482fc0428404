"""Sockets are let in a few at a time, and a room that takes long holds up nobody who wants into another."""

import asyncio

from pizarra.realtime.admission import Admission


class Crowd:
    """People who come in, and stay on the threshold until they are told to go on."""

    def __init__(self, admission: Admission) -> None:
        self.inside: list[str] = []
        self._admission = admission
        self._goes_on = asyncio.Event()
        self._coming: list[asyncio.Task[None]] = []

    async def comes(self, *rooms: str) -> list[str]:
        """Have somebody come to each of these rooms; return for which rooms it is somebody's turn then."""
        self._coming += [asyncio.create_task(self._enter(room)) for room in rooms]
        await turns()
        return self.inside

    async def goes_on(self) -> None:
        """Let everybody in."""
        self._goes_on.set()
        async with asyncio.timeout(5):
            await asyncio.gather(*self._coming)

    async def gives_up(self) -> None:
        """Have everybody go away again."""
        for each in self._coming:
            each.cancel()
        await asyncio.gather(*self._coming, return_exceptions=True)

    async def _enter(self, room: str) -> None:
        async with self._admission.turn(room):
            self.inside.append(room)
            await self._goes_on.wait()


async def turns() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def test_so_many_come_in_at_a_time() -> None:
    crowd = Crowd(Admission(3))
    assert await crowd.comes("a", "b", "c", "d", "e") == ["a", "b", "c"]
    await crowd.goes_on()
    assert crowd.inside == ["a", "b", "c", "d", "e"]


async def test_one_room_holds_up_no_other() -> None:
    crowd = Crowd(Admission(2))
    assert await crowd.comes(*"aaaaaaaa") == ["a"]
    assert await crowd.comes("b") == ["a", "b"]
    await crowd.goes_on()
    assert sorted(crowd.inside) == [*"aaaaaaaab"]


async def test_whoever_gives_up_leaves_their_place() -> None:
    admission = Admission(2)
    crowd = Crowd(admission)
    await crowd.comes("a", "a", "b", "c")
    await crowd.gives_up()
    others = Crowd(admission)
    assert await others.comes("a", "b") == ["a", "b"]
    await others.goes_on()
