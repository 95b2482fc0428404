"""Ready is who can write: looked at now and then, told to strangers in a sentence and to the log in the driver's words.

Time is moved, not waited for.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.harness.fresh import embed
from tests.harness.moved_time import in_moved_time

from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.errors import Unavailable
from pizarra.health.readiness import Readiness
from pizarra.migrations import migrate

PERIOD, WAIT = 2.0, 3.0


class Ready:
    """What is asked, the database behind it, and another program that may use that one too."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.readiness = Readiness(database, PERIOD, WAIT)
        self.other = sqlite3.connect(folder / "pizarra.db", isolation_level=None)

    async def said(self) -> str | None:
        """Return what is said against it, None when it is ready."""
        try:
            await self.readiness.require()
        except Unavailable as error:
            return error.detail
        return None


@contextlib.asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Ready]:
    """Give it on a new database; no thread waits for the disk, whose time nobody moves."""
    embed(folder)
    database = connect(Settings(data_dir=folder, sqlite_synchronous="normal"))
    await migrate.prepare(database)
    found = Ready(database, folder)
    try:
        yield found
    finally:
        found.readiness.stop()
        found.other.close()
        await database.dispose()


Story = Callable[[Ready], Coroutine[Any, Any, None]]


def tell(folder: Path, story: Story) -> None:
    """Have a story happen, in moved time."""

    async def all_of_it() -> None:
        async with opened(folder) as ready:
            await story(ready)

    in_moved_time(all_of_it())


def test_it_looks_once_in_a_while_and_says_the_same_between(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(ready: Ready) -> None:
        assert await ready.said() is None
        ready.other.execute("UPDATE alembic_version SET version_num = 'elsewhere'")
        await asyncio.sleep(PERIOD / 2)
        assert await ready.said() is None, "it looked a moment ago"
        await asyncio.sleep(PERIOD / 2)
        head = migrate.head_revision()
        told = f"The database is at revision elsewhere, and this program needs {head}."
        assert await ready.said() == told
        ready.other.execute("UPDATE alembic_version SET version_num = ?", (head,))
        assert await ready.said() == told
        await asyncio.sleep(PERIOD)
        assert await ready.said() is None

    tell(tmp_path, story)
    assert [each.levelname for each in caplog.records] == ["ERROR", "WARNING"]


def test_many_who_ask_at_once_share_a_look(tmp_path: Path) -> None:
    async def story(ready: Ready) -> None:
        ready.other.executescript(
            "CREATE TABLE looks (at); CREATE TRIGGER looked AFTER UPDATE ON alembic_version"
            " BEGIN INSERT INTO looks VALUES (1); END"
        )
        assert [*await asyncio.gather(*(ready.said() for _ in range(50)))] == [None] * 50
        assert ready.other.execute("SELECT count(*) FROM looks").fetchone() == (1,)

    tell(tmp_path, story)


def test_a_database_that_does_not_answer_is_not_ready_and_is_asked_no_second_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(ready: Ready) -> None:
        loop = asyncio.get_running_loop()
        ready.other.execute("BEGIN IMMEDIATE")  # another program writes, and goes on
        began = loop.time()
        told = "The database does not answer in time. The log and `pizarra doctor` say more."
        assert await ready.said() == told
        assert WAIT <= loop.time() - began < WAIT + 0.1
        await asyncio.sleep(PERIOD)
        # the look that went on has given up meanwhile, after the five seconds that a lock is waited for
        cannot = "The database cannot be written. The log and `pizarra doctor` say why."
        assert await ready.said() == cannot
        ready.other.execute("ROLLBACK")
        await asyncio.sleep(PERIOD)
        assert await ready.said() is None

    tell(tmp_path, story)
    assert [each.message for each in caplog.records] == [
        "not ready: The database does not answer in time. The log and `pizarra doctor` say more. waited for 3 s",
        "not ready: The database cannot be written. The log and `pizarra doctor` say why. database is locked",
        "the database takes what is written again",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM alembic_version", "The database is at revision none, and this program needs"),
        ("ALTER TABLE sessions DROP COLUMN rules", "but has no sessions.rules: it was made by"),
        (
            "ALTER TABLE sessions ADD COLUMN later TEXT NOT NULL DEFAULT ''",
            None,  # a later version's, which fills itself
        ),
        ("DROP TABLE alembic_version", "The database cannot be written. The log"),
    ],
)
def test_tables_that_are_not_ours_are_told_apart(
    tmp_path: Path, change: str, told: str | None
) -> None:
    async def story(ready: Ready) -> None:
        ready.other.execute(change)
        said = await ready.said()
        assert (said is None) if told is None else (told in str(said))

    tell(tmp_path, story)


def test_the_same_fault_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def story(ready: Ready) -> None:
        ready.other.execute("DELETE FROM alembic_version")
        for _ in range(5):
            assert await ready.said() is not None
            await asyncio.sleep(PERIOD)

    tell(tmp_path, story)
    assert len(caplog.records) == 1
