"""The schema comes from the migrations, and they go up, down and up again, with rows in the tables."""

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from tests.harness.application import application
from tests.harness.program import clean_environment

from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.health.readiness import find_fault
from pizarra.migrations import migrate
from pizarra.migrations.compatibility import Standing


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, runner_socket: Path) -> Settings:
    """Settings of an installation whose database has nothing in it, not even tables."""
    url = (
        None if request.param == "sqlite" else request.getfixturevalue("cluster").create_database()
    )
    return Settings(
        data_dir=tmp_path, database_url=url, runner_socket=runner_socket, log_level="warning"
    )


ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ROOT / "src/pizarra/migrations/versions"
PINNED = ROOT / "tests/data/migrations.json"


@pytest.fixture
def database_url_of_environment(settings: Settings) -> dict[str, str]:
    """What names the empty database to a program that is started."""
    url = {"DATABASE_URL": settings.database_url} if settings.database_url else {}
    return {"PIZARRA_DATA_DIR": str(settings.data_dir), **url}


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
    async with (
        application(settings) as running,
        running.client() as owner,
        running.client() as guest,
    ):
        told = {"title": "Two Sum", "translations": {"es": {"title": "Suma", "statement": ""}}}
        question = (await owner.post("/api/questions", json=told)).json()
        about = {"question_id": question["question_id"]}
        session = (await owner.post("/api/sessions", json=about)).json()
        token = session["share_url"].rpartition("/")[2]
        await guest.post("/api/join", json={"token": token, "name": "Zoë"})
        await owner.post(
            f"/api/sessions/{session['session_id']}/invites", json={"role": "observer"}
        )
        credential = guest.cookies[f"pizarra_{session['room_id']}"]
    # Without plans, and back: what is proven is known of the proofs.
    async with database.engine.begin() as connection:
        await connection.execute(
            text("""UPDATE question_versions SET proof = '{"proven": true}'""")
        )
    await migrate.downgrade(database, "0014")
    await migrate.upgrade(database)
    async with application(settings) as running, running.client() as owner:
        (proven,) = (await owner.get("/api/questions?proven=true")).json()
        assert proven["titles"] == {"en": "Two Sum", "es": "Suma"}
        assert (await owner.get("/api/questions?proven=false")).json() == []
        assert (await owner.get("/api/plans")).json() == []
    # Without questions, and back: what everybody saw of it is on the timeline still.
    await migrate.downgrade(database, "0012")
    await migrate.upgrade(database)
    async with application(settings) as running, running.client() as owner:
        assert (await owner.get("/api/questions")).json() == []
        seen = await owner.get(f"/api/sessions/{session['session_id']}/timeline?kinds=problem")
        assert seen.json()[0]["data"]["title"] == "Two Sum"
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
    await _declare(database, "9999", "9999")
    with pytest.raises(migrate.SchemaError, match="newer than this program"):
        await migrate.prepare(database)
    with pytest.raises(migrate.SchemaError, match="newer than this program"):
        await migrate.upgrade(database)


async def _declare(database: Database, revision: str, oldest: str | None) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE alembic_version SET version_num = :revision, oldest_program = :oldest"),
            {"revision": revision, "oldest": oldest},
        )


async def test_each_step_says_which_programs_may_go_on(database: Database) -> None:
    head = migrate.head_revision()
    await migrate.upgrade(database)
    standing = await migrate.standing_of(database)
    assert standing is not None
    assert standing.oldest_program is not None
    assert "0022" <= standing.oldest_program <= head
    await migrate.downgrade(database, "0022")
    assert await migrate.standing_of(database) == Standing("0022", "0022")
    await migrate.downgrade(database, "0021")
    assert await migrate.standing_of(database) == Standing("0021", None)
    await migrate.upgrade(database)
    assert await migrate.standing_of(database) == standing


