"""What people of a session send that is heavy to read or to keep: each is bounded, and nobody else notices."""

import contextlib
import random
import socket
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.raw_sockets import processor
from tests.harness.rooms import create, edits_of, join, metric, text_of, url_of
from tests.harness.server import ServerProcess

from pizarra.collab.wire.codec import SyncStep, awareness_frame, sync_frame, var_uint


@contextlib.asynccontextmanager
async def candidate(server: ServerProcess) -> AsyncIterator[Peer]:
    """Give a candidate's connection to a session of their own."""
    session = create(server)
    async with connect_peer(url_of(server, session), token=join(server, session)) as peer:
        yield peer


def built_on_nothing(number: int) -> bytes:
    """Return an edit that stands after a letter that never comes."""
    clock = var_uint(10 + 2 * number)
    return b"\x01\x01\x4d" + clock + b"\x84\x4d" + var_uint(9 + 2 * number) + b"\x01a\0"


@pytest.mark.parametrize(
    ("frame", "reason", "bound"),
    [
        (
            awareness_frame(var_uint(500_000) + b"\x07\x01\x04null" * 500_000),
            *("the presence of more than", "max_connections_per_room"),
        ),
        (
            sync_frame(SyncStep.STEP1, var_uint(90_000) + b"\x0a\x01" * 90_000),
            *("a state vector of more clients", "max_clients_per_person"),
        ),
        (
            sync_frame(
                SyncStep.UPDATE, b"\x01" + var_uint(90_000) + b"\x4d\0" + b"\0\x01" * 90_000 + b"\0"
            ),
            *("pieces", "max_update_pieces"),
        ),
    ],
    ids=["presence", "state vector", "structs"],
)
async def test_a_heavy_frame_is_refused_before_it_is_read(
    generous: ServerProcess, frame: bytes, reason: str, bound: str
) -> None:
    name = f'pizarra_refusals_total{{bound="{bound}"}}'
    counted = metric(generous, name)
    async with candidate(generous) as peer:
        before = processor(generous)
        await peer.socket.send(frame)
        assert await peer.wait_closed() == 4400
        assert reason in str(peer.socket.close_reason)
        assert processor(generous) - before < 0.5
    assert metric(generous, name) == counted + 1


async def test_edits_that_build_on_nothing_wait_in_a_bounded_number(
    generous: ServerProcess,
) -> None:
    session = create(generous)
    url, token = url_of(generous, session), join(generous, session)
    async with connect_peer(url, token=token) as peer:
        for number in range(30):
            await peer.socket.send(sync_frame(SyncStep.UPDATE, built_on_nothing(number)))
        assert await peer.wait_closed() == 1013
        assert peer.socket.close_reason == "this builds on edits that have not arrived: reconnect"
    recorded = len(edits_of(generous, session))
    assert recorded == 1 + 20
    # Who writes on as usual does not notice, and when the server has forgotten the room the number still counts.
    async with connect_peer(url) as host:
        await host.wait_acknowledged(await host.insert(0, "still here "))
    generous.kill()
    generous.start()
    async with connect_peer(url, token=token) as again:
        await again.socket.send(sync_frame(SyncStep.UPDATE, built_on_nothing(40)))
        assert await again.wait_closed() == 1013
    assert len(edits_of(generous, session)) == recorded + 1
    assert text_of(generous, session) == "still here hello"


async def test_a_session_records_so_much_and_no_more(generous: ServerProcess) -> None:
    """Pasted and deleted again: the document stays small, the log does not."""
    session = create(generous, "")
    url, pasted = (
        url_of(generous, session),
        "".join(random.Random(7).choices("abcdefgh\n", k=300_000)),
    )
    async with connect_peer(url, token=join(generous, session)) as peer:
        for _ in range(10):
            await peer.insert(0, pasted)
            await peer.edit(lambda text: text.__delitem__(slice(0, len(pasted))))
        assert await peer.wait_closed(20) == 4400
        assert "has recorded 1,048,576 bytes, which is all it may" in str(peer.socket.close_reason)
    with sqlite3.connect(generous.data_dir / "pizarra.db") as database:

        def recorded() -> int:
            query = "SELECT log_bytes FROM sessions WHERE public_id = ?"
            return int(database.execute(query, (session["session_id"],)).fetchone()[0])

        wait_until(lambda: recorded() > 900_000, "what came before the refusal", seconds=10)
        assert recorded() < 2**20
        full = "UPDATE sessions SET log_bytes = 1048576 WHERE public_id = ?"
        database.execute(full, (session["session_id"],))
    path = f"{generous.url}/api/sessions/{session['session_id']}"
    told = "This session has recorded 1,048,576 bytes, which is all it may: start another one."
    for refused in (
        httpx2.post(f"{path}/runs"),
        httpx2.post(f"{path}/lines", json={"text": "still talking"}),
    ):
        assert (refused.status_code, refused.json()["detail"]) == (409, told)
    # Nor do signals, nor who comes and goes.
    generous.kill()
    generous.start()
    before = httpx2.get(f"{path}/timeline?limit=1000").json()
    async with connect_peer(url, token=join(generous, session, name="Ana"), control=True) as peer:
        await peer.control(type="paste", path="main.py", characters=9, lines=1, source="own")
        await peer.wait_for(lambda: bool(peer.controls_of("refusal")))
        assert [each["detail"] for each in peer.controls_of("refusal")] == [told]
    assert httpx2.get(f"{path}/timeline?limit=1000").json() == before


def test_a_session_is_taken_away_by_so_many_at_once(generous: ServerProcess) -> None:
    """Who asks for an export and does not read it has places of their own, and not for ever."""
    session, other = create(generous, "x" * 900_000), create(generous)
    ana, ben = join(generous, session, name="Ana"), join(generous, session, name="Ben")

    def export(of: dict[str, Any], token: str | None = None) -> httpx2.Response:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return httpx2.get(
            f"{generous.url}/api/sessions/{of['session_id']}/export?format=html", headers=headers
        )

    asked = f"GET /api/sessions/{session['session_id']}/export?format=html HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with contextlib.ExitStack() as stack:

        def begin(token: str) -> None:
            opened = stack.enter_context(socket.socket())
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            opened.settimeout(15)
            opened.connect(("127.0.0.1", generous.port))
            opened.sendall(f"{asked}Authorization: Bearer {token}\r\n\r\n".encode())
            assert opened.recv(15) == b"HTTP/1.1 200 OK"

        begin(ana)
        begin(ana)
        refused = export(session, ana)
        assert refused.status_code == 429
        assert refused.json()["detail"].startswith("You are downloading this session already.")
        begin(ben)
        refused = export(session, ben)
        assert refused.status_code == 429
        assert refused.json()["detail"].startswith("This session is being downloaded already.")
        assert export(session).status_code == 200
        assert export(other).status_code == 200
    wait_until(lambda: export(session, ana).status_code == 200, "the places of those who are gone")
    assert export(session, ben).status_code == 200
