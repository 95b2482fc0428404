"""What a stranger sends over HTTP without end: heads, bodies, requests. Each is bounded, and nobody else notices."""

import contextlib
import socket
import time
from pathlib import Path

import httpx2
import pytest
from tests.harness.ports import wait_until
from tests.harness.raw_sockets import answer, connected
from tests.harness.rooms import create, metric
from tests.harness.server import ServerProcess

POST = b"POST /api/join HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


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
