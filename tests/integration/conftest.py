"""Servers that the modules about bounds share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.harness.server import ServerProcess, server_process

LIMITS: dict[str, Any] = {
    "max_request_head_bytes": 8192,
    "request_body_seconds": 1.0,
    "response_stall_seconds": 1.0,
    "max_arriving_per_address": 8,
    "max_frame_bytes": 100_000,
    "max_refused_bytes": 12_000_000,
    "refused_seconds": 1.0,
}
LOG_LIMITS: dict[str, Any] = {
    "max_gap_updates": 20,
    "max_log_bytes": 2**20,
    "max_exports_per_session": 3,
}


@pytest.fixture(scope="session")
def bounded(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with small bounds."""
    with server_process(
        tmp_path_factory.mktemp("bounded"), runner_socket=runner_socket, **LIMITS
    ) as process:
        yield process


@pytest.fixture(scope="session")
def generous(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with the usual bounds for frames, and small ones for what is kept."""
    with server_process(
        tmp_path_factory.mktemp("generous"), runner_socket=runner_socket, **LOG_LIMITS
    ) as process:
        yield process
