"""SQLAlchemy's engines as we want them: how connections are opened, kept, begun and given up."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, ExceptionContext, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from pizarra.storage import sqlite
from pizarra.storage.postgres_address import connect_arguments

_TRUSTED_SECONDS = 1.0  # a connection that was used just now is not asked whether it is there
_RETURNED, _WAITS = "pizarra_returned", "pizarra_waits"
BEGIN_WRITING = "BEGIN IMMEDIATE"


@dataclass(frozen=True, slots=True)
class PoolSize:
    """Connections to PostgreSQL: kept open, opened besides them when needed, and how long one waits.

    `wait_seconds` for one of them, `statement_seconds` for whatever it is asked; None: as long as it takes.
    """

    kept: int = 10
    more: int = 10
    wait_seconds: float = 10.0
    statement_seconds: float | None = None


def postgres_engine(url: URL, pool: PoolSize) -> AsyncEngine:
    """Return an engine for a PostgreSQL database."""
    arguments = connect_arguments(url)
    if pool.statement_seconds is not None:
        arguments.setdefault("timeout", pool.statement_seconds)
        arguments["command_timeout"] = pool.statement_seconds
    engine = create_async_engine(
        "postgresql+asyncpg://",  # where it is, its driver is told in libpq's words: they say more than SQLAlchemy's
        connect_args=arguments,
        pool_size=pool.kept,
        max_overflow=pool.more,
        pool_use_lifo=True,
        pool_timeout=pool.wait_seconds,
    )
    event.listen(engine.sync_engine, "handle_error", _give_up_silent)
    _ask_who_rested(engine)
    return engine


def _ask_who_rested(engine: AsyncEngine) -> None:
    """Hand out no connection that is gone.

    SQLAlchemy's own way asks each of them each time, three messages there and back for a read of one. One that the
    other side has closed says so itself, and one that was used a moment ago was there a moment ago.
    """

    def on_checkin(_connection: Any, record: Any) -> None:
        record.info[_RETURNED] = time.monotonic()

    def on_checkout(connection: Any, record: Any, _handed_out: Any) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError("the database closed a connection")
        now = time.monotonic()
        if now - record.info.get(_RETURNED, now) < _TRUSTED_SECONDS:
            return
        dialect: Any = engine.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError(f"a connection is gone: {error}") from error

    event.listen(engine.sync_engine, "checkin", on_checkin)
    event.listen(engine.sync_engine, "checkout", on_checkout)


def _give_up_silent(context: ExceptionContext) -> None:
    """Drop a connection whose statement took too long: a rollback would be waited for as long again."""
    if isinstance(context.original_exception, TimeoutError) and context.connection is not None:
        driver: Any = context.connection.connection.driver_connection
        driver.terminate()
        context.is_disconnect = True


def sqlite_engine(url: URL, synchronous: str) -> AsyncEngine:
    """Return an engine for the embedded database, by our driver; `synchronous` is SQLite's word for it.

    The commit of a transaction that began as a writer's (`pizarra_begin`) does not wait for the disk: who commits it
    has the write-ahead log synced in a thread, before anybody is told.
    """
    engine = create_async_engine(
        url, connect_args=sqlite.CONNECT_ARGS, pool_size=20, max_overflow=20
    )

    dialect = engine.sync_engine.dialect
    assert isinstance(dialect, sqlite.EmbeddedDialect)

    def on_connect(connection: Any, _record: Any) -> None:
        dialect.uses_wal = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal"
        for pragma in (
            f"synchronous={synchronous.upper()}",
            "foreign_keys=ON",
            "secure_delete=ON",  # what was erased is overwritten
            "busy_timeout=20",
            "cache_size=-16000",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    def on_begin(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite.Connection)
        if raw.in_transaction:
            raw.rollback()  # a commit that was refused leaves its transaction open
        begin = connection.get_execution_options().get("pizarra_begin", "BEGIN")
        if begin is None:
            return
        waits = synchronous.upper()
        if begin == BEGIN_WRITING and dialect.uses_wal:
            waits = "NORMAL"
        if connection.info.get(_WAITS, synchronous.upper()) != waits:
            raw.execute(f"PRAGMA synchronous={waits}").close()  # no transaction may be open
            connection.info[_WAITS] = waits
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine
