"""Reads of PostgreSQL, each by itself: no transaction is around them, which would be two messages there and back.

What is prepared runs on the driver's own connections, which SQLAlchemy's pool keeps: its own way takes longer. The
statements are SQLAlchemy's (`prepared.py`), and so is what becomes of their values.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from pizarra.storage.prepared import Lazy, Parameters, Prepared

T = TypeVar("T")


class _Broken(Exception):
    """A connection broke under a read."""


class PostgresReads:
    """Reads of one statement each, with the methods of `EmbeddedReads`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._by_itself = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def fetch(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Run a statement, and return its rows."""
        try:
            return await self._fetch(statement, parameters)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # It broke since it was used last. A read may be asked again: whether there is another connection shows.
            return await self._fetch(statement, parameters)

    async def _fetch(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
        async with self._by_itself.connect() as connection:
            rows: Sequence[Any] = (await connection.execute(statement, parameters)).all()
        return rows

    async def fetch_lazily(self, prepared: Prepared, parameters: Parameters) -> Lazy:
        """Run what is prepared; its rows are what is meant by them already."""
        return Lazy(await self.fetch_prepared(prepared, parameters), lambda row: row)

    async def fetch_prepared(self, prepared: Prepared, parameters: Parameters) -> list[Any]:
        """Run what is prepared, and return its rows.

        Raises:
            OperationalError: the connection broke, and another one too, or there was none.
            asyncpg.PostgresError, asyncpg.InterfaceError, OSError: as the driver does.
        """
        form = prepared.on_postgres
        values = form.bind(parameters)
        try:
            rows = await self._ask(form.sql, values)
        except _Broken:
            # It broke since it was used last. A read may be asked again: whether there is another connection shows.
            try:
                rows = await self._ask(form.sql, values)
            except _Broken as error:
                raise OperationalError(
                    form.sql, {}, error, connection_invalidated=True
                ) from error.__cause__
        return [form.row(each) for each in rows]

    # PostgreSQL reads in processes of its own, and an answer that is kept here could be old.
    fetch_aside, fetch_lazily_aside, fetch_unchanged = fetch, fetch_lazily, fetch_prepared

    def close(self) -> None:
        """Nothing is held."""

    async def _ask(self, sql: str, values: Sequence[Any]) -> Sequence[Any]:
        connection = await _beside(self._engine.sync_engine.connect)
        driver: asyncpg.Connection = connection.connection.driver_connection
        try:
            rows: Sequence[Any] = await driver.fetch(sql, *values)
        except asyncpg.PostgresError:
            if not driver.is_closed():
                raise
            self._give_up(connection, driver)
            raise _Broken from None
        except BaseException as error:
            # What it would say next may be the answer to this.
            self._give_up(connection, driver)
            # the last one: what PostgreSQL said when it closed the connection has come, and its end has not
            if isinstance(
                error, asyncpg.InterfaceError | ConnectionError | asyncpg.InternalClientError
            ):
                raise _Broken from error
            raise
        finally:
            await _beside(connection.close)
        return rows

    @staticmethod
    def _give_up(connection: Connection, driver: asyncpg.Connection) -> None:
        driver.terminate()
        connection.invalidate()


async def _beside(work: Callable[[], T]) -> T:
    """Do what SQLAlchemy does for those that do not await."""
    return await greenlet_spawn(work)
