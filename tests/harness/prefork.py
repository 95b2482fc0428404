"""A server of several web processes: which process has which number, and what each counts."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

from tests.harness.ports import wait_until
from tests.harness.server import ServerProcess, server_process

_STARTED = re.compile(r"web process (\d+) is process (\d+)")
_SAMPLE = re.compile(r'^(\w+)\{worker="(\d+)",?(.*)\} (\S+)$', re.MULTILINE)


@contextlib.contextmanager
def several(
    folder: Path, database_url: str, runner_socket: Path | None, **settings: Any
) -> Iterator[ServerProcess]:
    """Give one server of several web processes, which look after each other often."""
    often: dict[str, Any] = {
        "node_beat_seconds": 0.2,
        "follow_seconds": 0.2,
        "workers": 2,
        **({"runner_socket": runner_socket} if runner_socket is not None else {}),
        **settings,
    }
    with server_process(folder, database_url, **often) as running:
        yield running


def processes(server: ServerProcess) -> dict[int, int]:
    """Return the web processes that were started last, by their numbers."""
    return {int(number): int(pid) for number, pid in _STARTED.findall(server.log())}


def counted(server: ServerProcess, name: str, labels: str = "") -> dict[int, float]:
    """Return what each process counts under a name."""
    text = httpx2.get(f"{server.url}/metrics").raise_for_status().text
    return {
        int(number): float(value)
        for found, number, told, value in _SAMPLE.findall(text)
        if (found, told) == (name, labels)
    }


def processes_state(server: ServerProcess) -> dict[str, Any]:
    """Return what `/health/ready` says of them."""
    ready = httpx2.get(f"{server.url}/health/ready").raise_for_status().json()
    return dict(ready["processes"])


def wait_until_all_serve(server: ServerProcess) -> None:
    """Wait until none is missing."""
    wait_until(lambda: processes_state(server)["ok"], "all processes", seconds=30)
