"""A socket over plain ASGI, for servers that were not started by `pizarra serve`: uvicorn by hand, a `TestClient`.

It has what `direct_socket.Socket` has for the application, at the price of two tasks and a copy for each message.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from starlette.websockets import WebSocket, WebSocketDisconnect

from pizarra.collab.wire.close_codes import CloseCode

OnFrame = Callable[[bytes | None], None]

_HIGH_WATER_BYTES = 64 * 1024


class PlainSocket:
    """One WebSocket. `serve` carries its messages until either side has said goodbye."""

    def __init__(self, socket: WebSocket, max_frame_bytes: int) -> None:
        self.on_writable: Callable[[bool], None] = _ignore
        self.on_pong: Callable[[], None] | None = None
        self.on_trifle: Callable[[], None] | None = None
        # never told: a server's library keeps to its own bounds
        self.on_kept: Callable[[int], None] | None = None
        self.said_goodbye = False
        self._socket = socket
        self._max_frame_bytes = max_frame_bytes
        self._on_frame: OnFrame | None = None
        self._on_close: Callable[[], None] | None = None
        self._outbox: deque[bytes] = deque()
        self._buffered = 0
        self._is_full = False
        self._goodbye: tuple[int, str] | None = None
        self._waiting = asyncio.Event()  # something is to be sent, or it is over
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._serving: asyncio.Task[None] | None = None

    def listen(self, on_frame: OnFrame, on_close: Callable[[], None]) -> None:
        """Pass every message to `on_frame`, as bytes; a text message as None. `on_close` ends it, once."""
        self._on_frame, self._on_close = on_frame, on_close

    def write(self, frames: bytes) -> None:
        """Send the messages of encoded WebSocket frames."""
        if self.said_goodbye:
            return
        for message in _messages(frames):
            self._outbox.append(message)
            self._buffered += len(message)
        self._waiting.set()
        if self._buffered > _HIGH_WATER_BYTES and not self._is_full:
            self._is_full = True
            self.on_writable(False)

    def buffered(self) -> int:
        """Return the bytes that wait to be sent."""
        return self._buffered

    def ping(self) -> None:
        """The server pings by itself, and ends a connection that does not answer."""
        if self.on_pong is not None:
            self.on_pong()

    def pause_reading(self) -> None:
        """Take nothing more for now."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        """Read on."""
        self._may_read.set()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye after what was written."""
        if not self.said_goodbye:
            self.said_goodbye, self._goodbye = True, (code, reason)
            self._waiting.set()

    def abort(self) -> None:
        """Drop what waits, and the socket."""
        self._outbox.clear()
        self.close(1011, "")

    async def serve(self) -> None:
        """Carry messages until it is over."""
        reading = asyncio.create_task(self._read())
        try:
            await self._send()
        finally:
            reading.cancel()
            if self._on_close is not None:
                self._on_close()
                # Who listened keeps this socket, and would keep their room.
                self._on_frame = self._on_close = self.on_pong = self.on_trifle = self.on_kept = (
                    None
                )
                self.on_writable = _ignore

    async def _read(self) -> None:
        try:
            while True:
                await self._may_read.wait()
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                data = message.get("bytes")
                if data is not None and len(data) > self._max_frame_bytes:
                    self.close(CloseCode.TOO_LARGE, "the message is too large")
                elif self._on_frame is not None and not self.said_goodbye:
                    self._on_frame(data)
        finally:
            self.said_goodbye = True
            self._waiting.set()

    async def _send(self) -> None:
        try:
            while self._outbox or not self.said_goodbye:
                await self._waiting.wait()
                self._waiting.clear()
                while self._outbox:
                    message = self._outbox.popleft()
                    await self._socket.send_bytes(message)
                    self._buffered -= len(message)
                if self._is_full:
                    self._is_full = False
                    self.on_writable(True)
            if self._goodbye is not None:
                await self._socket.close(*self._goodbye)
        except (WebSocketDisconnect, RuntimeError):  # the other side was faster
            self.said_goodbye = True


def _messages(frames: bytes) -> Iterator[bytes]:
    """Take encoded frames apart: whole, unmasked messages, as this server makes them."""
    at = 0
    while at < len(frames):
        size, at = frames[at + 1], at + 2
        if size > 125:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(frames[at : at + width], "big"), at + width
        yield frames[at : at + size]
        at += size


def _ignore(_writable: bool) -> None:
    pass
