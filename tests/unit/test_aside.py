"""What looks at everything there is keeps nobody waiting: SQLite reads it in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, column, make_url, text
from sqlalchemy.exc import OperationalError
from tests.harness.aside import connection_aside

from pizarra.database import Database
from pizarra.storage.prepared import Prepared

ONE_BY_ONE = 1  # instructions of SQLite's between two looks
ADD = Prepared(text("INSERT INTO things (name) VALUES ('new') RETURNING id").columns(column("id")))
NAMES = Prepared(
    text("SELECT name FROM things WHERE name <> :but ORDER BY id")
    .bindparams(bindparam("but"))
    .columns(column("name"))
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(make_url(f"sqlite+embedded:///{tmp_path / 'x.db'}"))
    async with made.write() as db:
        await db.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)"))
        await db.execute(text("INSERT INTO things (name) VALUES ('old'), ('other')"))
    yield made
    await made.dispose()


async def names(database: Database, but: str = "") -> list[str]:
    return [row.name for row in (await database.fetch_lazily_aside(NAMES, {"but": but})).rows]


class Held:
    """A read that goes on when it is let: SQLite asks on its way."""

    def __init__(self, database: Database) -> None:
        self.begun, self.goes_on, self.threads = asyncio.Event(), threading.Event(), set[int]()
        connection = connection_aside(database)
        assert connection is not None
        self._loop = asyncio.get_running_loop()
        connection.set_progress_handler(self._look, ONE_BY_ONE)

    def _look(self) -> int:
        self.threads.add(threading.get_ident())
        self._loop.call_soon_threadsafe(self.begun.set)
        return 0 if self.goes_on.wait(10) else 1


async def test_everybody_else_goes_on_meanwhile(database: Database) -> None:
    assert await names(database) == ["old", "other"]
    held = Held(database)
    reading = asyncio.create_task(names(database, "old"))
    async with asyncio.timeout(5):
        await held.begun.wait()
        await database.transact_shared(lambda write: write(ADD, {}))
    assert not reading.done()
    held.goes_on.set()
    assert await reading == ["other"]  # as it was when it began
    assert threading.get_ident() not in held.threads
    assert await names(database, "old") == ["other", "new"]


async def test_one_is_read_after_the_other(database: Database) -> None:
    await names(database)
    held = Held(database)
    reading = [asyncio.create_task(names(database, but)) for but in ("old", "other", "old")]
    await held.begun.wait()
    reading[1].cancel()  # whoever gives up takes nobody along
    held.goes_on.set()
    found = await asyncio.gather(*reading, return_exceptions=True)
    assert (found[0], found[2]) == (["other"], ["other"])
    assert isinstance(found[1], asyncio.CancelledError)
    assert len(held.threads) == 1


async def test_what_sqlite_refuses_is_an_error_of_the_database(database: Database) -> None:
    gone = Prepared(text("SELECT name FROM gone").columns(column("name")))
    with pytest.raises(OperationalError, match="no such table"):
        await database.fetch_lazily_aside(gone, {})
    with pytest.raises(OperationalError, match="no such table"):
        await database.fetch_aside(text("SELECT name FROM gone"), {})


async def test_the_end_gives_up_what_is_being_read(database: Database) -> None:
    await names(database)
    held = Held(database)
    reading = asyncio.create_task(names(database))
    await held.begun.wait()
    threading.Timer(
        0.1, held.goes_on.set
    ).start()  # SQLite looks at an interruption between two instructions
    await database.dispose()
    with pytest.raises(OperationalError, match="interrupted"):
        await reading
