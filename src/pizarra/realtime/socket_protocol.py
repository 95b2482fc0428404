"""uvicorn's WebSocket protocol on picows, with a direct road to the socket that the collaboration core sends on.

The road is an ASGI extension, `pizarra.socket`: frames reach a callback instead of a queue that a task empties, and
what is encoded once is written to any number of sockets without passing an ASGI message, a middleware or a task each.
Accepting and refusing are plain ASGI. Once the application listens it may return: the socket lives on without a task.
"""

import asyncio
import logging
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

from picows import (
    WSAutoPingStrategy,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
)
from picows.picows import WSProtocol  # type: ignore[attr-defined]
from uvicorn.config import Config
from uvicorn.server import ServerState

from pizarra.kit.watchdog import Callbacks
from pizarra.realtime.direct_socket import KEPT_STEP, Socket

EXTENSION = "pizarra.socket"
_READ_BUFFER_BYTES = 2048
# What is read is taken in whole, and all of it may be frames of six bytes: then the others have their turn.
_READ_AT_ONCE = 8 * 1024
_INTERNAL_ERROR, _SERVICE_RESTART = 1011, 1012

# How picows begins what it says of a frame that breaks the protocol.
_OF_FRAMES = ("WS parser error", "on_ws_frame raised WSProtocolError")


class _Log(logging.LoggerAdapter[logging.Logger]):
    """Of what picows calls an error, frames that break the protocol are none: strangers would fill the alerts.

    An adapter, because picows would derive one logger per socket.
    """

    def error(self, msg: object, *args: object, **more: Any) -> None:
        level = logging.DEBUG if str(msg).startswith(_OF_FRAMES) else logging.ERROR
        self.log(level, msg, *args, **more)


_log = _Log(logging.getLogger("pizarra.picows"))
_log.logger.setLevel(logging.WARNING)  # it notes every connection

Message = MutableMapping[str, Any]


class _NoHandshake(Exception):
    """What asked for a WebSocket was no request for one: a POST, for instance."""


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
        if self._room > KEPT_STEP and self._socket is not None:
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
