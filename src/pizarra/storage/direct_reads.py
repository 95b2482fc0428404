"""Short reads of PostgreSQL on its driver's own connections, which SQLAlchemy's pool keeps: its own way takes longer.

The statements are SQLAlchemy's (`prepared.py`), and so is what becomes of their values.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from pizarra.storage.prepared import Parameters, Prepared

T = TypeVar("T")


class _Broken(Exception):
    """A connection broke under a read."""


class DirectReads:
    """Reads of one statement each, by themselves: no transaction is around them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def fetch(self, prepared: Prepared, parameters: Parameters) -> list[Any]:
        """Run a statement, and return its rows.

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
