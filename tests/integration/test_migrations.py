"""The schema comes from the migrations, and they go up, down and up again, with rows in the tables."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from tests.harness.application import application

from pizarra import migrate
from pizarra.config import Settings
from pizarra.database import Database, connect


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, runner_socket: Path) -> Settings:
    """Settings of an installation whose database has nothing in it, not even tables."""
    url = None if request.param == "sqlite" else request.getfixturevalue("cluster").create_database()
    return Settings(data_dir=tmp_path, database_url=url, runner_socket=runner_socket, log_level="warning")


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """An empty database."""
    empty = connect(settings)
    yield empty
    await empty.dispose()


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", "pizarra:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.head_revision()]


async def test_tables_and_models_agree(database: Database) -> None:
    await migrate.upgrade(database)
    assert await migrate.differences(database) == []


async def test_differences_are_noticed(database: Database) -> None:
    await migrate.upgrade(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE runs ADD COLUMN surplus INTEGER"))
    assert await migrate.differences(database) != []


async def test_up_down_up_with_rows(database: Database, settings: Settings) -> None:
    async with application(settings) as running, running.client() as owner, running.client() as guest:
        session = (await owner.post("/api/sessions")).json()
        token = session["share_url"].rpartition("/")[2]
        await guest.post("/api/join", json={"token": token, "name": "Zoë"})
        await owner.post(f"/api/sessions/{session['session_id']}/invites", json={"role": "observer"})
        credential = guest.cookies[f"pizarra_{session['room_id']}"]
    # As an earlier version knew it, and back: whoever was in is in, and their link still opens.
    await migrate.downgrade(database, "0003")
    await migrate.upgrade(database)
    async with application(settings) as running, running.client() as guest:
        guest.headers["authorization"] = f"Bearer {credential}"
        assert (await guest.get(f"/api/sessions/{session['session_id']}/files")).status_code == 200
        assert (await guest.get(f"/api/invitations/{token}")).status_code == 200
    await migrate.downgrade(database, "base")
    assert await migrate.current_revision(database) is None
    await migrate.upgrade(database)
    assert await migrate.current_revision(database) == migrate.head_revision()
    assert await migrate.differences(database) == []


async def test_a_newer_database_is_refused(database: Database) -> None:
    await migrate.upgrade(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.SchemaError, match="newer than this program"):
        await migrate.prepare(database)
    with pytest.raises(migrate.SchemaError, match="newer than this program"):
        await migrate.upgrade(database)


async def test_a_database_with_other_peoples_tables_is_refused(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE sessions (id INTEGER)"))
    with pytest.raises(migrate.SchemaError, match="database of its own"):
        await migrate.prepare(database)


async def test_sqlite_runs_in_wal_mode(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL has no such modes")
    async with database.read() as db:
        assert await db.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await db.scalar(text("PRAGMA synchronous")) == 2
        assert await db.scalar(text("PRAGMA foreign_keys")) == 1
