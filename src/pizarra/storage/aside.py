"""Reads of SQLite that look at everything there is: in a thread, so that nobody else waits for them."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Aside:
    """One connection for them, which reads one thing after the other; SQLite lets others run while it does."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._cursor: sqlite3.Cursor | None = None
        self._thread: ThreadPoolExecutor | None = None

    async def run(self, read: Callable[[sqlite3.Cursor], T]) -> T:
        """Run `read` on a cursor, when those before it have come to their end.

        Raises:
            sqlite3.Error: as the driver does.
        """
        if self._cursor is None or self._thread is None:
            self._cursor = sqlite3.Cursor(self._connect())
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="aside")
        return await asyncio.get_running_loop().run_in_executor(self._thread, read, self._cursor)

    def close(self) -> None:
        """Read no more; what is being read is given up."""
        if self._cursor is not None:
            self._cursor.connection.interrupt()
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
        self._cursor = self._thread = None
