"""What a connection to PostgreSQL that broke, or rested, means for whoever is handed it next; and what a read costs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.harness.postgres import Postgres

from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.storage import engines

ONE = text("SELECT CAST(:number AS INTEGER) AS number")
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Single:
    """A database with one connection, which was used just now."""

    def __init__(self, url: str) -> None:
        self._url = url
        settings = Settings(database_url=url, database_pool=1, database_pool_more=0)
        self.database: Database = connect(settings, statement_seconds=10)

    async def read(self) -> int:
        """Read one row."""
        ((number,),) = await self.database.fetch(ONE, {"number": 7})
        return int(number)

    async def write(self) -> int:
        """Do the same as a transaction that writes."""
        return await self.database.transact(
            lambda connection: int(connection.execute(ONE, {"number": 7}).scalar_one())
        )

    def end_connections(self) -> None:
        """Have PostgreSQL end it, while this thread, and so its event loop, looks away."""

        async def end() -> None:
            other = await asyncpg.connect(self._url)
            await other.execute(_END)
            await other.close()

        thread = threading.Thread(target=lambda: asyncio.run(end()))
        thread.start()
        thread.join()

    async def log_queries(self) -> list[str]:
        """Return the list that grows with what is said to PostgreSQL beside prepared statements."""
        said: list[str] = []
        async with self.database.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            driver.add_query_logger(lambda logged: said.append(logged.query))
        return said


@pytest.fixture
async def single(cluster: Postgres) -> AsyncIterator[Single]:
    """Such a database."""
    found = Single(cluster.create_database())
    assert await found.read() == 7
    yield found
    await found.database.dispose()


async def test_a_read_by_itself_has_no_transaction(single: Single) -> None:
    await single.read()  # its statement is prepared
    said = await single.log_queries()
    said.clear()
    assert await single.read() == 7
    assert said == [], "nothing is said beside the read"
    assert await single.write() == 7
    assert [each.rstrip(";").split()[0] for each in said] == ["BEGIN", "COMMIT"]


async def test_a_connection_that_rested_is_asked_whether_it_is_there(
    single: Single, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await single.log_queries()
    await single.read()
    said.clear()
    monkeypatch.setattr(engines, "_TRUSTED_SECONDS", 0.0)
    assert await single.read() == 7
    assert ";" in said


async def test_a_connection_that_was_closed_is_handed_to_nobody(single: Single) -> None:
    single.end_connections()
    await asyncio.sleep(0.1)  # until this process has heard it: the socket tells the loop
    assert await single.write() == 7


async def test_a_read_is_asked_again_where_its_connection_broke_unseen(single: Single) -> None:
    single.end_connections()
    assert await single.read() == 7


async def test_a_write_is_not_done_twice(single: Single) -> None:
    single.end_connections()
    with pytest.raises(DBAPIError) as raised:
        await single.write()
    assert raised.value.connection_invalidated
    assert await single.write() == 7, "the next one has a new connection"