async def test_a_database_ahead_is_served_where_it_says_so(database: Database) -> None:
    """By PostgreSQL alone: an embedded one has one program, which migrates it."""
    head = migrate.head_revision()
    await migrate.upgrade(database)
    await _declare(database, "9999", head)
    if database.is_sqlite:
        with pytest.raises(migrate.SchemaError, match="newer than this program"):
            await migrate.prepare(database)
        return
    await migrate.prepare(database)
    await migrate.require(database)
    await migrate.upgrade(database)  # of a deploy that is taken back
    assert await migrate.current_revision(database) == "9999"
    assert await find_fault(database) is None
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE runs ADD COLUMN surplus INTEGER"))
    await migrate.prepare(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE runs ALTER COLUMN surplus SET NOT NULL"))
    with pytest.raises(migrate.SchemaError, match=r"wants values for runs\.surplus"):
        await migrate.prepare(database)
    fault = await find_fault(database)
    assert fault is not None
    assert "wants values" in fault.told


@pytest.mark.parametrize("oldest", [None, "9999", "later"])
async def test_a_database_ahead_is_refused_where_it_says_nothing(
    database: Database, oldest: str | None
) -> None:
    await migrate.upgrade(database)
    await _declare(database, "9999", oldest)
    with pytest.raises(migrate.SchemaError, match="newer than this program"):
        await migrate.prepare(database)
    with pytest.raises(migrate.SchemaError, match="newer than this program"):
        await migrate.upgrade(database)
    assert await find_fault(database) is not None


async def test_nobody_waits_long_behind_a_migration(database: Database) -> None:
    """Who wants to change a table has everybody after them wait, as long as somebody before them keeps it."""
    if database.is_sqlite:
        pytest.skip("SQLite has one lock, and waits for it as for any other")
    await migrate.upgrade(database, "0021")
    async with database.engine.begin() as reader:
        await reader.execute(text("SELECT * FROM alembic_version"))
        with pytest.raises(migrate.SchemaError, match="Somebody keeps a table"):
            await migrate.upgrade(database)
    assert await migrate.current_revision(database) == "0021"
    await migrate.upgrade(database)


async def test_a_process_is_ready_while_another_migrates(database: Database) -> None:
    """Else a proxy would send everybody away from all that still serve the old tables."""
    if database.is_sqlite:
        pytest.skip("an embedded one has one process, which migrates before it serves")
    await migrate.upgrade(database)
    async with database.engine.connect() as migration:
        await migration.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        async with asyncio.timeout(10):
            assert await find_fault(database) is None
        await migration.rollback()


async def test_a_postgresql_that_only_reads_is_not_ready(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite says so by its file")
    await migrate.upgrade(database)
    async with database.engine.begin() as admin:
        name = (await admin.execute(text("SELECT current_database()"))).scalar_one()
        await admin.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    await database.engine.dispose()  # it holds for connections that are opened from now on
    fault = await find_fault(database)
    assert fault is not None
    assert "read-only" in fault.reason


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


async def test_tables_that_are_not_of_their_revision_are_refused(database: Database) -> None:
    await migrate.upgrade(database)
    await migrate.prepare(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE runs DROP COLUMN memory_kb"))
    with pytest.raises(migrate.SchemaError, match=r"has no runs\.memory_kb"):
        await migrate.prepare(database)


def test_no_committed_migration_was_edited() -> None:
    """Databases exist that ran it as it was: what is wrong with it is mended by a migration of its own."""
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in VERSIONS.glob("[0-9]*.py")
    }
    known = json.loads(PINNED.read_text())
    assert {name: found.get(name) for name in known} == known
    assert set(found) == set(known), "a new migration: add its hash to tests/data/migrations.json"


def test_alembic_as_everybody_knows_it(
    database_url_of_environment: dict[str, str], tmp_path: Path
) -> None:
    # In a checkout of its own: a server that another test starts meanwhile must not find the new revision.
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "src", checkout / "src", ignore=shutil.ignore_patterns("static"))
    shutil.copy(ROOT / "alembic.ini", checkout)
    versions = checkout / VERSIONS.relative_to(ROOT)

    def alembic(*arguments: str, cwd: Path = checkout) -> str:
        command = [str(Path(sys.executable).parent / "alembic"), *arguments]
        environment = {
            **clean_environment(),
            **database_url_of_environment,
            "PYTHONPATH": str(checkout / "src"),
        }
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    before = set(versions.glob("*.py"))

    def revises() -> None:
        alembic("revision", "--autogenerate", "-m", "nothing new")
        (new,) = set(versions.glob("*.py")) - before
        assert new.name == f"{int(migrate.head_revision()) + 1:04}_nothing_new.py"
        assert "op." not in new.read_text().replace("alembic import op", "")
        new.unlink()

    alembic("upgrade", "head")
    assert f"{migrate.head_revision()} (head)" in alembic("current")
    if "DATABASE_URL" in database_url_of_environment:  # whose steps are tried by our own command
        revises()
        return
    alembic("downgrade", "-1")
    assert migrate.revisions()[-2] in alembic("current")
    elsewhere = alembic("-c", str(checkout / "alembic.ini"), "current", cwd=tmp_path)
    assert migrate.revisions()[-2] in elsewhere
    alembic("upgrade", "head")
    copies = list(Path(database_url_of_environment["PIZARRA_DATA_DIR"]).glob("pizarra.db.*.bak"))
    assert len(copies) == 2
    revises()
    command = [sys.executable, "-m", "pizarra", "db", "revision", "-m", "nothing either"]
    environment = {**clean_environment(), **database_url_of_environment}
    environment["PYTHONPATH"] = str(checkout / "src")
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    (new,) = set(versions.glob("*.py")) - before
    assert done.stdout.endswith(f"Written: {new}\n")
    assert "op." not in new.read_text().replace("alembic import op", "")


async def test_the_newest_copy_is_kept_whatever_the_file_is_called(tmp_path: Path) -> None:
    """A dash in its name had copies sorted by their revision: after a way back the newest was removed at once."""
    address = f"sqlite+aiosqlite:///{tmp_path}/my-data [1].db"
    database = connect(Settings(data_dir=tmp_path, database_url=address, migration_copies=1))
    head, before = migrate.head_revision(), migrate.revisions()[-2]
    await migrate.upgrade(database)
    for target, left in ((before, head), ("head", before)):
        if target == "head":
            await migrate.upgrade(database)
        else:
            await migrate.downgrade(database, target)
        (copy,) = tmp_path.glob("*.bak")
        assert copy.name.startswith(f"my-data [1].db.{left}-")
    await database.dispose()
