"""Fixtures of tests that need a database and no server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.fresh import embed
from tests.harness.rows import NOON, Rows

from pizarra.cluster.siblings import Siblings
from pizarra.composition import build_services
from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.http.metrics import Metrics
from pizarra.services import Services


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    """A database as the migrations leave a new one."""
    if database_url is None:
        embed(tmp_path)
    # a test's machine does not lose its power
    settings = Settings(data_dir=tmp_path, database_url=database_url, sqlite_synchronous="normal")
    made = connect(settings)
    yield made
    await made.dispose()


@pytest.fixture
def rows(database: Database) -> Rows:
    """What writes rows into it."""
    return Rows(database)


@pytest.fixture
async def parts(tmp_path: Path, database_url: str | None) -> AsyncIterator[Services]:
    """The parts of a server at noon, connected and not started: nothing happens in it that nobody asks for."""
    if database_url is None:
        embed(tmp_path)
    settings = Settings(data_dir=tmp_path, database_url=database_url, sqlite_synchronous="normal")
    made = build_services(settings, lambda: NOON, Metrics(), Siblings())
    yield made
    await made.hub.stop()
    await made.runs.stop()
    await made.journal.close()
    await made.database.dispose()
