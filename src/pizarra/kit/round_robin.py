"""So many at a time: of those who wait, each party has its turns after the other, however many it sends."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class RoundRobin:
    """Places that go round between parties, which are told by their names; a party has so many turns `in_a_row`."""

    def __init__(self, places: int = 1, in_a_row: int = 1) -> None:
        self._free = places
        self._in_a_row = in_a_row
        self._had = 0  # turns, by the party that is first
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, party: str) -> AsyncIterator[None]:
        """Wait for a turn of `party`'s, and have it for as long as the block lasts."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(party)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, party: str) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(party, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():  # it had just come to its turn
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            party, line = next(iter(self._waiting.items()))
            first = line.popleft()
            self._had += 1
            if not line:
                del self._waiting[party]
                self._had = 0
            elif self._had >= self._in_a_row:
                self._waiting.move_to_end(party)
                self._had = 0
            if not first.done():  # else it is waited for no more
                first.set_result(None)
                return
        self._free += 1
