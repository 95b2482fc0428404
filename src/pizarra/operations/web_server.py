"""uvicorn's server as `serve` runs it: says when it is ready, and lets go of everybody in good time."""

import asyncio
import contextlib
import json
import logging
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from pizarra.answers.codes import Code
from pizarra.cluster.siblings import Siblings
from pizarra.realtime.socket_protocol import SocketProtocol

log = logging.getLogger(__name__)

_PIECE_BYTES, _MOST_PIECES = 64 * 1024, 16  # of a request that is refused unread

_BATCHES = 20
_BATCH = 50  # sockets: so few come back without a crowd


class WebServer(uvicorn.Server):
    """Says when it is ready, and at once when it is told to stop.

    One of several gets connections from their parent, through `siblings`.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        siblings: Siblings,
        on_ready: Callable[[], None],
        on_exit: Callable[[], None],
        drain_seconds: float,
    ) -> None:
        super().__init__(config)
        self._siblings = siblings
        self._on_ready = on_ready
        self._on_exit = on_exit
        self._drain_seconds = drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()
        self._arriving: set[asyncio.Task[Any]] = set()

    @property
    def app(self) -> Any:
        """The application."""
        return self.config.app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop soon; whoever waits for something that will not come is told now."""
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)
            self._loop.call_soon_threadsafe(self._on_exit)

    def stop_soon(self) -> None:
        """Stop, as after a signal."""
        self.should_exit = True
        if self._loop is not None:
            self._told.set()
            self._on_exit()

    async def main_loop(self) -> None:
        """Wait until it is told to stop; uvicorn's own looks ten times a second, for ever."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 10  # of its tenths of a second
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._siblings.on_connection = self._take
            self._siblings.on_refused = refuse
            self._siblings.on_orphaned = self.stop_soon
            self._siblings.start()
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nobody any more, close sockets a few at a time, then let uvicorn wait for the rest."""
        self._siblings.stop()
        for server in self.servers:
            server.close()
        begun = time.monotonic()
        await self._drain()
        if self.config.timeout_graceful_shutdown is not None:
            spent = int(time.monotonic() - begun)
            self.config.timeout_graceful_shutdown = max(
                1, self.config.timeout_graceful_shutdown - spent
            )
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        """Close sockets in batches, spread over a while when there are many: their people come back at that pace."""
        open_ones = [
            each for each in self.server_state.connections if isinstance(each, SocketProtocol)
        ]
        size = max(_BATCH, -(-len(open_ones) // _BATCHES))
        for first in range(0, len(open_ones), size):
            if first:
                await asyncio.sleep(self._drain_seconds / _BATCHES)
            for each in open_ones[first : first + size]:
                each.shutdown()

    def _take(self, descriptor: int) -> None:
        """Serve a connection that the parent took."""
        assert self._loop is not None
        connection = socket.socket(fileno=descriptor)
        connection.setblocking(False)
        task = self._loop.create_task(self._enter(connection))
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    async def _enter(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(self._protocol, connection)
        except OSError as error:
            connection.close()
            log.debug("a connection was gone before it was served: %s", error)

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


def refuse(descriptor: int) -> None:
    """Tell a connection that nobody here has room for it, without a moment's wait, and close it.

    What it sent is thrown away: were it left unread, the kernel would reset the connection, and the answer with it.
    """
    body = json.dumps(
        {
            "type": "about:blank",
            "title": "Unavailable",
            "status": 503,
            "code": Code.UNAVAILABLE,
            "detail": "This server has no room for more connections. Try again in a moment.",
        }
    ).encode()
    head = (
        b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-type: application/problem+json\r\n"
        b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body)
    )
    with socket.socket(fileno=descriptor) as connection, contextlib.suppress(OSError):
        connection.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(_MOST_PIECES):
                if not connection.recv(_PIECE_BYTES):
                    break
        connection.send(head + body)
        connection.shutdown(socket.SHUT_WR)
