"""Reads of SQLite, each by itself, at once in the event loop: what is short takes less than a switch of threads."""

import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import greenlet_spawn

from pizarra.storage.aside import Aside
from pizarra.storage.prepared import Lazy, Parameters, Prepared, is_short
from pizarra.storage.sqlite import driver_of

_MOST_KEPT = 100  # answers


class EmbeddedReads:
    """Reads on a connection kept for them, outside any transaction; those that may take long on another, in a thread.

    A session, a pool and two switches of context would cost ten times the read itself.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.sync_engine.execution_options(pizarra_begin=None)
        self._connection: Connection | None = None
        self._cursor: sqlite3.Cursor | None = None
        self._aside = Aside(self._connect)
        self._kept: OrderedDict[tuple[object, ...], tuple[int, Sequence[Any]]] = OrderedDict()

    async def fetch(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Run a statement, and return its rows."""
        connection = self._connection or await self._open()
        return connection.execute(statement, parameters).all()

    async def fetch_prepared(self, prepared: Prepared, parameters: Parameters) -> Sequence[Any]:
        """Run what is prepared, and return its rows."""
        try:
            return prepared.run(self._cursor or await self._open_cursor(), parameters)
        except sqlite3.Error as error:
            raise OperationalError("SELECT", {}, error) from error

    async def fetch_lazily(self, prepared: Prepared, parameters: Parameters) -> Lazy:
        """Run what is prepared, and return its rows as they are stored."""
        try:
            return prepared.run_lazily(self._cursor or await self._open_cursor(), parameters)
        except sqlite3.Error as error:
            raise OperationalError("SELECT", {}, error) from error

    async def fetch_aside(
        self, statement: Executable, parameters: Mapping[str, Any]
    ) -> Sequence[Any]:
        """Run a statement in the thread, and return its rows."""
        return await self._aside.run(
            lambda connection: connection.execute(statement, parameters).all()
        )

    async def fetch_lazily_aside(self, prepared: Prepared, parameters: Parameters) -> Lazy:
        """Run what is prepared in the thread, and return its rows as they are stored."""

        def read(connection: Connection) -> Lazy:
            return prepared.run_lazily(sqlite3.Cursor(driver_of(connection)), parameters)

        try:
            return await self._aside.run(read)
        except sqlite3.Error as error:
            raise OperationalError("SELECT", {}, error) from error

    async def fetch_unchanged(self, prepared: Prepared, parameters: Parameters) -> Sequence[Any]:
        """Return the rows of what is prepared; they are kept until somebody commits something, whoever it is."""
        cursor = self._cursor or await self._open_cursor()
        try:
            ((version,),) = cursor.execute("PRAGMA data_version").fetchall()
        except sqlite3.Error as error:
            raise OperationalError("PRAGMA", {}, error) from error
        asked = (prepared, *parameters.items())
        kept = self._kept.get(asked)
        if kept is None or kept[0] != version:
            kept = version, await self.fetch_prepared(prepared, parameters)
            self._kept.pop(asked, None)
            if is_short(kept[1]):
                self._kept[asked] = kept
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return kept[1]

    def close(self) -> None:
        """Let both connections go."""
        self._aside.close()
        if self._connection is not None:
            self._connection.close()

    async def _connect(self) -> Connection:
        """Connect as SQLAlchemy wants its engine's first connection to be made; nothing waits meanwhile."""
        return await greenlet_spawn(self._engine.connect)

    async def _open(self) -> Connection:
        self._connection = await self._connect()
        return self._connection

    async def _open_cursor(self) -> sqlite3.Cursor:
        connection = self._connection or await self._open()
        self._cursor = sqlite3.Cursor(driver_of(connection))
        return self._cursor
