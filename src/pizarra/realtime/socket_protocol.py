"""uvicorn's WebSocket protocol on picows, with a direct road to the socket that the collaboration core sends on.

The road is an ASGI extension, `pizarra.socket`: frames reach a callback instead of a queue that a task empties, and
what is encoded once is written to any number of sockets without passing an ASGI message, a middleware or a task each.
Accepting and refusing are plain ASGI. Once the application listens it may return: the socket lives on without a task.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from picows import (
    WSAutoPingStrategy,
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]
from uvicorn.config import Config
from uvicorn.server import ServerState

from pizarra.collab.wire.close_codes import CloseCode
from pizarra.kit.watchdog import Callbacks

EXTENSION = "pizarra.socket"
CLOSE_SECONDS = 5.0
_READ_BUFFER_BYTES = 2048
# What is read is taken in whole, and all of it may be frames of six bytes: then the others have their turn.
_READ_AT_ONCE = 8 * 1024
_HIGH_WATER_BYTES = 64 * 1024
_KEPT_STEP = 256 * 1024  # of what a socket keeps, from one word about it to the next
_PROTOCOL_ERROR, _INTERNAL_ERROR, _SERVICE_RESTART = 1002, 1011, 1012

# an adapter: picows would derive one per socket
_log = logging.LoggerAdapter(logging.getLogger("pizarra.picows"))
_log.logger.setLevel(logging.WARNING)  # it notes every connection

_BINARY = WSMsgType.BINARY

Message = MutableMapping[str, Any]
OnFrame = Callable[[bytes | None], None]


class _NoHandshake(Exception):
    """What asked for a WebSocket was no request for one: a POST, for instance."""


class Socket(WSListener):
    """One WebSocket: what `pizarra.socket` gives to the application."""

    def __init__(self, transport: WSTransport, max_frame_bytes: int) -> None:
        self.on_writable: Callable[[bool], None] = _ignore
        self.on_pong: Callable[[], None] | None = None
        # a fragment, a ping or a pong: work without a message
        self.on_trifle: Callable[[], None] | None = None
        # told the bytes that it keeps, when they are many
        self.on_kept: Callable[[int], None] | None = None
        self._buffer = self._told_kept = 0
        self._on_close: Callable[[], None] | None = None
        self._is_closed = False
        self._websocket = transport
        self._transport: asyncio.Transport = transport.underlying_transport
        self._transport.set_write_buffer_limits(_HIGH_WATER_BYTES)
        self._max_frame_bytes = max_frame_bytes
        self._on_frame: OnFrame | None = None
        self._early: deque[bytes | None] = deque()
        self._message: bytearray | None = None  # of fragments so far
        self._text = False
        self.said_goodbye = False  # this side or the other, in a close frame
        self._paused = False  # by the application
        self._rests = False

    # For the application

    @property
    def is_taken(self) -> bool:
        """Whether the application listens, or has said goodbye."""
        return self._on_frame is not None or self.said_goodbye

    def listen(self, on_frame: OnFrame, on_close: Callable[[], None]) -> None:
        """Pass every message to `on_frame` from now on, as bytes; a text message as None. `on_close` ends it, once."""
        if self._is_closed:
            on_close()
            self._let_go()
            return
        self._on_frame, self._on_close = on_frame, on_close
        while self._early:
            on_frame(self._early.popleft())
        self.resume_reading()

    def write(self, frames: bytes) -> None:
        """Send encoded WebSocket frames; the transport keeps what the peer does not take at once."""
        if not self.said_goodbye:
            self._transport.write(frames)

    def buffered(self) -> int:
        """Return the bytes that wait to be sent."""
        return self._transport.get_write_buffer_size()

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._websocket.send_ping()

    def pause_reading(self) -> None:
        """Let the peer wait: it can send no more than what the kernel buffers."""
        self._paused = True
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._paused = False
        if not self._rests and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye after what was written, and drop the socket when the peer has answered or time is up."""
        if self.said_goodbye or self._transport.is_closing():
            return
        self.said_goodbye = True
        self._websocket.send_close(code, _short(reason))  # type: ignore[arg-type]
        self.resume_reading()
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        """Drop the socket and what waits in it."""
        self._transport.abort()

    # From the protocol, and picows

    def rest(self) -> None:
        """Read on in the loop's next round: who sends without end has no more turns than others."""
        if self._rests or self._transport.is_closing():
            return
        self._rests = True
        self._transport.pause_reading()
        asyncio.get_running_loop().call_soon(self._has_rested)

    def _has_rested(self) -> None:
        self._rests = False
        if not self._paused:
            self.resume_reading()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Assemble messages and pass them on."""
        kind = frame.msg_type
        if kind is _BINARY and frame.fin and self._message is None and self._on_frame is not None:
            if not self.said_goodbye:
                self._on_frame(frame.get_payload_as_bytes())
        elif kind is WSMsgType.CLOSE:
            self.said_goodbye = True
            if not transport.is_close_frame_sent:
                code = frame.get_close_code()
                transport.send_close(WSCloseCode.OK if code == WSCloseCode.NO_INFO else code)
            transport.disconnect()
        elif kind is WSMsgType.PONG:
            self._count_trifle()
            if self.on_pong is not None:
                self.on_pong()
        elif kind is WSMsgType.PING:
            self._count_trifle()
            # A peer that does not read is owed no answer to each: they would pile up here.
            if (
                not self.said_goodbye
                and self._transport.get_write_buffer_size() <= _HIGH_WATER_BYTES
            ):
                transport.send_pong(frame.get_payload_as_bytes())
        elif kind in (WSMsgType.BINARY, WSMsgType.TEXT, WSMsgType.CONTINUATION):
            self._assemble(kind, frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Tell who listens."""
        self._is_closed = True
        if self._on_close is not None:
            self._on_close()
            self._let_go()
        self.said_goodbye = True  # a timer may have something to say still: nobody hears it

    def _let_go(self) -> None:
        """Keep nothing of who listened: they keep this socket, and would keep their room."""
        self._on_frame = self._on_close = self.on_pong = self.on_trifle = self.on_kept = None
        self.on_writable = _ignore

    def pause_writing(self) -> None:
        """The peer takes less than it is sent."""
        self.on_writable(False)

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self.on_writable(True)

    def _pass_on(self, message: bytes | None) -> None:
        if self.said_goodbye:
            return
        if self._on_frame is None:
            self._early.append(message)
        else:
            self._on_frame(message)

    def note_buffer(self, size: int) -> None:
        """Take note that what is read is read into a buffer of so many bytes."""
        if size > self._buffer:
            self._buffer = size
            self._note_kept()

    def _note_kept(self) -> None:
        kept = self._buffer + len(self._message or b"")
        if abs(kept - self._told_kept) >= _KEPT_STEP and self.on_kept is not None:
            self._told_kept = kept
            self.on_kept(kept)

    def _count_trifle(self) -> None:
        if self.on_trifle is not None:
            self.on_trifle()

    def _assemble(self, kind: WSMsgType, frame: WSFrame) -> None:
        if (kind is WSMsgType.CONTINUATION) != (self._message is not None):
            self.close(_PROTOCOL_ERROR, "fragments out of order")
            return
        if self._message is None:
            self._message, self._text = bytearray(), kind is WSMsgType.TEXT
        self._count_trifle()
        self._message += frame.get_payload_as_memoryview()
        if len(self._message) > self._max_frame_bytes:
            self._message.clear()
            self.close(CloseCode.TOO_LARGE, "the message is too large")
        elif frame.fin:
            message, self._message = bytes(self._message), None
            self._note_kept()
            self._pass_on(None if self._text else message)
        else:
            self._note_kept()


