"""The order in which sockets are let in: so many at a time, and of each room one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Admission:
    """A crowd that comes at once comes in a few at a time, each as far as its room.

    Did all of them begin, they would wait for each other's connections to the database, give up, come back, and never
    be in. And a room that takes long to load holds up those who want into it, nobody else.
    """

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._rooms = WeakValueDictionary[str, asyncio.Lock]()

    @asynccontextmanager
    async def turn(self, room_id: str) -> AsyncIterator[None]:
        """Wait until it is the turn of somebody who wants into a room, and keep it while the block lasts."""
        async with self._rooms.setdefault(room_id, asyncio.Lock()), self._places:
            yield
