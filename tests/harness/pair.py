"""Two processes on one PostgreSQL, as two computers would be: a data directory each, one key, one runner."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.harness.server import ServerProcess, server_process

KEY = "0123456789abcdefghijklmnopqrstuvwxyz/+.-"


@contextlib.contextmanager
def pair(
    folder: Path,
    database_url: str,
    runner_socket: Path,
    first_only: dict[str, Any] | None = None,
    **settings: Any,
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Give two running servers; they look after each other often, so that no test waits long."""
    both: dict[str, Any] = {
        "secret_key": KEY,
        "runner_socket": runner_socket,
        "node_beat_seconds": 0.2,
        "follow_seconds": 0.2,
        **settings,
    }
    for name in ("1", "2"):
        (folder / name).mkdir(parents=True)
    with (
        server_process(folder / "1", database_url, **both | (first_only or {})) as first,
        server_process(folder / "2", database_url, **both) as second,
    ):
        yield first, second
