"""Reads that those share who ask for the same thing before it is read: a crowd asks once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from pizarra.kit.tasks import retrieve

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class SharedReads(Generic[Key, Found]):
    """Reads of one kind, so many `at_once`, and of one thing one at a time.

    Nobody is told what was read before they asked: while a thing is read, those who ask for it wait for the next read,
    all of them for the same.
    """

    def __init__(self, read: Callable[[Key], Awaitable[Found]], at_once: int) -> None:
        self._read = read
        self._places = asyncio.Semaphore(at_once)
        self._turns = WeakValueDictionary[Key, asyncio.Lock]()
        self._next: dict[Key, asyncio.Task[Found]] = {}  # those that have not begun

    async def get(self, key: Key) -> Found:
        """Return what is read of `key` from now on; whoever gives up takes nobody along.

        Raises:
            Exception: what the read raises.
        """
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.create_task(self._in_turn(key))
            task.add_done_callback(retrieve)
        return await asyncio.shield(task)

    async def _in_turn(self, key: Key) -> Found:
        async with self._turns.setdefault(key, asyncio.Lock()), self._places:
            del self._next[key]
            return await self._read(key)
