"""One commit for what several requests write: the disk is waited for once, and everybody is told after it.

Whoever comes while one is under way shares the next. A piece of work that fails takes nobody along: then each is done
again in a transaction of its own.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

log = logging.getLogger(__name__)

T = TypeVar("T")

Work = Callable[[sqlite3.Cursor], T]


class NotOnDisk(OSError):
    """It is committed, and a power cut may undo it: the disk refused."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """Work that somebody waits for."""

    work: Work[Any]
    done: asyncio.Future[Any]


class SharedCommits:
    """The commits of one database. `transact` runs work in one transaction; `sync` brings it to the disk."""

    def __init__(
        self,
        transact: Callable[[Work[list[Any]]], Awaitable[list[Any]]],
        sync: Callable[[], Awaitable[None]],
    ) -> None:
        self._transact = transact
        self._sync = sync
        self._waiting: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None

    async def run(self, work: Work[T]) -> T:
        """Run `work` in a transaction and return its result once that is on the disk.

        It is run again if somebody else's work failed beside it: what it makes counts once it has returned for good.

        Raises:
            NotOnDisk: the disk refused.
            Exception: what `work` raises, or the transaction: nothing of it was committed.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work, loop.create_future())
        self._waiting.append(waiting)
        if self._committing is None:
            self._committing = loop.create_task(self._commit_all())  # after this turn's requests
        try:
            return cast("T", await waiting.done)
        finally:
            del waiting  # what it raises knows this frame: together they would stay in memory

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    await self._commit(batch)
                finally:
                    _tell(batch, None)  # nobody waits for a task that was cancelled
        finally:
            self._committing = None

    async def _commit(self, batch: list[_Waiting]) -> None:
        """Commit together, or each alone when that fails; then wait for the disk, and tell."""
        results = await self._try(batch)
        if isinstance(results, Exception) and len(batch) > 1:
            for each in batch:
                await self._commit([each])
            return
        if not isinstance(results, Exception):
            try:
                await self._sync()
            except OSError as error:
                log.critical(
                    "the disk refused; what was committed is not acknowledged", exc_info=True
                )
                results = NotOnDisk(error.errno, error.strerror)
        _tell(batch, results)

    async def _try(self, batch: list[_Waiting]) -> list[Any] | Exception:
        try:
            return await self._transact(lambda cursor: [each.work(cursor) for each in batch])
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            return error


def _tell(batch: list[_Waiting], outcome: list[Any] | Exception | None) -> None:
    """Give each its result, or what was raised; None: it will never come."""
    for place, waiting in enumerate(batch):
        if waiting.done.done():
            continue
        if outcome is None:
            waiting.done.cancel()
        elif isinstance(outcome, Exception):
            waiting.done.set_exception(outcome)
        else:
            waiting.done.set_result(outcome[place])
