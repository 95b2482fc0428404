"""Writes to SQLite: one after another, in the event loop, on connections kept for them.

Writers take turns here, so that nobody waits for another of this process while holding the loop, and no more than
`busy_timeout` for another program. With a write-ahead log, what is committed is brought to the disk by a thread.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Connection, PoolProxiedConnection, RootTransaction
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from pizarra.storage import sqlite
from pizarra.storage.engines import BEGIN_WRITING
from pizarra.storage.shared_commits import NotOnDisk, SharedCommits

log = logging.getLogger(__name__)

T = TypeVar("T")

_LOCK_SECONDS = 5.0
_LOCK_RETRY_SECONDS = 0.03


class EmbeddedWrites:
    """The writer of one SQLite database; `synchronous` is `full` where a commit is to survive a power cut."""

    def __init__(self, engine: AsyncEngine, synchronous: str) -> None:
        self.turn = asyncio.Lock()  # held by whoever writes
        self.shared = SharedCommits(self.write_raw, self.sync)
        self._engine = engine
        self.needs_sync = synchronous == "full"  # of what is committed, before it is acknowledged
        self._writer: Connection | None = None
        self._raw: PoolProxiedConnection | None = None
        self._raw_cursor: sqlite3.Cursor | None = None
        self._wal = sqlite.WriteAheadLog(str(engine.url.database))

    @property
    def uses_wal(self) -> bool:
        """Whether there is a write-ahead log."""
        return bool(getattr(self._engine.dialect, "uses_wal", False))

    # Transactions

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one write transaction and commit it; return its result once that is on the disk.

        Raises:
            NotOnDisk: the disk refused.
        """
        async with self.turn:
            if self._writer is None:
                self._writer = self._engine.sync_engine.execution_options(
                    pizarra_begin=BEGIN_WRITING
                ).connect()
            writer = self._writer

            async def begin() -> RootTransaction:
                return writer.begin()

            with await unless_locked(begin):
                result = work(writer)
        await self.wait_for_disk()
        return result

    def write_now(self, work: Callable[[sqlite3.Cursor], T]) -> T | None:
        """Run `work` on SQLite's own cursor in one write transaction, now; None when somebody else is writing.

        What `work` does must be short: the event loop waits for it. The transaction survives the end of this process;
        a power cut it survives once the write-ahead log was synced, which is left to the caller.
        """
        if self.turn.locked():
            return None
        cursor = self._raw_cursor or self._open_raw_cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return None
            raise OperationalError("BEGIN", {}, error) from error
        return _commit(cursor, work)

    async def write_raw(self, work: Callable[[sqlite3.Cursor], T]) -> T:
        """Like `write_now`, but wait for the turn to write, and while another program holds the file's lock."""
        async with self.turn:
            cursor = self._raw_cursor or self._open_raw_cursor()

            async def begin() -> None:
                try:
                    cursor.execute("BEGIN IMMEDIATE")
                except sqlite3.Error as error:
                    raise OperationalError("BEGIN", {}, error) from error

            await unless_locked(begin)
            return _commit(cursor, work)

    def _open_raw_cursor(self) -> sqlite3.Cursor:
        self._raw = self._engine.sync_engine.raw_connection()
        connection = self._raw.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        self._raw_cursor = sqlite3.Cursor(connection)
        if self.uses_wal:
            self._raw_cursor.execute("PRAGMA synchronous=NORMAL")
        return self._raw_cursor

    # The disk

    async def sync(self) -> None:
        """Bring to the disk what `write_now` and `write_raw` committed, if that is wanted.

        Raises:
            OSError: the disk refused.
        """
        if self.needs_sync and self.uses_wal:
            await self._wal.sync()

    async def wait_for_disk(self) -> None:
        """Bring what was committed to the disk: to wait for it in the commit would hold the event loop.

        Raises:
            NotOnDisk: the disk refused.
        """
        try:
            await self.sync()
        except OSError as error:
            log.critical("the disk refused; what was committed is not acknowledged")
            raise NotOnDisk(error.errno, error.strerror) from error

    async def forget_erased(self, seconds: float) -> None:
        """Let nothing that was erased stay behind in the write-ahead log; wait so long for those who still read it."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not await self._cut_log():
            if loop.time() >= deadline:
                return
            await asyncio.sleep(_LOCK_RETRY_SECONDS)

    async def _cut_log(self) -> bool:
        """Write the log into the file and make it empty; tell whether nobody was in the way."""
        async with self.turn, self._engine.connect() as connection:
            await connection.exec_driver_sql("COMMIT")
            # In a thread: it waits for the disk, twice.
            raw = (await connection.get_raw_connection()).driver_connection
            assert isinstance(raw, sqlite.Connection)
            try:
                busy = await asyncio.to_thread(_cut_log_of, raw)
            except sqlite3.Error as error:
                raise OperationalError("PRAGMA wal_checkpoint", {}, error) from error
            await connection.exec_driver_sql("BEGIN")
        return not busy

    def close(self) -> None:
        """Close the connections, and let the log go."""
        for connection in (self._writer, self._raw):
            if connection is not None:
                connection.close()
        self._wal.close()


async def unless_locked(begin: Callable[[], Awaitable[T]]) -> T:
    """Begin; while another program holds the file's lock, wait without holding the event loop.

    Raises:
        OperationalError: it is held for long, or something else is wrong.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _LOCK_SECONDS
    while True:
        try:
            return await begin()
        except OperationalError as error:
            if "locked" not in str(error.orig) or loop.time() > deadline:
                raise
            await asyncio.sleep(_LOCK_RETRY_SECONDS)


def _cut_log_of(connection: sqlite3.Connection) -> bool:
    busy, _pages, _written = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy)


def _commit(cursor: sqlite3.Cursor, work: Callable[[sqlite3.Cursor], T]) -> T:
    try:
        result = work(cursor)
        cursor.execute("COMMIT")
    except BaseException as error:
        with contextlib.suppress(sqlite3.Error):
            cursor.execute("ROLLBACK")  # a commit that was refused leaves its transaction open
        if isinstance(error, sqlite3.IntegrityError):
            raise IntegrityError("COMMIT", {}, error) from error
        if isinstance(error, sqlite3.Error):
            raise OperationalError("COMMIT", {}, error) from error
        raise
    return result
