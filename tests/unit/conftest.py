"""Fixtures of tests that need a database and no server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.harness.fresh import embed
from tests.harness.rows import Rows

from pizarra.config import Settings
from pizarra.database import Database, connect


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    """A database as the migrations leave a new one."""
    if database_url is None:
        embed(tmp_path)
    made = connect(Settings(data_dir=tmp_path, database_url=database_url))
    yield made
    await made.dispose()


@pytest.fixture
def rows(database: Database) -> Rows:
    """What writes rows into it."""
    return Rows(database)
