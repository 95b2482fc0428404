"""Connections without a library between: what a stranger sends who keeps to no protocol."""

import base64
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.harness.rooms import create, join
from tests.harness.server import ServerProcess


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


def processor(server: ServerProcess) -> float:
    """Return the server's processor seconds."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
