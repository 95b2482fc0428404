"""Sandboxes that wait, their runtime loaded. Each is used once; the next is prepared when it is taken."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from pizarra.sandbox.isolation.confinement import Confinement, Stub
from pizarra.sandbox.isolation.payload import SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.uids import UidPool
from pizarra.sandbox.limits import RunLimits

log = logging.getLogger(__name__)

_REFILL_SECONDS = 0.03  # the program that was just started goes first
_SWEEP_SECONDS = 30.0
_STALE_SECONDS = 600.0

_Key = tuple[tuple[str, ...] | None, tuple[tuple[str, str], ...], int, RunLimits, bool]


@dataclass(slots=True)
class _Pool:
    """The waiting sandboxes of one kind."""

    stub: Stub
    limits: RunLimits
    terminal: bool
    pinned: bool = False
    wanted: int = 1
    sandboxes: deque[tuple[Sandbox, float]] = field(default_factory=deque)
    coming: int = 0
    used_at: float = 0.0
    outdated: bool = False


class Pools:
    """Hands out sandboxes, and keeps some ready of each kind that was asked for lately."""

    def __init__(
        self,
        confinement: Confinement,
        uids: UidPool,
        *,
        max_idle: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.confinement = confinement
        self._clock = clock
        self.uids = uids
        self._max_idle = max_idle
        self._by_kind: dict[_Key, _Pool] = {}
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._sweeper = self._spawn(self._sweep()) if max_idle else None

    @property
    def idle(self) -> int:
        """Sandboxes that wait, or will in a moment."""
        return sum(len(pool.sandboxes) + pool.coming for pool in self._by_kind.values())

    def new(self, stub: Stub, limits: RunLimits, *, terminal: bool = False) -> Sandbox:
        """Return a sandbox that is not started yet."""
        return Sandbox(self.confinement, limits, stub, self.uids, terminal=terminal)

    async def fresh(self, stub: Stub, limits: RunLimits) -> Sandbox:
        """Return a sandbox started just now, of a kind that is seldom wanted.

        Raises:
            SandboxError: it does not start.
        """
        sandbox = self.new(stub, limits)
        await sandbox.start()
        return sandbox

    def keep_ready(self, stub: Stub, limits: RunLimits, *, terminal: bool) -> None:
        """Keep at least one of a kind ready from now on."""
        pool = self._pool(stub, limits, terminal=terminal)
        pool.pinned = True
        self._refill(pool)

    async def acquire(self, stub: Stub, limits: RunLimits, *, terminal: bool) -> Sandbox:
        """Return a started sandbox, ready or made now.

        Raises:
            SandboxError: it does not start.
        """
        pool = self._pool(stub, limits, terminal=terminal)
        pool.used_at = self._clock()
        while pool.sandboxes:
            sandbox, _ = pool.sandboxes.popleft()
            if sandbox.is_alive:
                self._spawn(self._refill_soon(pool))
                return sandbox
            await sandbox.close()  # somebody killed it while it waited
        pool.wanted = min(pool.wanted + 1, max(1, self._max_idle // 4))
        sandbox = self.new(stub, limits, terminal=terminal)
        await sandbox.start()
        self._spawn(self._refill_soon(pool))
        return sandbox

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being prepared or let go."""
        return all(task is self._sweeper for task in self._tasks)

    async def let_go(self) -> None:
        """Kill everything that waits."""
        for pool in self._by_kind.values():
            while pool.sandboxes:
                await pool.sandboxes.popleft()[0].close()

    def renew(self) -> None:
        """Let go of everything that waits or is being prepared: what it was made with is out of date."""
        pools, self._by_kind = list(self._by_kind.values()), {}
        for pool in pools:
            pool.outdated = True
            while pool.sandboxes:
                self._spawn(pool.sandboxes.popleft()[0].close())

    async def close(self) -> None:
        """Kill everything that waits, and prepare nothing more."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.let_go()

    def _pool(self, stub: Stub, limits: RunLimits, *, terminal: bool) -> _Pool:
        argv = tuple(stub.argv) if stub.argv is not None else None
        key = (argv, tuple(stub.env.items()), stub.nice, limits, terminal)
        return self._by_kind.setdefault(key, _Pool(stub, limits, terminal))

    async def _refill_soon(self, pool: _Pool) -> None:
        await asyncio.sleep(_REFILL_SECONDS)
        self._refill(pool)

    def _refill(self, pool: _Pool) -> None:
        if pool.outdated:
            return
        for _ in range(pool.wanted - len(pool.sandboxes) - pool.coming):
            if self.idle >= self._max_idle and not self._make_room(pool):
                return
            pool.coming += 1
            self._spawn(self._prepare(pool))

    def _make_room(self, newcomer: _Pool) -> bool:
        """Let go of a sandbox of the kind that was used longest ago; tell whether there was one.

        What is always kept ready gives way too, but only to the first sandbox of a kind that was used later: with room
        for two, the two languages that are run are ready, not the first two of the list.
        """
        is_first = not newcomer.sandboxes and not newcomer.coming
        others = [
            pool
            for pool in self._by_kind.values()
            if pool is not newcomer
            and pool.sandboxes
            and (not pool.pinned or (is_first and pool.used_at < newcomer.used_at))
        ]
        if not others:
            return False
        oldest = min(others, key=lambda pool: (pool.pinned, pool.used_at))
        self._spawn(oldest.sandboxes.popleft()[0].close())
        return True

    async def _prepare(self, pool: _Pool) -> None:
        try:
            async with self._one_at_a_time:
                sandbox = self.new(pool.stub, pool.limits, terminal=pool.terminal)
                await sandbox.start()
                if pool.outdated:
                    await sandbox.close()
                else:
                    pool.sandboxes.append((sandbox, self._clock()))
        except SandboxError as error:
            log.warning("a sandbox could not be prepared: %s", error)
        finally:
            pool.coming -= 1

    async def _sweep(self) -> None:
        """Let go of what nobody asked for in a while, and replace what waited for long."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = self._clock()
            for key, pool in list(self._by_kind.items()):
                unused = now - pool.used_at > _STALE_SECONDS
                if unused:
                    pool.wanted = 1 if pool.pinned else 0
                while pool.sandboxes and (
                    now - pool.sandboxes[0][1] > _STALE_SECONDS or len(pool.sandboxes) > pool.wanted
                ):
                    await pool.sandboxes.popleft()[0].close()
                if pool.wanted:
                    self._refill(pool)
                elif not pool.sandboxes and not pool.coming:
                    self._by_kind.pop(key, None)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        if self._closed:
            work.close()
            return None
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
