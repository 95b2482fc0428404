"""What several invariants start from."""

from typing import Any

import pytest
from tests.harness.rooms import create, url_of
from tests.harness.server import ServerProcess


@pytest.fixture
def session(server: ServerProcess) -> dict[str, Any]:
    """A session with `hello` in it, on a server of the test's own."""
    return create(server)


@pytest.fixture
def url(server: ServerProcess, session: dict[str, Any]) -> str:
    """Its room's address."""
    return url_of(server, session)
