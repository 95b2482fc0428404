"""What a connection to PostgreSQL that broke, or rested, means for whoever is handed it next; and what a read costs.

Short reads are asked for by SQLAlchemy, or on the driver's own connections: both ways are held to the same.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Integer, bindparam, column, insert, select, text
from sqlalchemy.exc import DBAPIError
from tests.harness.postgres import Postgres

from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.models import InterviewSession
from pizarra.storage import engines
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.storage.prepared import Prepared

ONE = text("SELECT CAST(:number AS INTEGER) AS number")
NUMBER = Prepared(
    ONE.bindparams(bindparam("number", type_=Integer)).columns(column("number", Integer))
)
SLOW = Prepared(text("SELECT 7 AS number FROM pg_sleep(30)").columns(column("number", Integer)))
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Single:
    """A database with one connection, which was used just now."""

    def __init__(self, url: str, *, directly: bool, statement_seconds: float = 10) -> None:
        self._url = url
        self._directly = directly
        settings = Settings(database_url=url, database_pool=1, database_pool_more=0)
        self.database: Database = connect(settings, statement_seconds=statement_seconds)

    async def read(self) -> int:
        """Read one row."""
        if self._directly:
            (row,) = await self.database.fetch_prepared(NUMBER, {"number": 7})
            return int(row.number)
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


@pytest.fixture(params=["by SQLAlchemy", "directly"])
async def single(cluster: Postgres, request: pytest.FixtureRequest) -> AsyncIterator[Single]:
    """Such a database."""
    found = Single(cluster.create_database(), directly=request.param == "directly")
    assert await found.read() == 7
    yield found
    await found.database.dispose()


async def test_a_read_by_itself_has_no_transaction(single: Single) -> None:
    await single.read()  # its statement is prepared
    said = await single.log_queries()
    said.clear()
    assert await single.read() == 7
    assert [each for each in said if "SELECT" not in each] == [], "nothing is said beside the read"
    said.clear()
    assert await single.write() == 7
    words = [each.rstrip(";").split()[0] for each in said]
    assert [each for each in words if each != "SELECT"] == ["BEGIN", "COMMIT"]


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


async def test_where_nobody_is_to_be_asked_a_read_says_so(cluster: Postgres) -> None:
    url = cluster.create_database()
    found, other = Single(url, directly=True), await asyncpg.connect(url)
    assert await found.read() == 7
    await other.execute(
        "UPDATE pg_database SET datallowconn = false WHERE datname = current_database()"
    )
    await other.execute(_END)
    with pytest.raises(DATABASE_ERRORS):
        await found.read()
    await other.close()
    await found.database.dispose()


@pytest.mark.parametrize("given_up", ["in time", "by whoever asked"])
async def test_an_answer_that_nobody_waits_for_is_given_to_nobody(
    cluster: Postgres, given_up: str
) -> None:
    found = Single(cluster.create_database(), directly=True, statement_seconds=1)
    if given_up == "in time":
        with pytest.raises(TimeoutError):
            await found.database.fetch_prepared(SLOW, {})
    else:
        asking = asyncio.ensure_future(found.database.fetch_prepared(SLOW, {}))
        await asyncio.sleep(0.2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    async with asyncio.timeout(5):  # there is one connection: it was let go
        assert await found.read() == 7
    await found.database.dispose()


async def test_rows_are_those_of_sqlalchemy(cluster: Postgres) -> None:
    """Instants, JSON, choices and what is not there come out as the same values."""
    database = connect(Settings(database_url=cluster.create_migrated()))
    sessions, now = InterviewSession.__table__, datetime.now(UTC)
    plain = {
        "title": "Zwölf\u2028 ' \" %s $1 🙂",
        "language": "cpp",
        "initial_code": "",
        "status": "open",
        "waiting_room": True,
        "epoch": "e",
        "head": 2**62,
        "invitation_generation": 0,
    }
    rows = [
        {
            **plain,
            "public_id": f"{number}" * 32,
            "room_id": f"{number}" * 32,
            "created_at": now + timedelta(seconds=number),
            "ended_at": now if number else None,
            "candidate_name": "Ana" if number else None,
            "rubric": ["a", "ü"] if number else None,
            "clock_steps": [{"minutes": 5, "title": "x"}] if number else None,
        }
        for number in range(3)
    ]
    async with database.write() as db:
        for row in rows:
            await db.execute(insert(InterviewSession).values(**row))
    asked = Prepared(
        select(sessions)
        .where(sessions.c.status == "open", sessions.c.created_at > bindparam("since"))
        .order_by(sessions.c.id)
        .limit(bindparam("most"))
    )
    values = {"since": now, "most": 5}
    theirs = [tuple(each) for each in await database.fetch(asked.statement, values)]
    ours = await database.fetch_prepared(asked, values)
    assert [tuple(each) for each in ours] == theirs
    assert [[type(value) for value in each] for each in ours] == [
        [type(value) for value in each] for each in theirs
    ]
    assert [{name: getattr(each, name) for name in rows[0]} for each in ours] == rows[1:]
    await database.dispose()
