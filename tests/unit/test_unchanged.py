"""What was read once is not read again until somebody commits, whoever it is."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, column, make_url, text

from pizarra.database import Database
from pizarra.storage.prepared import Parameters, Prepared

ADD = text("INSERT INTO things (name) VALUES ('new') RETURNING id")
PREPARED = Prepared(ADD.columns(column("id")))


class Counted(Prepared):
    """A statement that counts how often it is run."""

    runs = 0

    def run(self, cursor: sqlite3.Cursor, values: Parameters) -> list[Any]:
        """Run it."""
        self.runs += 1
        return super().run(cursor, values)


def things() -> Counted:
    found = text("SELECT name FROM things WHERE name <> :but ORDER BY id")
    return Counted(found.bindparams(bindparam("but")).columns(column("name")))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(make_url(f"sqlite+embedded:///{tmp_path / 'x.db'}"))
    async with made.write() as db:
        await db.execute(text("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)"))
    yield made
    await made.dispose()


async def names(database: Database, asked: Prepared, but: str = "") -> list[str]:
    return [row.name for row in await database.fetch_unchanged(asked, {"but": but})]


async def in_a_session(database: Database) -> None:
    async with database.write() as db:
        await db.execute(ADD)


async def by_itself(database: Database) -> None:
    await database.transact(lambda connection: connection.execute(ADD).all())


async def with_others(database: Database) -> None:
    await database.transact_shared(lambda write: write(PREPARED, {}))


async def another_program(database: Database) -> None:
    with contextlib.closing(sqlite3.connect(str(database.url.database))) as other, other:
        other.execute("INSERT INTO things (name) VALUES ('new')")


@pytest.mark.parametrize("add", [in_a_session, by_itself, with_others, another_program])
async def test_it_is_read_anew_once_somebody_committed(
    database: Database, add: Callable[[Database], Any]
) -> None:
    asked = things()
    for count in range(3):
        for _ in range(3):
            assert await names(database, asked) == ["new"] * count
        assert asked.runs == count + 1
        await add(database)


async def test_each_question_has_its_answer(database: Database) -> None:
    asked, other = things(), things()
    await in_a_session(database)
    for _ in range(2):
        assert await names(database, asked) == ["new"]
        assert await names(database, asked, "new") == []
        assert await names(database, other) == ["new"]
    assert (asked.runs, other.runs) == (2, 1)


async def test_so_many_short_answers_are_kept_and_no_long_one(database: Database) -> None:
    asked = things()
    for number in range(150):
        await names(database, asked, str(number))
    assert asked.runs == 150
    await names(database, asked, "149")
    assert asked.runs == 150
    await names(database, asked, "0")
    assert asked.runs == 151
    async with database.write() as db:
        await db.execute(text("INSERT INTO things (name) VALUES (:name)"), {"name": "x" * 5000})
    for _ in range(2):
        assert await names(database, asked) == ["x" * 5000]
    assert asked.runs == 153
