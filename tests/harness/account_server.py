"""A server with accounts that others can reach, its first account, and a browser of nobody's."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.harness.actors import browser, first_admin
from tests.harness.server import ServerProcess, server_process


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with accounts that can be reached by others."""
    folder = tmp_path_factory.mktemp("accounts")
    with server_process(folder, runner_socket=runner_socket, host="0.0.0.0") as process:
        yield process


@pytest.fixture(scope="module")
def admin(server: ServerProcess) -> Iterator[httpx2.Client]:
    """The first account."""
    with contextlib.closing(first_admin(server)) as client:
        yield client


@pytest.fixture
def stranger(server: ServerProcess) -> Iterator[httpx2.Client]:
    """A browser that nobody signed in with."""
    with browser(server) as client:
        yield client
