"""A run belongs to the process that follows it: only what a dead one left behind is ended, and once."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from tests.harness.pair import KEY, pair
from tests.harness.ports import wait_until
from tests.harness.rooms import create
from tests.harness.server import ServerProcess, server_process

PATIENT = """\
import time
print('begin', flush=True)
time.sleep({seconds})
print('end', flush=True)
"""
TwoServers = tuple[ServerProcess, ServerProcess]


class Started:
    """A run, seen through any process."""

    def __init__(self, server: ServerProcess, seconds: float) -> None:
        session = create(server, PATIENT.format(seconds=seconds))
        self._session = f"/api/sessions/{session['session_id']}"
        posted = httpx2.post(f"{server.url}{self._session}/runs", json={}, timeout=60).json()
        self._run = f"{self._session}/runs/{posted['run_id']}"
        self.wait(server, lambda run: run["stdout"].startswith("begin\n"))

    def seen_by(self, server: ServerProcess) -> dict[str, Any]:
        """Return it as a process tells it."""
        return dict(httpx2.get(f"{server.url}{self._run}").json())

    def wait(self, server: ServerProcess, condition: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until a process tells what is expected."""
        wait_until(lambda: condition(self.seen_by(server)), "the run", seconds=20)

    def ends(self, server: ServerProcess) -> list[dict[str, Any]]:
        """Return what the timeline says of it from its first end on."""
        timeline = httpx2.get(
            f"{server.url}{self._session}/timeline", params={"limit": 1000}
        ).json()
        kinds = [each["kind"] for each in timeline]
        return list(timeline[kinds.index("run.ended") :])


async def rows(url: str, query: str) -> list[asyncpg.Record]:
    """Ask the database."""
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def test_a_start_ends_nobodys_run(two_servers: TwoServers) -> None:
    first, second = two_servers
    run = Started(first, 3)
    second.kill()
    second.start()
    assert run.seen_by(second)["status"] == "running"
    run.wait(second, lambda seen: seen["status"] == "exited")
    assert run.seen_by(first)["stdout"] == "begin\nend\n"
    assert [each["data"]["status"] for each in run.ends(first)] == ["exited"]


async def test_runs_of_a_process_that_died_are_ended_by_another(two_servers: TwoServers) -> None:
    first, second = two_servers
    run = Started(first, 60)
    first.kill()
    run.wait(second, lambda seen: seen["status"] == "sandbox_error")
    assert "run it again" in run.seen_by(second)["detail"]


async def test_a_process_that_was_taken_for_dead_gives_its_runs_up(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    with pair(tmp_path, postgres_url, runner_socket, node_dead_seconds=1) as (first, second):
        run = Started(first, 4)
        first.pause()
        run.wait(second, lambda seen: seen["status"] == "sandbox_error")
        first.resume()
        # It finds out, stops the program, and is one of the living again: its next run is its own.
        wait_until(lambda: "took this one for dead" in first.log(), "the news", seconds=10)
        again = Started(first, 0)
        again.wait(second, lambda seen: seen["status"] == "exited")
        assert [each["kind"] for each in run.ends(first)] == ["run.ended"]
        assert run.seen_by(first)["stdout"] == "begin\n"


async def test_a_process_that_stops_leaves_nothing_behind(
    two_servers: TwoServers, postgres_url: str
) -> None:
    first, second = two_servers
    run = Started(first, 60)
    assert len(await rows(postgres_url, "SELECT id FROM nodes")) == 2
    assert first.terminate() == 0
    assert len(await rows(postgres_url, "SELECT id FROM nodes")) == 1
    assert run.seen_by(second)["status"] in ("sandbox_error", "stopped")


async def test_who_lives_is_told_by_the_databases_clock(
    two_servers: TwoServers, postgres_url: str
) -> None:
    """Rows of processes elsewhere: one that was seen now, one that was silent; nobody can look at either."""
    first, _ = two_servers
    connection = await asyncpg.connect(postgres_url)
    for name, silent in (("a", 0), ("b", 60)):
        await connection.execute(
            "INSERT INTO nodes SELECT $1, 'elsewhere', 1, 1, started_at, "
            "(extract(epoch FROM clock_timestamp()) - $2) * 1000000, version, key_hash FROM nodes LIMIT 1",
            name * 32,
            silent,
        )
    found = [name * 32 for name in "ab"]
    deadline = time.monotonic() + 10
    while "b" * 32 in found and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        found = [each["id"] for each in await connection.fetch("SELECT id FROM nodes")]
    await connection.close()
    assert "a" * 32 in found
    assert "b" * 32 not in found
    assert len(found) == 3
    assert httpx2.get(f"{first.url}/health/ready").status_code == 200


@pytest.mark.parametrize("key", [None, KEY[::-1]])
def test_a_second_process_with_another_key_does_not_start(
    tmp_path: Path, runner_socket: Path, postgres_url: str, key: str | None
) -> None:
    """Invitations and credentials that one of them made would be refused by the other."""
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    settings: dict[str, Any] = {"runner_socket": runner_socket}
    with server_process(tmp_path / "1", postgres_url, **settings, secret_key=KEY) as first:
        if key is not None:
            settings["secret_key"] = key
        other = ServerProcess(tmp_path / "2", postgres_url, **settings)
        with pytest.raises(RuntimeError, match="PIZARRA_SECRET_KEY") as refused:
            other.start()
        assert "signs with another key" in str(refused.value)
        assert not (tmp_path / "2" / "secret.key").exists()
        assert httpx2.get(f"{first.url}/health").status_code == 200
