"""Creates that come at the same time share a commit, and nothing else: one that fails takes nobody along."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy.exc import IntegrityError
from tests.harness.fresh import embed

from pizarra.config import Settings
from pizarra.database import Database, Write, connect
from pizarra.kit.clock import utc_now
from pizarra.kit.ids import new_public_id
from pizarra.migrations import migrate
from pizarra.sessions import listing, starts
from pizarra.sessions import service as sessions
from pizarra.sessions.schemas import SessionCreate
from pizarra.storage.embedded_writes import EmbeddedWrites
from pizarra.storage.prepared import Prepared
from pizarra.storage.shared_commits import NotOnDisk, SharedCommits

WANTED = SessionCreate(title="shared")
START = starts.start_of(WANTED, 10_000)


class Broken(Exception):
    """What a piece of work may raise."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """The embedded database, with its schema."""
    embed(tmp_path)
    opened = connect(Settings(data_dir=tmp_path))
    await migrate.prepare(opened)
    yield opened
    await opened.dispose()


def create(write: Write) -> str:
    return sessions.create_session(write, WANTED, START, utc_now()).public_id


def fail(write: Write) -> str:
    create(write)
    raise Broken


def fail_in_sql(write: Write) -> str:
    made = create(write)
    create_again = sessions.create_session(write, WANTED, START, utc_now())
    write(_RENAMED, {"key": create_again.id, "public_id": made})
    return made


class _Twin:
    """A statement that gives a session the id of another, which the database refuses."""

    def run(self, cursor: sqlite3.Cursor, values: dict[str, object]) -> list[object]:
        cursor.execute("UPDATE sessions SET public_id = :public_id WHERE id = :key", values)
        return []


_RENAMED = cast("Prepared", _Twin())


async def stored(database: Database) -> int:
    """Return how many sessions there are."""
    return await listing.count_sessions(database, listing.Wanted())


def commits_of(database: Database) -> list[str]:
    """Return a list that grows by what ends a transaction from now on."""
    ends: list[str] = []

    def trace(cursor: sqlite3.Cursor) -> None:
        cursor.connection.set_trace_callback(
            lambda sql: ends.append(sql) if sql in ("COMMIT", "ROLLBACK") else None
        )

    writes_of(database).write_now(trace)
    ends.clear()  # its own
    return ends


def writes_of(database: Database) -> EmbeddedWrites:
    """Return what edits and creates are written by."""
    assert database.embedded is not None
    return database.embedded


async def test_what_comes_in_one_turn_is_one_commit(database: Database) -> None:
    ends = commits_of(database)
    made = await asyncio.gather(*(database.transact_shared(create) for _ in range(20)))
    assert len(set(made)) == await stored(database) == 20
    assert ends == ["COMMIT"]


async def test_what_comes_during_a_commit_shares_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = commits_of(database)
    rest: list[asyncio.Future[str]] = []

    async def sync() -> None:
        if not rest:
            rest.extend(asyncio.ensure_future(database.transact_shared(create)) for _ in range(3))
            await asyncio.sleep(0)

    writes = writes_of(database)
    monkeypatch.setattr(writes, "shared", SharedCommits(writes.write_raw, sync))
    await database.transact_shared(create)
    assert len(rest) == 3
    await asyncio.gather(*rest)
    assert ends == ["COMMIT", "COMMIT"]


@pytest.mark.parametrize(("broken", "error"), [(fail, Broken), (fail_in_sql, IntegrityError)])
async def test_one_that_fails_takes_nobody_along(
    database: Database, broken: object, error: type[Exception]
) -> None:
    works = [create, create, broken, create]
    outcomes = await asyncio.gather(
        *(database.transact_shared(work) for work in works),  # type: ignore[arg-type]
        return_exceptions=True,
    )
    assert [isinstance(each, str) for each in outcomes] == [True, True, False, True]
    assert isinstance(outcomes[2], error)
    assert await stored(database) == 3
    await database.transact_shared(create)  # and all is well again
    assert await stored(database) == 4


async def test_one_alone_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(Broken):
        await database.transact_shared(fail)
    assert await stored(database) == 0


async def test_who_left_is_not_waited_for(database: Database) -> None:
    leaving = asyncio.ensure_future(database.transact_shared(create))
    staying = asyncio.ensure_future(database.transact_shared(create))
    await asyncio.sleep(0)
    leaving.cancel()
    assert len(await staying) == len(new_public_id())
    assert leaving.cancelled() or leaving.cancelling()


async def test_a_refusing_disk_is_told_to_all_and_asked_again(database: Database) -> None:
    answers = [OSError(5, "Input/output error"), None]

    async def sync() -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    shared = SharedCommits(writes_of(database).write_raw, sync)

    def work(cursor: sqlite3.Cursor) -> str:
        return create(lambda prepared, values: prepared.run(cursor, values))

    refused = await asyncio.gather(shared.run(work), shared.run(work), return_exceptions=True)
    assert [type(each) for each in refused] == [NotOnDisk, NotOnDisk]
    assert await stored(database) == 2  # committed, not acknowledged; and not done twice
    assert isinstance(await shared.run(work), str)


async def test_who_waits_while_another_program_writes_is_served_after_it(
    database: Database, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "pizarra.db") as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(database.transact_shared(create))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not waiting.done()
        other.rollback()
    other.close()
    assert isinstance(await waiting, str)
