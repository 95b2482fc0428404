"""Sandboxes that wait, their runtime loaded. Each is used once; the next is prepared when it is taken."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from pizarra.sandbox.box import Box
from pizarra.sandbox.confinement import Confinement, Stub
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.payload import SandboxError
from pizarra.sandbox.uids import UidPool

log = logging.getLogger(__name__)

_REFILL_SECONDS = 0.03  # the program that was just started goes first
_SWEEP_SECONDS = 30.0
_STALE_SECONDS = 600.0

_Key = tuple[tuple[str, ...] | None, int, RunLimits, bool]


@dataclass(slots=True)
class _Shelf:
    """The waiting sandboxes of one kind."""

    stub: Stub
    limits: RunLimits
    terminal: bool
    pinned: bool = False
    wanted: int = 1
    boxes: deque[tuple[Box, float]] = field(default_factory=deque)
    coming: int = 0
    used_at: float = 0.0


class Pools:
    """Hands out sandboxes, and keeps some ready of each kind that was asked for lately."""

    def __init__(self, confinement: Confinement, uids: UidPool, *, max_idle: int) -> None:
        self.confinement = confinement
        self.uids = uids
        self._max_idle = max_idle
        self._shelves: dict[_Key, _Shelf] = {}
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._sweeper = self._spawn(self._sweep()) if max_idle else None

    @property
    def idle(self) -> int:
        """Sandboxes that wait, or will in a moment."""
        return sum(len(shelf.boxes) + shelf.coming for shelf in self._shelves.values())

    def new(self, stub: Stub, limits: RunLimits, *, terminal: bool = False) -> Box:
        """Return a sandbox that is not started yet."""
        return Box(self.confinement, limits, stub, self.uids, terminal=terminal)

    async def fresh(self, stub: Stub, limits: RunLimits) -> Box:
        """Return a sandbox started just now, of a kind that is seldom wanted.

        Raises:
            SandboxError: it does not start.
        """
        box = self.new(stub, limits)
        await box.start()
        return box

    def keep_ready(self, stub: Stub, limits: RunLimits, *, terminal: bool) -> None:
        """Keep at least one of a kind ready from now on."""
        shelf = self._shelf(stub, limits, terminal=terminal)
        shelf.pinned = True
        self._refill(shelf)

    async def take(self, stub: Stub, limits: RunLimits, *, terminal: bool) -> Box:
        """Return a started sandbox, ready or made now.

        Raises:
            SandboxError: it does not start.
        """
        shelf = self._shelf(stub, limits, terminal=terminal)
        shelf.used_at = time.monotonic()
        while shelf.boxes:
            box, _ = shelf.boxes.popleft()
            if box.is_alive:
                self._spawn(self._refill_soon(shelf))
                return box
            await box.close()  # somebody killed it while it waited
        shelf.wanted = min(shelf.wanted + 1, max(1, self._max_idle // 4))
        box = self.new(stub, limits, terminal=terminal)
        await box.start()
        self._spawn(self._refill_soon(shelf))
        return box

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being prepared or let go."""
        return all(task is self._sweeper for task in self._tasks)

    async def let_go(self) -> None:
        """Kill everything that waits."""
        for shelf in self._shelves.values():
            while shelf.boxes:
                await shelf.boxes.popleft()[0].close()

    async def close(self) -> None:
        """Kill everything that waits, and prepare nothing more."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.let_go()

    def _shelf(self, stub: Stub, limits: RunLimits, *, terminal: bool) -> _Shelf:
        key = (tuple(stub.argv) if stub.argv is not None else None, stub.nice, limits, terminal)
        return self._shelves.setdefault(key, _Shelf(stub, limits, terminal))

    async def _refill_soon(self, shelf: _Shelf) -> None:
        await asyncio.sleep(_REFILL_SECONDS)
        self._refill(shelf)

    def _refill(self, shelf: _Shelf) -> None:
        for _ in range(shelf.wanted - len(shelf.boxes) - shelf.coming):
            if self.idle >= self._max_idle and not self._make_room(shelf):
                return
            shelf.coming += 1
            self._spawn(self._prepare(shelf))

    def _make_room(self, newcomer: _Shelf) -> bool:
        """Let go of a sandbox of the kind that was used longest ago; tell whether there was one."""
        unpinned = [shelf for shelf in self._shelves.values() if shelf.boxes and not shelf.pinned]
        others = [shelf for shelf in unpinned if shelf is not newcomer]
        if not others:
            return False
        box, _ = min(others, key=lambda shelf: shelf.used_at).boxes.popleft()
        self._spawn(box.close())
        return True

    async def _prepare(self, shelf: _Shelf) -> None:
        try:
            async with self._one_at_a_time:
                box = self.new(shelf.stub, shelf.limits, terminal=shelf.terminal)
                await box.start()
                shelf.boxes.append((box, time.monotonic()))
        except SandboxError as error:
            log.warning("a sandbox could not be prepared: %s", error)
        finally:
            shelf.coming -= 1

    async def _sweep(self) -> None:
        """Let go of what nobody asked for in a while, and replace what waited for long."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = time.monotonic()
            for key, shelf in list(self._shelves.items()):
                unused = now - shelf.used_at > _STALE_SECONDS
                if unused:
                    shelf.wanted = 1 if shelf.pinned else 0
                while shelf.boxes and (now - shelf.boxes[0][1] > _STALE_SECONDS or len(shelf.boxes) > shelf.wanted):
                    await shelf.boxes.popleft()[0].close()
                if shelf.wanted:
                    self._refill(shelf)
                elif not shelf.boxes and not shelf.coming:
                    del self._shelves[key]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        if self._closed:
            work.close()
            return None
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
