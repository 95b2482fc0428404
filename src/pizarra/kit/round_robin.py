"""One at a time: of those who wait, each party has its turn after the other, however many it sends."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class RoundRobin:
    """A lock that goes round between parties, which are told by their names."""

    def __init__(self) -> None:
        self._is_held = False
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, party: str) -> AsyncIterator[None]:
        """Wait for a turn of `party`'s, and have it for as long as the block lasts."""
        if self._is_held:
            await self._wait(party)
        self._is_held = True
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
            party, line = self._waiting.popitem(last=False)
            first = line.popleft()
            if line:
                self._waiting[party] = line  # behind the others
            if not first.done():  # else it is waited for no more
                first.set_result(None)
                return
        self._is_held = False
