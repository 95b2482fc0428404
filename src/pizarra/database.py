"""Engines and transactions. The same code serves embedded SQLite and PostgreSQL."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL, Connection, Executable, PoolProxiedConnection, RootTransaction, Row, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from pizarra import sqlite
from pizarra.config import Settings

# What a database that is away or refuses raises: SQLAlchemy wraps all but the failures to connect.
DATABASE_ERRORS = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

T = TypeVar("T")

# Runs one read, a statement with its parameters, and returns its rows: `Database.fetch`, or `within` a transaction.
Fetch = Callable[[Executable, Mapping[str, Any]], Awaitable[Sequence[Row[*tuple[Any, ...]]]]]

_LOCK_SECONDS = 5.0
_LOCK_RETRY_SECONDS = 0.03


class DatabaseUrlError(ValueError):
    """The database address cannot be used; the message says what to write instead."""


def database_url(settings: Settings) -> URL:
    """Return the SQLAlchemy URL for `settings`, with our drivers filled in.

    Raises:
        DatabaseUrlError: the address does not parse or names another kind of database.
    """
    if not settings.database_url:
        return URL.create("sqlite+embedded", database=str(settings.sqlite_path))
    try:
        url = make_url(settings.database_url)
    except ArgumentError as error:
        raise DatabaseUrlError(
            "The database URL does not parse. Write postgresql://user:password@host:5432/name, "
            "or leave it out to use the embedded SQLite database."
        ) from error
    kind = url.drivername.split("+")[0]
    if kind in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+asyncpg")
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise DatabaseUrlError("A SQLite URL names a file: sqlite:////var/lib/pizarra/pizarra.db")
        return url.set(drivername="sqlite+embedded")
    raise DatabaseUrlError(
        f"Pizarra keeps its data in SQLite or PostgreSQL, not in {kind!r}. "
        "Write postgresql://user:password@host:5432/name, or leave the URL out for SQLite."
    )


class Database:
    """One engine and its transactions.

    `read()` and `write()` each give an `AsyncSession` inside one transaction; `write()` commits at its end. On SQLite
    writers take turns here, in the event loop, so that nobody ever waits for the file's lock while holding the loop.
    """

    def __init__(self, url: URL, sqlite_synchronous: str = "full", commit_timeout_seconds: float = 5.0) -> None:
        self.url = url
        self.sqlite_synchronous = sqlite_synchronous
        self.commit_timeout_seconds = commit_timeout_seconds
        self.uses_wal = True
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, sqlite_synchronous) if self.is_sqlite else _postgres_engine(url)
        writer = self.engine.execution_options(pizarra_begin="BEGIN IMMEDIATE")
        self._read_sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._write_sessions = async_sessionmaker(writer, expire_on_commit=False, autoflush=False)
        self._reader: Connection | None = None
        self._writer: Connection | None = None
        self._raw: PoolProxiedConnection | None = None
        self._raw_cursor: sqlite3.Cursor | None = None
        self._turn_to_write = asyncio.Lock()
        self._turn: AbstractAsyncContextManager[Any] = self._turn_to_write if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session for reading; what it changes is rolled back."""
        async with self._read_sessions() as session:
            yield session

    async def fetch(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        """Run one short read by itself and return its rows.

        On SQLite it runs at once on a connection kept for this, outside any transaction: a session, a pool and two
        switches of context cost ten times the read itself.
        """
        rows: Sequence[Row[*tuple[Any, ...]]]
        if self.is_sqlite:
            if self._reader is None:
                self._reader = self.engine.sync_engine.execution_options(pizarra_begin=None).connect()
            rows = self._reader.execute(statement, parameters).all()
        else:
            async with self.engine.connect() as connection:
                rows = (await connection.execute(statement, parameters)).all()
        return rows

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one write transaction and commit it; return its result.

        `work` is plain SQLAlchemy Core. The road for what happens often: on SQLite nothing stands between it and the
        file but the turn to write.
        """
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                return await connection.run_sync(work)
        async with self._turn:
            if self._writer is None:
                self._writer = self.engine.sync_engine.execution_options(pizarra_begin="BEGIN IMMEDIATE").connect()
            writer = self._writer
            transaction = await self._unless_locked(self._begin_sync)
            with transaction:
                return work(writer)

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
        self.uses_wal = self._raw_cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        if self.uses_wal:
            self._raw_cursor.execute("PRAGMA synchronous=NORMAL")
        return self._raw_cursor

    async def _begin_sync(self) -> RootTransaction:
        assert self._writer is not None
        return self._writer.begin()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose changes are committed when the block ends without an error."""
        async with self._turn, self._write_sessions() as session:
            await self._unless_locked(session.connection)
            yield session
            await session.commit()

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

    async def forget_erased(self) -> None:
        """Let nothing that was erased stay behind in SQLite's write-ahead log, if nobody is reading just now."""
        if self.is_sqlite:
            async with self._turn_to_write, self.engine.connect() as connection:
                await connection.exec_driver_sql("COMMIT")
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                await connection.exec_driver_sql("BEGIN")

    async def dispose(self) -> None:
        """Close every connection."""
        for connection in (self._reader, self._writer, self._raw):
            if connection is not None:
                connection.close()
        await self.engine.dispose()


def _commit(cursor: sqlite3.Cursor, work: Callable[[sqlite3.Cursor], T]) -> T:
    try:
        result = work(cursor)
        cursor.execute("COMMIT")
    except BaseException as error:
        with contextlib.suppress(sqlite3.Error):
            cursor.execute("ROLLBACK")  # a commit that was refused leaves its transaction open
        if isinstance(error, sqlite3.Error):
            raise OperationalError("COMMIT", {}, error) from error
        raise
    return result


def within(db: AsyncSession) -> Fetch:
    """Return what reads within a session's transaction."""

    async def fetch(statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Row[*tuple[Any, ...]]]:
        connection = await db.connection()
        rows: Sequence[Row[*tuple[Any, ...]]] = (await connection.execute(statement, parameters)).all()
        return rows

    return fetch


def connect(settings: Settings) -> Database:
    """Return the database of `settings`, creating the data directory for the embedded one."""
    url = database_url(settings)
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(url, settings.sqlite_synchronous, settings.commit_timeout_seconds)


def _postgres_engine(url: URL) -> AsyncEngine:
    return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_timeout=10)


def _sqlite_engine(url: URL, synchronous: str) -> AsyncEngine:
    engine = create_async_engine(url, connect_args=sqlite.CONNECT_ARGS, pool_size=20, max_overflow=20)

    def on_connect(connection: Any, _record: Any) -> None:
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous.upper()}",
            "foreign_keys=ON",
            "secure_delete=ON",  # what was erased is overwritten
            "busy_timeout=20",
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    def on_begin(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        if isinstance(raw, sqlite.Connection) and raw.in_transaction:
            raw.rollback()  # a commit that was refused leaves its transaction open
        begin = connection.get_execution_options().get("pizarra_begin", "BEGIN")
        if begin is not None:
            connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine
