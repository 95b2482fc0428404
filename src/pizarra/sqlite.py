"""The embedded SQLite driver: statements run in the event loop, without a thread hop.

A point read takes about 20 µs, less than handing it to a thread, and one process is the only writer. Long
reads are paged by their callers so that no single statement holds the loop for long.
"""

import sqlite3
from collections.abc import Generator
from typing import Any

from sqlalchemy import URL
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool
from sqlalchemy.util.concurrency import await_, in_greenlet


class _Done:
    """An awaitable that is already finished: AsyncSession insists on awaiting something per statement."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield


_DONE = _Done()


class Cursor(sqlite3.Cursor):
    """A cursor that satisfies SQLAlchemy's asyncio layer."""

    def execute(self, *arguments: Any) -> "Cursor":
        """Run one statement, now."""
        super().execute(*arguments)
        if in_greenlet():
            await_(_DONE)
        return self

    def executemany(self, *arguments: Any) -> "Cursor":
        """Run one statement for many rows, now."""
        super().executemany(*arguments)
        if in_greenlet():
            await_(_DONE)
        return self

    async def _async_soft_close(self) -> None:
        """Nothing is held on a server."""


class Connection(sqlite3.Connection):
    """A connection whose cursors are ours."""

    def cursor(self, factory: Any = Cursor) -> Any:
        """Return a cursor."""
        return super().cursor(factory)


class EmbeddedDialect(SQLiteDialect_pysqlite):
    """`sqlite+embedded://`: SQLAlchemy's pysqlite dialect, usable from an AsyncEngine."""

    driver = "embedded"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """Return the pool of asyncio engines."""
        return AsyncAdaptedQueuePool

    def get_driver_connection(self, connection: Any) -> Any:
        """Return the connection itself: nothing wraps it."""
        return connection


registry.register("sqlite.embedded", __name__, "EmbeddedDialect")

CONNECT_ARGS: dict[str, Any] = {
    "factory": Connection,
    "isolation_level": None,  # BEGIN is ours: see database.py
    "check_same_thread": False,
    "timeout": 0.02,  # waiting for another program's lock happens in the event loop: see database.py
    "cached_statements": 256,
}
