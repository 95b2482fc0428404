"""An answer that leaves in one piece is the one that uvicorn sends in two, and what uvicorn refuses is refused."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from pizarra.config import Settings
from pizarra.http.protocol import http_protocol

Message = Mapping[str, Any]


def start(status: int, *headers: tuple[bytes, bytes]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(part: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": part, "more_body": more}


def length(number: int) -> tuple[bytes, bytes]:
    return b"content-length", b"%d" % number


ANSWERS: dict[str, Sequence[Message]] = {
    "whole": [start(200, length(2), (b"x", "é\t".encode())), body(b"ab")],
    "empty": [start(200, length(0)), body(b"")],
    "nothing allowed": [start(204), body(b"")],
    "no length": [start(200, (b"x", b"y")), body(b"ab")],
    "in parts": [start(200, length(4)), body(b"ab", more=True), body(b"cd")],
    "chunks": [start(200), body(b"ab", more=True), body(b"cd")],
    "the last time": [start(200, length(2), (b"connection", b"close")), body(b"ab")],
    "two of a name": [
        start(200, length(2), (b"set-cookie", b"a"), (b"set-cookie", b"b")),
        body(b"ab"),
    ],
    "too long": [start(200, length(1)), body(b"ab")],
    "too short": [start(200, length(3)), body(b"ab")],
    "another line": [start(200, length(2), (b"x", b"y\r\nset-cookie: z")), body(b"ab")],
    "half a line": [start(200, length(2), (b"x", b"y\nz")), body(b"ab")],
    "NUL": [start(200, length(2), (b"x", b"\0")), body(b"ab")],
    "a bell": [start(200, length(2), (b"x", b"\x07")), body(b"ab")],
    "a body alone": [body(b"ab")],
    "a body too much": [start(200, length(2)), body(b"ab"), body(b"")],
}
REQUESTS = {
    "asked": b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
    "head": b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n",
    "old": b"GET / HTTP/1.0\r\n\r\n",
    "last": b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "two at once": b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" * 2,
}


def saying(messages: Sequence[Message]) -> ASGIApp:
    """Return an application that sends this and nothing else."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(dict(message))

    return app


async def said(app: ASGIApp, protocol: type[HttpToolsProtocol], request: bytes) -> bytes:
    """Return what a server writes, until it has nothing to say for a while or closes."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, log_level="critical")
    loop, state = asyncio.get_running_loop(), ServerState()
    server = await loop.create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(request)
    told = b""
    try:
        while part := await asyncio.wait_for(reader.read(65536), 0.2):
            told += part
        told += b"<end>"
    except TimeoutError:
        pass
    except ConnectionError:
        told += b"<reset>"
    writer.close()
    server.close()
    await asyncio.gather(*state.tasks, return_exceptions=True)
    return told


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
async def test_it_is_what_uvicorn_sends(request_: bytes) -> None:
    ours = http_protocol(Settings(), lambda _bound: None)

    async def both(messages: Sequence[Message]) -> tuple[bytes, bytes]:
        app = saying(messages)
        one, other = await asyncio.gather(
            said(app, ours, request_), said(app, HttpToolsProtocol, request_)
        )
        return one, other

    for name, (one, other) in zip(
        ANSWERS, await asyncio.gather(*map(both, ANSWERS.values())), strict=True
    ):
        assert one == other, name


async def test_who_begins_and_says_no_more_is_answered_for() -> None:
    """Nothing of such an answer has left: so it can be said that something broke."""
    ours = http_protocol(Settings(), lambda _bound: None)
    told = await said(saying([start(200, length(2))]), ours, REQUESTS["asked"])
    assert told.startswith(b"HTTP/1.1 500 ")
    assert told.endswith(b"Internal Server Error<end>")
