"""Bus outage ⇒ delay only: with only the database between them, two processes serve one room and lose nothing."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, edits_of, text_of, url_of
from tests.harness.server import ServerProcess, server_process

SETTINGS: dict[str, Any] = {
    "follow_seconds": 0.2,
    "snapshot_updates": 10,
    "secret_key": "0123456789abcdefghijklmnopqrstuvwxyz/+.-",
}


@pytest.fixture
def two_servers(
    tmp_path: Path, runner_socket: Path, database_url: str | None
) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two processes on one database, which do not know of each other."""
    folders = [tmp_path] * 2 if database_url is None else [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    with (
        server_process(folders[0], database_url, runner_socket=runner_socket, **SETTINGS) as first,
        server_process(folders[1], database_url, runner_socket=runner_socket, **SETTINGS) as second,
    ):
        yield first, second


async def test_two_processes_serve_one_room(
    two_servers: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = two_servers
    session = create(first, "")
    async with (
        connect_peer(url_of(first, session)) as ann,
        connect_peer(url_of(second, session)) as bob,
    ):
        await ann.wait_acknowledged(await ann.insert(0, "ann "))
        await bob.wait_text("ann ")

        async def write(peer: Any, letter: str) -> None:
            for _ in range(40):
                number = await peer.insert(0, letter)
                await asyncio.sleep(0.005)
            await peer.wait_acknowledged(number)

        await asyncio.gather(write(ann, "a"), write(bob, "b"))
        for peer in (ann, bob):
            await peer.wait_for(lambda it=peer: len(str(it.text)) == 84)  # type: ignore[misc]
        assert str(ann.text) == str(bob.text)
        text = str(ann.text)
    # Snapshots that one process took must not hide what the other recorded meanwhile.
    second.kill()
    second.start()
    assert text_of(second, session) == text
    assert [entry["seq"] for entry in timeline(first, session)] == list(
        range(1, len(timeline(first, session)) + 1)
    )
    assert len(edits_of(first, session)) == 82


def timeline(server: ServerProcess, session: dict[str, Any]) -> list[dict[str, Any]]:
    address = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    return list(httpx2.get(address, params={"limit": 1000}).json())


async def test_ending_in_one_process_closes_the_room_in_the_other(
    two_servers: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = two_servers
    session = create(first)
    async with connect_peer(url_of(second, session)) as bob:
        httpx2.post(f"{first.url}/api/sessions/{session['session_id']}/end")
        assert await bob.wait_closed(3) == 4410
