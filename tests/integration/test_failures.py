"""When the database fails: never a 2xx, never a stack trace, never SQL in an answer."""

import asyncio
import sqlite3

import httpx2
import pytest
from tests.harness.application import Application, application
from tests.harness.entries import event
from tests.harness.postgres import Postgres

from pizarra.config import Settings


def assert_says_nothing_private(answer: httpx2.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    for word in ("Traceback", "INSERT", "SELECT", "sqlite", "asyncpg", "sqlalchemy", ".py"):
        assert word not in answer.text


REFUSE_AT_COMMIT = {
    # Both are noticed by the database itself, only when the transaction is to be committed.
    True: [
        "CREATE TABLE poison (id INTEGER REFERENCES sessions (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER refuse AFTER INSERT ON sessions BEGIN INSERT INTO poison VALUES (-1); END",
    ],
    False: [
        "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql",
        "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON sessions DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
}


@pytest.fixture
async def commits_fail(running: Application) -> None:
    """Every transaction that creates a session is refused when it commits."""
    database = running.services.database
    async with database.engine.begin() as connection:
        for statement in REFUSE_AT_COMMIT[database.is_sqlite]:
            await connection.exec_driver_sql(statement)


@pytest.mark.usefixtures("commits_fail")
async def test_a_failed_commit_is_a_5xx(running: Application) -> None:
    async with running.client(raise_errors=False) as owner:
        for _ in range(3):  # a refused commit must not spoil its connection for the next request
            answer = await owner.post("/api/sessions")
            assert answer.status_code == 503
            assert_says_nothing_private(answer)
        assert (await owner.get("/api/sessions")).json() == []


async def test_a_locked_sqlite_file_is_a_503_and_recovers(
    tmp_path: object, settings: Settings
) -> None:
    if settings.database_url is not None:
        pytest.skip("a file lock is SQLite's")
    async with application(settings) as running, running.client(raise_errors=False) as owner:
        locker = sqlite3.connect(settings.sqlite_path, isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(owner.post("/api/sessions"))
        for _ in range(3):  # while the writer waits its five seconds, the event loop is free
            assert (await owner.get("/api/sessions")).status_code == 200
        assert not waiting.done()
        answer = await waiting
        assert answer.status_code == 503
        assert_says_nothing_private(answer)
        locker.execute("ROLLBACK")
        locker.close()
        assert (await owner.post("/api/sessions")).status_code == 201


async def test_a_stopped_postgres_is_a_503_and_recovers(
    cluster: Postgres, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    if settings.database_url is None:
        pytest.skip("this one is about PostgreSQL")
    async with application(settings) as running, running.client(raise_errors=False) as owner:
        assert (await owner.post("/api/sessions")).status_code == 201
        cluster.stop()
        try:
            for method in ("GET", "POST"):
                answer = await owner.request(method, "/api/sessions")
                assert answer.status_code == 503
                assert_says_nothing_private(answer)
            assert [each for each in caplog.records if each.exc_info] == []  # one line each
            assert sum(each.name == "pizarra.errors" for each in caplog.records) == 2
            assert (await owner.get("/health")).status_code == 200
            assert (await owner.get("/health/ready")).status_code == 503
        finally:
            cluster.start()
        assert (await owner.post("/api/sessions")).status_code == 201
        assert len((await owner.get("/api/sessions")).json()) == 2


async def test_who_comes_after_a_restart_of_postgres_is_on_the_timeline(
    cluster: Postgres, settings: Settings
) -> None:
    """The journal's own connection ended with the server, and nobody tries a single entry a second time."""
    if settings.database_url is None:
        pytest.skip("this one is about PostgreSQL")
    async with application(settings) as running, running.client() as owner:
        session = (await owner.post("/api/sessions")).json()
        stored = await running.services.journal.load(session["room_id"])
        assert stored is not None
        note = [event("join", None, {"name": "Zoë", "role": "candidate"})]
        await running.services.journal.append(stored.key, stored.epoch, note)
        await asyncio.to_thread(cluster.stop)
        await asyncio.to_thread(cluster.start)
        await running.services.journal.append(stored.key, stored.epoch, note)


async def test_a_postgres_that_hangs_is_a_503_within_the_time_that_is_named(
    cluster: Postgres, settings: Settings
) -> None:
    if settings.database_url is None:
        pytest.skip("this one is about PostgreSQL")
    short = {"database_seconds": 0.7, "readiness_wait_seconds": 0.5, "readiness_seconds": 0}
    async with (
        application(settings.model_copy(update=short)) as running,
        running.client(raise_errors=False) as owner,
    ):
        assert (await owner.get("/health/ready")).status_code == 200
        session = (await owner.post("/api/sessions")).json()
        path = f"/api/sessions/{session['session_id']}"
        asked = [("GET", path), ("POST", "/api/sessions"), ("PATCH", path)]
        with cluster.paused():
            async with asyncio.timeout(15):
                ready = await owner.get("/health/ready")
                for method, where in asked * 2:
                    answer = await owner.request(method, where, json={})
                    assert answer.status_code == 503, answer.text
                    assert answer.headers["retry-after"]
                    assert_says_nothing_private(answer)
            assert ready.status_code == 503
            assert "does not answer in time" in ready.json()["detail"]
        assert (await owner.get(path)).status_code == 200
        assert (await owner.get("/health/ready")).status_code == 200
