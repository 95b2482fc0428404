"""What a stranger sends without end: heads, bodies, fragments, pings. Each is bounded, and nobody else notices."""

import base64
import contextlib
import os
import random
import resource
import socket
import sqlite3
import struct
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.peer import Peer, connect_peer
from tests.harness.ports import wait_until
from tests.harness.rooms import create, edits_of, join, metric, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import SyncStep, awareness_frame, sync_frame, var_uint

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
POST = b"POST /api/join HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def bounded(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with small bounds."""
    with server_process(
        tmp_path_factory.mktemp("bounded"), runner_socket=runner_socket, **LIMITS
    ) as process:
        yield process


@pytest.fixture(scope="module")
def generous(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with the usual bounds for frames, and small ones for what is kept."""
    with server_process(
        tmp_path_factory.mktemp("generous"), runner_socket=runner_socket, **LOG_LIMITS
    ) as process:
        yield process


@contextlib.contextmanager
def connected(server: ServerProcess, first: bytes = b"") -> Iterator[socket.socket]:
    """Give a connection on which `first` was sent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as opened:
        opened.sendall(first)
        yield opened


def answer(opened: socket.socket) -> bytes:
    """Return everything until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := opened.recv(65536):
            received += piece
    return received


def memory(server: ServerProcess) -> int:
    """Return the server's resident bytes."""
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def processor(server: ServerProcess) -> float:
    """Return the server's processor seconds."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /health HTTP/1.1\r\nX-Long: " + b"a" * 9000,  # a header without end
        b"GET /health HTTP/1.1\r\n" + b"X-A: b\r\n" * 1200,
        b"GET /" + b"a" * 9000,
        POST
        + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
        + b"X-A: b\r\n" * 1200
        + b"\r\n",  # trailers
    ],
)
def test_a_head_without_end_is_refused(bounded: ServerProcess, head: bytes) -> None:
    with connected(bounded, head) as opened:
        received = answer(opened)
    assert received.startswith(b"HTTP/1.1 431 ")
    assert b"The head of a request may have 8,192 bytes at most." in received
    assert (
        'pizarra_refusals_total{bound="max_request_head_bytes"}'
        in httpx2.get(f"{bounded.url}/metrics").text
    )


def test_a_query_has_so_many_fields_and_no_more(bounded: ServerProcess) -> None:
    """Each takes a microsecond or two of everybody's, and 64 KiB have room for thirty thousand."""
    start = b"GET /health?" + b"a&" * 999 + b"a"
    with connected(bounded, start + b" HTTP/1.1\r\nHost: x\r\n\r\n") as opened:
        opened.shutdown(socket.SHUT_WR)
        assert answer(opened).startswith(b"HTTP/1.1 200 ")
    with connected(bounded, start + b"&a HTTP/1.1\r\nHost: x\r\n\r\n") as opened:
        received = answer(opened)
    assert received.startswith(b"HTTP/1.1 431 ")
    assert b"The query of an address may have 1,000 fields at most." in received
    assert metric(bounded, 'pizarra_refusals_total{bound="max_query_fields"}') == 1


def test_a_request_waits_for_so_many_before_it_and_no_more(generous: ServerProcess) -> None:
    """Who sends ten thousand in one piece has a hundred answered; else all were read before anybody's turn."""
    holds = 'pizarra_event_loop_holds_total{process="web"}'
    before = metric(generous, holds)
    for _ in range(3):
        with connected(generous) as opened:
            with contextlib.suppress(OSError):
                opened.sendall(b"GET /health HTTP/1.1\r\n\r\n" * 50_000)
            received = answer(opened)
        assert received.count(b"HTTP/1.1 200 ") == received.count(b"HTTP/1.1 ") == 101
    assert metric(generous, holds) == before
    assert metric(generous, 'pizarra_refusals_total{bound="max_pipelined_requests"}') == 3


def test_what_is_no_request_is_told_so(bounded: ServerProcess) -> None:
    # more than is read at once
    with connected(bounded, b"\x16\x03\x01\x02 not HTTP\r\n\r\n" + b"x" * 200_000) as opened:
        with contextlib.suppress(OSError):
            opened.sendall(b"x" * 2_000_000)
            opened.shutdown(socket.SHUT_WR)
        received = answer(opened)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"This is no HTTP request." in received
    # In a body it is the request that is refused; after a request that one has its answer.
    with connected(bounded, POST + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n") as opened:
        assert answer(opened).startswith(b"HTTP/1.1 400 ")
    with connected(
        bounded, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + b"nonsense\r\n\r\n"
    ) as opened:
        opened.shutdown(socket.SHUT_WR)
        assert answer(opened).startswith(b"HTTP/1.1 200 ")
    before = bounded.log()
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    with connected(
        bounded,
        b"POST /ws/x HTTP/1.1\r\nHost: x\r\n" + upgrade + b"Sec-WebSocket-Version: 13\r\n\r\n",
    ) as opened:
        assert answer(opened).startswith(b"HTTP/1.1 400 ")
    assert "Traceback" not in bounded.log()[len(before) :]


@pytest.mark.parametrize(
    "third", [b"GET /health HTTP/1.1\r\nX-Long: " + b"a" * 9000, b"nonsense\r\n\r\n"]
)
def test_requests_before_one_that_is_refused_have_their_answers(
    bounded: ServerProcess, third: bytes
) -> None:
    """All were sent at once: the refusal may not come before the answers, nor end what they are written to."""
    before = bounded.log()
    with connected(bounded, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + third) as opened:
        received = answer(opened)
    assert received.count(b"HTTP/1.1 200 ") == received.count(b"HTTP/1.1 ") == 2
    assert "Traceback" not in bounded.log()[len(before) :]


def test_a_body_that_does_not_come_is_not_waited_for(bounded: ServerProcess) -> None:
    with connected(bounded, POST + b"Content-Length: 100\r\n\r\n{") as opened:
        started = time.monotonic()
        received = answer(opened)
        assert received.startswith(b"HTTP/1.1 408 ")
        assert b"The rest of the request did not arrive within 1 s." in received
        assert time.monotonic() - started < 8
    # Neither is one whose request was answered early, nor line ends that begin no request.
    early = b"GET /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    with connected(bounded, early) as opened:
        assert opened.recv(12) == b"HTTP/1.1 404"
        opened.sendall(b"a")
        answer(opened)


def test_who_sends_slowly_takes_no_place_but_their_own(bounded: ServerProcess) -> None:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(bounded, POST)) for _ in range(20)]
        assert httpx2.get(f"{bounded.url}/health").status_code == 200
        for opened in held[:12]:  # the oldest made room
            assert answer(opened) == b""


