"""Engines and transactions. The same code serves embedded SQLite and PostgreSQL."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import URL, Connection, Executable, Row
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from pizarra.config import Settings
from pizarra.storage.addresses import database_url
from pizarra.storage.embedded_reads import EmbeddedReads
from pizarra.storage.embedded_writes import EmbeddedWrites, unless_locked
from pizarra.storage.engines import BEGIN_WRITING, PoolSize, postgres_engine, sqlite_engine
from pizarra.storage.postgres_reads import PostgresReads
from pizarra.storage.prepared import Lazy, Parameters, Prepared
from pizarra.storage.restored import finish_restore

T = TypeVar("T")

# Runs one read, a statement with its parameters, and returns its rows: `Database.fetch`, or `within` a transaction.
Fetch = Callable[[Executable, Mapping[str, Any]], Awaitable[Sequence[Row[*tuple[Any, ...]]]]]

# The same of a prepared statement: `Database.fetch_prepared`, or `reading_in` a transaction.
Read = Callable[[Prepared, Parameters], Awaitable[Sequence[Any]]]

# Runs one prepared statement within a transaction, with its values, and returns its rows.
Write = Callable[[Prepared, Parameters], Sequence[Any]]


_POOL = PoolSize()
_EACH_TAKES = 4  # connections, at most, that somebody who keeps one has at a time

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

    `read()` and `write()` each give an `AsyncSession` inside one transaction; `write()` commits at its end. SQLite's
    writers take turns (`embedded`; None on PostgreSQL).
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
        self.embedded = EmbeddedWrites(self.engine, sqlite_synchronous) if self.is_sqlite else None
        # For whoever keeps one connection while they wait for others: if all did, each would wait for the rest.
        self.keeping_one = asyncio.Semaphore(max(1, (pool.kept + pool.more) // _EACH_TAKES))

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
        if self.embedded is not None:
            require_no_transaction()
            return await self.embedded.transact(work)
        async with self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def transact_shared(self, work: Callable[[Write], T]) -> T:
        """Run `work` in a write transaction that it may share with others who come at the same time.

        On SQLite one commit serves them all, and `work` is run again when another's fails. What is raised is of this
        work or of the database, and then nothing of it is there; unless it is `NotOnDisk`.
        """
        if self.embedded is not None:
            return await self.embedded.shared.run(
                lambda cursor: work(lambda prepared, values: prepared.run(cursor, values))
            )
        return await self.transact(lambda connection: work(writing_on(connection)))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose changes are committed when the block ends without an error.

        Raises:
            NotOnDisk: they are, and SQLite's disk refused.
        """
        require_no_transaction()
        if self.embedded is None:
            async with self._write_sessions() as session:
                await session.connection()
                with _as_writer():
                    yield session
                await session.commit()
            return
        async with self.embedded.turn, self._write_sessions() as session:
            await unless_locked(session.connection)
            with _as_writer():
                yield session
            await session.commit()
        await self.embedded.wait_for_disk()

    async def forget_erased(self, *, seconds: float = 0.0) -> None:
        """Let nothing that was erased stay behind in SQLite's write-ahead log.

        Whoever still reads what was before, as a backup does, is waited for as many `seconds`.
        """
        if self.embedded is not None:
            await self.embedded.forget_erased(seconds)

    async def dispose(self) -> None:
        """Close every connection."""
        self._reads.close()
        if self.embedded is not None:
            self.embedded.close()
        await self.engine.dispose()


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
    """Return the database of `settings`; nothing is opened or made yet, but a restore that was cut short is finished.

    A server, which others wait for, names the most `statement_seconds`; a command may take its time.
    """
    url = database_url(settings)
    if url.database == str(settings.sqlite_path):
        finish_restore(settings)
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
