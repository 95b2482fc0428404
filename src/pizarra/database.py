"""Engines and transactions. The same code serves embedded SQLite and PostgreSQL."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import (
    URL,
    Connection,
    Executable,
    PoolProxiedConnection,
    RootTransaction,
    Row,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
)

from pizarra.config import Settings
from pizarra.storage import sqlite
from pizarra.storage.addresses import database_url
from pizarra.storage.embedded_reads import EmbeddedReads
from pizarra.storage.engines import BEGIN_WRITING, PoolSize, postgres_engine, sqlite_engine
from pizarra.storage.postgres_reads import PostgresReads
from pizarra.storage.prepared import Lazy, Parameters, Prepared
from pizarra.storage.shared_commits import NotOnDisk, SharedCommits

log = logging.getLogger(__name__)

T = TypeVar("T")

# Runs one read, a statement with its parameters, and returns its rows: `Database.fetch`, or `within` a transaction.
Fetch = Callable[[Executable, Mapping[str, Any]], Awaitable[Sequence[Row[*tuple[Any, ...]]]]]

# The same of a prepared statement: `Database.fetch_prepared`, or `reading_in` a transaction.
Read = Callable[[Prepared, Parameters], Awaitable[Sequence[Any]]]

# Runs one prepared statement within a transaction, with its values, and returns its rows.
Write = Callable[[Prepared, Parameters], Sequence[Any]]


_POOL = PoolSize()
_LOCK_SECONDS = 5.0
_LOCK_RETRY_SECONDS = 0.03


_writing = WeakSet[asyncio.Task[Any]]()  # the tasks that are within `Database.write`


def require_no_transaction() -> None:
    """Refuse to wait, within a transaction that writes, for what others write: they wait for it in turn, for ever.

    On SQLite that is the turn to write, on PostgreSQL the session's row.

    Raises:
        RuntimeError: this task is within `Database.write`.
    """
    if asyncio.current_task() in _writing:
        raise RuntimeError("what is waited for here may wait for the transaction around it")


@contextlib.contextmanager
def _as_writer() -> Iterator[None]:
    task = asyncio.current_task()
    assert task is not None
    _writing.add(task)
    try:
        yield
    finally:
        _writing.discard(task)


class Database:
    """One engine and its transactions.

    `read()` and `write()` each give an `AsyncSession` inside one transaction; `write()` commits at its end. On SQLite
    writers take turns here, in the event loop, so that nobody ever waits for the file's lock while holding the loop.
    """

    def __init__(
        self,
        url: URL,
        sqlite_synchronous: str = "full",
        commit_timeout_seconds: float = 5.0,
        pool: PoolSize = _POOL,
        migration_copies: int = 3,
    ) -> None:
        self.url = url
        self.sqlite_synchronous = sqlite_synchronous
        self.commit_timeout_seconds = commit_timeout_seconds
        self.migration_copies = migration_copies
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = (
            sqlite_engine(url, sqlite_synchronous) if self.is_sqlite else postgres_engine(url, pool)
        )
        writer = self.engine.execution_options(pizarra_begin=BEGIN_WRITING)
        self._reads = (EmbeddedReads if self.is_sqlite else PostgresReads)(self.engine)
        self._read_sessions = async_sessionmaker(
            self.engine, expire_on_commit=False, autoflush=False
        )
        self._write_sessions = async_sessionmaker(writer, expire_on_commit=False, autoflush=False)
        self._writer: Connection | None = None
        self._raw: PoolProxiedConnection | None = None
        self._raw_cursor: sqlite3.Cursor | None = None
        self._wal = sqlite.WriteAheadLog(str(url.database))
        self._shared_commits = SharedCommits(self.write_raw, self.sync)
        self._turn_to_write = asyncio.Lock()
        self._turn: AbstractAsyncContextManager[Any] = (
            self._turn_to_write if self.is_sqlite else nullcontext()
        )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session for reading; what it changes is rolled back."""
        async with self._read_sessions() as session:
            yield session

    def fetch(
        self, statement: Executable, parameters: Mapping[str, Any]
    ) -> Awaitable[Sequence[Any]]:
        """Run one short read by itself and return its rows. On SQLite it runs at once, in the event loop."""
        return self._reads.fetch(statement, parameters)

    def fetch_prepared(
        self, prepared: Prepared, parameters: Parameters
    ) -> Awaitable[Sequence[Any]]:
        """Like `fetch`, for what is asked at every request: the read itself and hardly more."""
        return self._reads.fetch_prepared(prepared, parameters)

    def fetch_lazily(self, prepared: Prepared, parameters: Parameters) -> Awaitable[Lazy]:
        """Like `fetch_prepared`, for whoever may know already what a row comes to."""
        return self._reads.fetch_lazily(prepared, parameters)

    def fetch_aside(
        self, statement: Executable, parameters: Mapping[str, Any]
    ) -> Awaitable[Sequence[Any]]:
        """Like `fetch`, for what looks at as many rows as there are: on SQLite the event loop goes on."""
        return self._reads.fetch_aside(statement, parameters)

    def fetch_lazily_aside(self, prepared: Prepared, parameters: Parameters) -> Awaitable[Lazy]:
        """Like `fetch_lazily`, likewise."""
        return self._reads.fetch_lazily_aside(prepared, parameters)

    def fetch_unchanged(
        self, prepared: Prepared, parameters: Parameters
    ) -> Awaitable[Sequence[Any]]:
        """Like `fetch_prepared`, for what is asked again and again, or costs with the number of rows there are.

        On SQLite the answer is kept until somebody commits something, whoever it is. Nobody may change a row of it.
        """
        return self._reads.fetch_unchanged(prepared, parameters)

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one write transaction and commit it; return its result.

        `work` is plain SQLAlchemy Core. The road for what happens often: on SQLite nothing stands between it and the
        file but the turn to write.
        """
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                return await connection.run_sync(work)
        require_no_transaction()
        async with self._turn:
            if self._writer is None:
                self._writer = self.engine.sync_engine.execution_options(
                    pizarra_begin=BEGIN_WRITING
                ).connect()
            writer = self._writer
            transaction = await self._unless_locked(self._begin_sync)
            with transaction:
                result = work(writer)
        await self._wait_for_disk()
        return result

    async def transact_shared(self, work: Callable[[Write], T]) -> T:
        """Run `work` in a write transaction that it may share with others who come at the same time.

        On SQLite one commit serves them all, and `work` is run again when another's fails. What is raised is of this
        work or of the database, and then nothing of it is there; unless it is `NotOnDisk`.
        """
        if self.is_sqlite:
            return await self._shared_commits.run(
                lambda cursor: work(lambda prepared, values: prepared.run(cursor, values))
            )
        return await self.transact(lambda connection: work(writing_on(connection)))

    async def sync(self) -> None:
        """Bring to the disk what `write_now` and `write_raw` committed, if that is wanted.

        Raises:
            OSError: the disk refused.
        """
        if self.sqlite_synchronous == "full" and self.uses_wal:
            await self._wal.sync()

    async def _wait_for_disk(self) -> None:
        """Bring what was committed to the disk: to wait for it in the commit would hold the event loop.

        Raises:
            NotOnDisk: the disk refused.
        """
        if self.is_sqlite:
            try:
                await self.sync()
            except OSError as error:
                log.critical("the disk refused; what was committed is not acknowledged")
                raise NotOnDisk(error.errno, error.strerror) from error

    @property
    def uses_wal(self) -> bool:
        """Whether SQLite has a write-ahead log."""
        return bool(getattr(self.engine.dialect, "uses_wal", False))

    def write_now(self, work: Callable[[sqlite3.Cursor], T]) -> T | None:
        """Run `work` on SQLite's own cursor in one write transaction, now; None when somebody else is writing.

        What `work` does must be short: the event loop waits for it. The transaction survives the end of this process;
        a power cut it survives once the write-ahead log was synced, which is left to the caller.
        """
        if self._turn_to_write.locked():
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
        async with self._turn_to_write:
            cursor = self._raw_cursor or self._open_raw_cursor()

            async def begin() -> None:
                try:
                    cursor.execute("BEGIN IMMEDIATE")
                except sqlite3.Error as error:
                    raise OperationalError("BEGIN", {}, error) from error

            await self._unless_locked(begin)
            return _commit(cursor, work)

    def _open_raw_cursor(self) -> sqlite3.Cursor:
        assert self.is_sqlite
        self._raw = self.engine.sync_engine.raw_connection()
        connection = self._raw.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        self._raw_cursor = sqlite3.Cursor(connection)
        if self.uses_wal:
            self._raw_cursor.execute("PRAGMA synchronous=NORMAL")
        return self._raw_cursor

    async def _begin_sync(self) -> RootTransaction:
        assert self._writer is not None
        return self._writer.begin()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose changes are committed when the block ends without an error."""
        require_no_transaction()
        async with self._turn, self._write_sessions() as session:
            await self._unless_locked(session.connection)
            with _as_writer():
                yield session
            await session.commit()
        await self._wait_for_disk()

    async def _unless_locked(self, begin: Callable[[], Awaitable[T]]) -> T:
        """Begin; while another program holds the SQLite file's lock, wait without holding the event loop."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LOCK_SECONDS
        while True:
            try:
                return await begin()
            except OperationalError as error:
                if not self.is_sqlite or "locked" not in str(error.orig) or loop.time() > deadline:
                    raise
                await asyncio.sleep(_LOCK_RETRY_SECONDS)

    async def forget_erased(self, *, seconds: float = 0.0) -> None:
        """Let nothing that was erased stay behind in SQLite's write-ahead log.

        Whoever still reads what was before, as a backup does, is waited for as many `seconds`.
        """
        if not self.is_sqlite:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not await self._cut_log():
            if loop.time() >= deadline:
                return
            await asyncio.sleep(_LOCK_RETRY_SECONDS)

    async def _cut_log(self) -> bool:
        """Write SQLite's log into its file and make it empty; tell whether nobody was in the way."""
        async with self._turn_to_write, self.engine.connect() as connection:
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

    async def dispose(self) -> None:
        """Close every connection."""
        self._reads.close()
        for connection in (self._writer, self._raw):
            if connection is not None:
                connection.close()
        self._wal.close()
        await self.engine.dispose()


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


def writing_on(connection: Connection) -> Write:
    """Return what writes within a transaction of SQLAlchemy's."""

    def write(prepared: Prepared, values: Parameters) -> Sequence[Any]:
        result = connection.execute(prepared.statement, values)
        return result.all() if result.returns_rows else []

    return write


def reading_in(db: AsyncSession) -> Read:
    """Return what reads, as it is prepared, within a session's transaction."""
    return reading_by(within(db))


def reading_by(fetch: Fetch) -> Read:
    """Return what reads as `fetch` does, of what is prepared."""
    return lambda prepared, values: fetch(prepared.statement, values)


def within(db: AsyncSession) -> Fetch:
    """Return what reads within a session's transaction."""

    async def fetch(
        statement: Executable, parameters: Mapping[str, Any]
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        connection = await db.connection()
        rows: Sequence[Row[*tuple[Any, ...]]] = (
            await connection.execute(statement, parameters)
        ).all()
        return rows

    return fetch


def connect(settings: Settings, *, statement_seconds: float | None = None) -> Database:
    """Return the database of `settings`; nothing is opened or made yet.

    A server, which others wait for, names the most `statement_seconds`; a command may take its time.
    """
    url = database_url(settings)
    pool = PoolSize(
        settings.database_pool,
        settings.database_pool_more,
        settings.database_pool_seconds,
        statement_seconds,
    )
    return Database(
        url,
        settings.sqlite_synchronous,
        settings.commit_timeout_seconds,
        pool,
        settings.migration_copies,
    )
