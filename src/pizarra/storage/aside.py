"""Reads of SQLite that look at everything there is: in a thread, so that nobody else waits for them."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection

from pizarra.storage.sqlite import driver_of

T = TypeVar("T")


class Aside:
    """One connection for them, which reads one thing after the other; SQLite lets others run while it does."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def run(self, read: Callable[[Connection], T]) -> T:
        """Run `read`, when those before it have come to their end.

        Raises:
            Exception: what `read` raises.
        """
        if self._connection is None or self._thread is None:
            self._connection = await self._connect()
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="aside")
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, read, self._connection
        )

    def close(self) -> None:
        """Read no more; what is being read is given up."""
        if self._connection is None or self._thread is None:
            return
        driver_of(self._connection).interrupt()
        self._thread.shutdown(cancel_futures=True)
        self._connection.close()
        self._connection = self._thread = None
