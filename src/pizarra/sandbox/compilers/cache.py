"""Builds by what they were made of. Whoever wants the same at the same time shares one compilation."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pizarra.kit.tasks import retrieve
from pizarra.sandbox.compilers import Build


@dataclass(slots=True)
class _InFlight:
    task: asyncio.Task[Build]
    waiting: int = 0


class BuildCache:
    """Keeps the builds used last, up to so many bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._builds: OrderedDict[str, Build] = OrderedDict()
        self._in_flight: dict[str, _InFlight] = {}

    def find(self, key: str) -> Build | None:
        """Return a build that is there."""
        if (build := self._builds.get(key)) is not None:
            self._builds.move_to_end(key)
        return build

    async def get(self, key: str, make: Callable[[], Awaitable[Build]]) -> Build:
        """Return a build, making it if nobody has. It is cancelled when nobody waits for it any more."""
        if (build := self.find(key)) is not None:
            return build
        flight = self._in_flight.get(key)
        if flight is None:
            flight = _InFlight(asyncio.ensure_future(self._make(key, make)))
            flight.task.add_done_callback(retrieve)
            self._in_flight[key] = flight
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.task.cancel()
                self._in_flight.pop(key, None)  # who comes now starts a new one

    async def _make(self, key: str, make: Callable[[], Awaitable[Build]]) -> Build:
        mine = asyncio.current_task()
        try:
            build = await make()
        finally:
            flight = self._in_flight.get(key)
            if flight is not None and flight.task is mine:
                del self._in_flight[key]
        self._keep(key, build)
        return build

    def _keep(self, key: str, build: Build) -> None:
        if not build.is_final or build.size > self._max_bytes // 4:
            return
        self._builds[key] = build
        self._bytes += build.size
        while self._bytes > self._max_bytes:
            _, oldest = self._builds.popitem(last=False)
            self._bytes -= oldest.size
