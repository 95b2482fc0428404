"""A web process without descriptors harms nobody whom another one has room for; when none has, that is said."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.prefork import processes, several
from tests.harness.rooms import create, url_of
from tests.harness.server import ServerProcess

from pizarra.cluster.places import nearest

MORE = 3  # connections that a process has room for
PEOPLE = 8


@pytest.fixture
def two(tmp_path: Path, runner_socket: Path, postgres_url: str) -> Iterator[ServerProcess]:
    """Two web processes."""
    with several(tmp_path, postgres_url, runner_socket) as running:
        yield running


def leave_little(pid: int) -> None:
    """Let a process have few more descriptors than it has; a quarter of them it keeps for itself."""
    used = max(int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()) + 1
    most = (used + MORE) * 4 // 3
    assert most < 256, used
    _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, hard))


def session_of(server: ServerProcess, number: int) -> dict[str, Any]:
    """Return a session that belongs to one of two processes."""
    while True:
        session = create(server, "")
        if nearest(session["session_id"][:16].encode(), (1, 2)) == number:
            return session


async def come(stack: contextlib.AsyncExitStack, url: str, count: int) -> list[Peer]:
    """Have people come into a room."""
    return [await stack.enter_async_context(connect_peer(url)) for _ in range(count)]


async def test_what_one_process_has_no_room_for_another_serves(two: ServerProcess) -> None:
    session = session_of(two, 1)
    leave_little(processes(two)[1])
    async with contextlib.AsyncExitStack() as stack:
        peers = await come(stack, url_of(two, session), PEOPLE)
        assert "web process 1 has no room for more connections" in two.log()
        for number, peer in enumerate(peers):
            await peer.wait_acknowledged(await peer.insert(0, str(number)), 20)
        for peer in peers:
            await peer.wait_for(lambda it=peer: len(str(it.text)) == PEOPLE, 20)  # type: ignore[misc]
        assert {peer.socket.close_code for peer in peers} == {None}


async def test_when_nobody_has_room_that_is_said(two: ServerProcess) -> None:
    session = session_of(two, 1)
    for pid in processes(two).values():
        leave_little(pid)
    refused: httpx2.Response | None = None
    async with contextlib.AsyncExitStack() as stack:
        clients = [stack.enter_context(httpx2.Client(base_url=two.url)) for _ in range(30)]
        for client in clients:  # each keeps its connection
            answer = client.get(f"/api/sessions/{session['session_id']}")
            if answer.status_code == 503:
                refused = answer
                break
            assert answer.status_code == 200
        assert refused is not None
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "1"
        assert refused.json()["code"] == "unavailable"
        assert "no room for more connections" in refused.json()["detail"]
        assert clients[0].get("/health").status_code == 200, "who is in stays in"
    wait_until(lambda: httpx2.get(f"{two.url}/health").status_code == 200, "room", seconds=20)
