"""Two processes on one PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.harness.pair import pair
from tests.harness.postgres import Postgres
from tests.harness.server import ServerProcess


@pytest.fixture
def postgres_url(cluster: Postgres) -> Iterator[str]:
    """The address of a database without rows."""
    with cluster.lend() as url:
        yield url


@pytest.fixture
def two_servers(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two processes that serve one database."""
    with pair(tmp_path, postgres_url, runner_socket) as both:
        yield both


@pytest.fixture(scope="session")
def shared_pair(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path, cluster: Postgres
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two that the tests of this process share: they must not kill them, or count on nobody else's rows."""
    folder, url = tmp_path_factory.mktemp("pair"), cluster.create_migrated()
    with pair(folder, url, runner_socket) as both:
        yield both
