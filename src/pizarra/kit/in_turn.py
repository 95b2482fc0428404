"""Work that is done one piece at a time for each of many, in the order in which it was asked for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class TooManyWait(Exception):
    """As many wait with this key as may."""


class InTurn:
    """Whose turn it is, by key, where `most` may wait; of a key that nobody has or waits for nothing is kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: Counter[Hashable] = Counter()  # who has it among them
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        """Return how many keys somebody has or waits for."""
        return len(self._here)

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for those who came before with this key, and let the next one go on at the end.

        Raises:
            TooManyWait: no more may.
        """
        if self._here[key] > self._most:
            raise TooManyWait
        self._here[key] += 1
        try:
            async with self._lock(key):
                yield
        finally:
            self._here[key] -= 1
            if not self._here[key]:
                del self._here[key]

    def _lock(self, key: Hashable) -> asyncio.Lock:
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