def test_an_answer_that_nobody_reads_is_dropped(bounded: ServerProcess) -> None:
    session = create(bounded, "x" * 900_000)
    asked = f"GET /api/sessions/{session['session_id']}/files/main.py HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        opened.settimeout(15)
        opened.connect(("127.0.0.1", bounded.port))
        opened.sendall(asked)
        assert opened.recv(1)
        opened.sendall(asked * 7)
        peer = opened.getsockname()[1]
        wait_until(lambda: not is_held(bounded.port, peer), "the end of their patience", seconds=15)
        received = answer(opened)
    assert len(received) < 8 * 900_000


def is_held(port: int, peer: int) -> bool:
    """Tell whether a process still has its side of a connection: one that is let go has no inode."""
    connections = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(
        inode != "0"
        for _, here, there, *_, inode in (each[:10] for each in connections)
        if (int(here.rpartition(":")[2], 16), int(there.rpartition(":")[2], 16)) == (port, peer)
    )


def frame(payload: bytes = b"", *, opcode: int = 2, fin: bool = True) -> bytes:
    """Return one WebSocket frame as a client sends it."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 2**16:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return bytes([fin << 7 | opcode]) + length + b"\0\0\0\0" + payload


@contextlib.contextmanager
def raw_socket(
    server: ServerProcess, session: dict[str, Any] | None = None
) -> Iterator[socket.socket]:
    """Give a WebSocket of a candidate, without a library between."""
    session = session or create(server)
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET /ws/{session['room_id']}?token={join(server, session)} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with connected(server, head.encode()) as opened:
        assert b" 101 " in opened.recv(4096)
        yield opened


def test_fragments_cost_what_they_weigh(bounded: ServerProcess) -> None:
    with raw_socket(bounded) as opened:
        before = processor(bounded)
        with contextlib.suppress(TimeoutError):  # it is read more slowly
            opened.settimeout(1)
            opened.sendall(frame(opcode=2, fin=False) + frame(opcode=0, fin=False) * 60_000)
        assert httpx2.get(f"{bounded.url}/health").status_code == 200
        assert processor(bounded) - before < 1.5
    with raw_socket(bounded) as opened:
        opened.sendall(frame(b"a" * 60_000, fin=False) + frame(b"a" * 60_000, opcode=0, fin=False))
        assert b"the message is too large" in answer(opened)


@pytest.mark.parametrize("opcode", [0, 9], ids=["fragments", "pings"])
def test_frames_that_are_read_at_once_hold_nobody_up(generous: ServerProcess, opcode: int) -> None:
    """What was read for one large frame has room for a million small ones, all of them taken in at one go."""
    holds = 'pizarra_event_loop_holds_total{process="web"}'
    before = metric(generous, holds)
    with raw_socket(generous) as opened:
        opened.sendall(frame(b"a" * 5_000_000, fin=False))
        opened.settimeout(3)
        with contextlib.suppress(TimeoutError):  # it is read more slowly
            opened.sendall(frame(opcode=opcode, fin=opcode != 0) * 2_000_000)
        assert metric(generous, holds) == before


@pytest.mark.parametrize("is_fragment", [True, False], ids=["fragments", "frames"])
def test_messages_that_are_never_whole_take_little_memory(
    generous: ServerProcess, is_fragment: bool
) -> None:
    """Three hundred sockets of one link, with six megabytes of a message each, took three gigabytes for ever."""
    session, size = create(generous), 5_900_000
    begun = frame(b"a" * size, fin=False) if is_fragment else frame(b"a" * (size + 9))[:size]
    before = metric(generous, 'pizarra_refusals_total{bound="max_arriving_bytes_per_room"}')
    with contextlib.ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(raw_socket(generous, session)).sendall(begun)
        wait_until(
            lambda: metric(generous, "pizarra_websocket_connections ") <= 8, "those beyond", 20
        )
        refused = metric(generous, 'pizarra_refusals_total{bound="max_arriving_bytes_per_room"}')
        assert refused - before >= 4
        with raw_socket(generous) as elsewhere:  # another room does not notice
            elsewhere.sendall(frame(b"a" * 1_000_000, fin=False) + frame(b"", opcode=9))
            assert elsewhere.recv(65536)


def test_pings_that_nobody_reads_the_answers_of_take_no_memory(bounded: ServerProcess) -> None:
    with raw_socket(bounded) as opened:
        before = memory(bounded)
        opened.settimeout(1)
        with contextlib.suppress(TimeoutError):
            for _ in range(400):
                opened.sendall(frame(b"p" * 125, opcode=9) * 500)
        assert memory(bounded) - before < 20 * 2**20
        assert httpx2.get(f"{bounded.url}/health").status_code == 200
    with raw_socket(bounded) as opened:
        opened.sendall(frame(b"are you there", opcode=9))
        received = b""
        while b"\x8a\x0dare you there" not in received:
            piece = opened.recv(65536)
            assert piece
            received += piece


def test_who_is_gone_while_they_wait_is_told_nothing(bounded: ServerProcess) -> None:
    """Whoever sends too fast hears now and then that they wait: each who left meanwhile was an error in the log."""
    before = len(bounded.log())
    with raw_socket(bounded) as opened:
        opened.sendall(frame(opcode=9) * 4_000)
        time.sleep(0.3)  # it waits for some seconds
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    time.sleep(1.5)  # a word a second
    assert "Traceback" not in bounded.log()[before:]


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


@pytest.mark.parametrize("connection", [b"close", b"keep-alive"])
def test_a_refusal_arrives_however_much_is_sent(bounded: ServerProcess, connection: bytes) -> None:
    """The connection was closed with bytes unread: whoever was still sending saw a reset in place of the 413."""
    size = 10_000_000
    head = POST + b"Connection: %s\r\nContent-Length: %d\r\n\r\n" % (connection, size)
    with connected(bounded, head) as opened:
        opened.sendall(b"a" * size)
        if connection == b"keep-alive":  # and the next request is answered
            opened.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        received = answer(opened)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert received.count(b"HTTP/1.1 200 ") == (connection == b"keep-alive")


@pytest.mark.parametrize(
    ("body", "bound"),
    [
        (b'"' + b"a" * 3_000_000 + b'"', "max_body_bytes"),
        (b"[" + b"1," * 12_000 + b"1]", "max_json_pieces"),
    ],
)
def test_a_body_that_is_too_much_is_counted(
    bounded: ServerProcess, body: bytes, bound: str
) -> None:
    name = f'pizarra_refusals_total{{bound="{bound}"}}'
    before = metric(bounded, name)
    refused = httpx2.post(
        f"{bounded.url}/api/sessions", content=body, headers={"content-type": "application/json"}
    )
    assert refused.status_code == 413
    assert metric(bounded, name) == before + 1


@pytest.mark.parametrize("connection", [b"close", b"keep-alive"])
def test_what_follows_a_refusal_is_not_read_for_ever(
    bounded: ServerProcess, connection: bytes
) -> None:
    head = POST + b"Connection: %s\r\nContent-Length: 99999999999\r\n\r\n" % connection
    with connected(bounded, head + b"a" * 3_000_000) as opened, pytest.raises(ConnectionError):
        opened.sendall(b"a" * 65_536_000)
    started = time.monotonic()
    with connected(bounded, head + b"a" * 3_000_000) as opened:  # and now nothing more
        assert opened.recv(20).startswith(b"HTTP/1.1 413 ")
        answer(opened)
    assert time.monotonic() - started < 5