class SocketProtocol(WSProtocol):  # type: ignore[misc]
    """Implements uvicorn's WebSocket protocol class: it gets the request's head, then the transport."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: object = None,
    ) -> None:
        super().__init__(
            host_port=None,
            ws_path=None,
            is_client_side=False,
            ws_listener_factory=self._accept,
            logger=_log,
            disconnect_on_exception=True,
            websocket_handshake_timeout=None,
            enable_auto_ping=False,
            auto_ping_idle_timeout=0,
            auto_ping_reply_timeout=0,
            auto_ping_strategy=WSAutoPingStrategy.PING_WHEN_IDLE,
            enable_auto_pong=False,
            max_frame_size=config.ws_max_size,
            extra_headers=None,
            read_buffer_init_size=_READ_BUFFER_BYTES,
        )
        self._config = config
        self._state = server_state
        self._app_state = app_state
        self._raw: asyncio.Transport
        self._head = b""
        self._response: WSUpgradeResponse | None = None
        self._socket: Socket | None = None
        self._greeted = False
        self._room = 0  # in picows' buffer, before the last read

    # From uvicorn

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Take the connection over."""
        self._raw = transport
        self._state.connections.add(self)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Take the request's head, which uvicorn has read; everything after it goes through picows' own buffer."""
        self._head = data
        task = asyncio.get_running_loop().create_task(self._run())
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def get_buffer(self, size_hint: int) -> memoryview:
        """Give room for what is read next: picows' buffer grows with what arrives, and all of it is read at once."""
        Callbacks.begun += 1
        room: memoryview = super().get_buffer(size_hint)
        self._room = len(room)
        return room[:_READ_AT_ONCE]

    def buffer_updated(self, nbytes: int) -> None:
        """Take in what was read; of who has more, the loop would read on at once."""
        super().buffer_updated(nbytes)
        if self._room > _KEPT_STEP and self._socket is not None:
            # It doubles whenever it is nearly full: what is free then is half of it. And not when it is asked for
            # room: whoever closes the socket there, or stops reading, has libuv call what is gone.
            self._socket.note_buffer(2 * self._room)
        if nbytes == _READ_AT_ONCE and self._socket is not None:
            self._socket.rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the connection go."""
        self._state.connections.discard(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Send the client away to reconnect: the server is stopping."""
        if self._socket is None:
            self._raw.close()
        else:
            self._socket.close(_SERVICE_RESTART, "the server is restarting")

    # ASGI

    async def _run(self) -> None:
        try:
            await self._config.loaded_app(self._scope(), self._receive, self._send)
        except _NoHandshake:
            pass  # picows has told them
        except Exception:
            logging.getLogger("pizarra.socket").exception("a socket failed")
            if self._socket is not None:
                self._socket.close(_INTERNAL_ERROR, "internal error")
        finally:
            if self._socket is None or not self._socket.is_taken:
                self._raw.close()
            self._response = None

    def _scope(self) -> Message:
        start, *lines = self._head.split(b"\r\n")
        _, target, _ = start.split(b" ", 2)
        raw_path, _, query = target.partition(b"?")
        headers = [
            (name.lower(), value.strip())
            for name, _, value in (line.partition(b":") for line in lines if line)
        ]
        offered = b",".join(
            value for name, value in headers if name == b"sec-websocket-protocol"
        ).decode("latin-1")
        return {
            "type": "websocket",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws" if self._raw.get_extra_info("sslcontext") is None else "wss",
            "server": (self._raw.get_extra_info("sockname") or (None,))[:2],
            "client": (self._raw.get_extra_info("peername") or (None,))[:2],
            "root_path": "",
            "path": unquote(raw_path.decode("ascii", "replace")),
            "raw_path": raw_path,
            "query_string": query,
            "headers": headers,
            "subprotocols": [name.strip() for name in offered.split(",") if name.strip()],
            "state": self._app_state.copy(),
            "extensions": {EXTENSION: self._get_socket},
        }

    def _get_socket(self) -> Socket:
        assert self._socket is not None, "accept first"
        return self._socket

    async def _receive(self) -> Message:
        if not self._greeted:
            self._greeted = True
            return {"type": "websocket.connect"}
        raise RuntimeError(f"frames do not pass here: use the {EXTENSION} extension")

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self._response = WSUpgradeResponse.create_101_response()
            if message.get("subprotocol"):
                self._response.headers["Sec-WebSocket-Protocol"] = message["subprotocol"]
            self._feed(self._head)
            self._head = b""
            if self._socket is None:
                raise _NoHandshake
        elif kind == "websocket.close":
            if self._socket is None:
                self._raw.write(
                    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                self._raw.close()
            else:
                self._socket.close(message.get("code", 1000), message.get("reason") or "")
        else:
            raise RuntimeError(f"{kind} does not pass here: use the {EXTENSION} extension")

    def _feed(self, data: bytes) -> None:
        while data:
            room = self.get_buffer(-1)
            size = min(len(room), len(data))
            room[:size] = data[:size]
            self.buffer_updated(size)
            data = data[size:]

    def _accept(self, _request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        # Nothing is read until the application listens: a stranger cannot make us keep its frames.
        self._socket = Socket(self.transport, self._config.ws_max_size)
        self._socket.pause_reading()
        assert self._response is not None
        return WSUpgradeResponseWithListener(self._response, self._socket)


def _ignore(_writable: bool) -> None:
    pass


def _short(reason: str) -> bytes:
    """Return a reason that fits a close frame: 123 bytes of UTF-8."""
    return reason.encode()[:123].decode(errors="ignore").encode()
