"""The embedded SQLite driver: statements run in the event loop, without a thread hop.

A point read takes about 20 µs, less than handing it to a thread, and one process is the only writer. Long
reads are paged by their callers so that no single statement holds the loop for long.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import URL, FromClause
from sqlalchemy import Connection as EngineConnection
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
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
    """A connection whose cursors are ours, to a file that others on this computer cannot read.

    Its folder is made with it, and not before: whoever only asks where a database would be makes nothing.
    """

    def __init__(self, database: str, *arguments: Any, **options: Any) -> None:
        _keep_private(database)
        super().__init__(database, *arguments, **options)

    def cursor(self, factory: Any = Cursor) -> Any:
        """Return a cursor."""
        return super().cursor(factory)


def driver_of(connection: EngineConnection) -> sqlite3.Connection:
    """Return the driver's own connection."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _keep_private(path: str) -> None:
    """Make a new database its owner's alone; an old one is closed to others. Its folder may be open to all.

    SQLite gives the files beside it the rights that it has.
    """
    # Only a file that is new is opened: to close a descriptor of one that this process has open elsewhere would drop
    # SQLite's locks on it, and another program could take the log away from under us.
    with contextlib.suppress(OSError):  # what else is the matter, SQLite says
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for each in (Path(path), Path(f"{path}-wal"), Path(f"{path}-shm")):
        with contextlib.suppress(OSError):
            mode = each.stat().st_mode & 0o777
            if mode & 0o007:
                each.chmod(mode & ~0o007)


_SYNCS = 4  # at a time; those of one commit of many are one


class WriteAheadLog:
    """The file that commits are written to first, synced in a thread: `synchronous=FULL` without holding the loop."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._file: int | None = None
        # Its own: it waits for no others' work in threads, and a slow disk holds none of that up.
        self._threads: ThreadPoolExecutor | None = None

    async def sync(self) -> None:
        """Bring every commit so far to the disk.

        Raises:
            OSError: the disk refused.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_SYNCS, thread_name_prefix="disk")
        if self._file is None:
            # the same file as long as a connection is open
            self._file = os.open(f"{self._database}-wal", os.O_RDONLY)
            # its name must be on the disk as well
            folder = os.open(Path(self._database).parent, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        await asyncio.get_running_loop().run_in_executor(self._threads, os.fdatasync, self._file)

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None


def copy_database(source: Path, target: Path) -> None:
    """Copy a database, also while it is written to: what was committed by now, in one file that is its owner's alone.

    Raises:
        FileExistsError: there is such a file already.
        OSError: it cannot be written.
        sqlite3.Error: the source cannot be read.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(source)) as old,
            contextlib.closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE").close()  # one file, not three
        with target.open("rb") as file:
            os.fsync(file.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def indexed_by(index: str) -> tuple[str, str]:
    """Return the hint, for `with_hint`, that SQLite is to use an index; where it cannot, the statement fails."""
    return f"INDEXED BY {index}", "sqlite"


class _HintingCompiler(SQLiteCompiler):
    """Writes a hint for SQLite behind its table: without statistics it cannot know how small a partial index is."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        """Return what stands behind a table."""
        return text


class EmbeddedDialect(SQLiteDialect_pysqlite):
    """`sqlite+embedded://`: SQLAlchemy's pysqlite dialect, usable from an AsyncEngine."""

    statement_compiler = _HintingCompiler
    uses_wal = True  # as far as is known: some file systems cannot have it
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
