"""A worker's end of one connection to one web process: messages in, messages out, and a sign of life now and then."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

import picows
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from pizarra.kit.watchdog import Callbacks
from pizarra.sandbox.remote.addresses import Address, Server
from pizarra.sandbox.remote.believed import MAX_WORKER_MESSAGE_BYTES, SMALL_BYTES, bounded
from pizarra.sandbox.remote.greeting import Greeting
from pizarra.sandbox.runner.protocol import (
    MAX_MESSAGE_BYTES,
    Assisted,
    Event,
    Formatted,
    Prepared,
    ProgramEnded,
    RunChecked,
)

_DEAD_SECONDS = 5.0
_HANDSHAKE_SECONDS = 5.0
_GOODBYE_SECONDS = 2.0
_FINAL_CODES = range(4400, 4500)

_log = logging.LoggerAdapter(logging.getLogger("pizarra.picows"))
_log.logger.setLevel(logging.WARNING)  # it notes every connection


class Refused(ConnectionError):
    """A web process does not want this worker; the message says why. What is `final` stays so."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Connection(WSListener):
    """One connection. `on_message` gets each message; `closed` is done once it is over, with how it was closed."""

    def __init__(self) -> None:
        self.on_message: Callable[[bytes], None] = lambda message: None
        self.closed: asyncio.Future[Refused | None] = asyncio.get_running_loop().create_future()
        self._transport: WSTransport | None = None
        self._parts: bytearray | None = None
        self._goodbye: Refused | None = None

    def send(self, message: Event | Greeting) -> None:
        """Send a message; nothing once it is over."""
        transport = self._transport
        if transport is not None and not transport.is_close_frame_sent and not self.closed.done():
            transport.send(WSMsgType.BINARY, said(message))

    async def close(self) -> None:
        """Say goodbye after what was sent, and wait a while until the other side has."""
        if self._transport is None or self.closed.done():
            return
        if not self._transport.is_close_frame_sent:
            self._transport.send_close(WSCloseCode.GOING_AWAY, b"the worker ends")
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await asyncio.shield(self.closed)
        except TimeoutError:
            self._transport.disconnect()

    # From picows

    def on_ws_connected(self, transport: WSTransport) -> None:
        """It is open."""
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Put messages together and pass them on."""
        Callbacks.begun += 1
        kind = frame.msg_type
        if kind is WSMsgType.CLOSE:
            self._goodbye = _refusal(int(frame.get_close_code().value), frame)
            if not transport.is_close_frame_sent:
                transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif kind is WSMsgType.BINARY and frame.fin:
            self.on_message(frame.get_payload_as_bytes())
        elif kind in (WSMsgType.BINARY, WSMsgType.CONTINUATION):
            self._parts = self._parts if self._parts is not None else bytearray()
            self._parts += frame.get_payload_as_memoryview()
            if len(self._parts) > MAX_MESSAGE_BYTES:
                transport.disconnect()
            elif frame.fin:
                whole, self._parts = bytes(self._parts), None
                self.on_message(whole)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """It is over."""
        if not self.closed.done():
            self.closed.set_result(self._goodbye)


def said(message: Event | Greeting) -> bytes:
    """Return a message as it is sent: one that is longer than is believed says less, or why there is nothing."""
    data = message.model_dump_json().encode()
    if len(data) <= SMALL_BYTES or isinstance(message, Greeting):
        return data
    kept = bounded(message)
    if kept is not message:
        message, data = kept, kept.model_dump_json().encode()
    if len(data) <= MAX_WORKER_MESSAGE_BYTES:
        return data
    match message:
        case Formatted(format_id=number):
            message = Formatted(
                format_id=number, text=None, problem="The text would become too long."
            )
        case Assisted(assist_id=number):
            message = Assisted(assist_id=number, problem="There is too much to say of it.")
        case ProgramEnded() | RunChecked() | Prepared():
            half = message.diagnostics[: len(message.diagnostics) // 2]
            return said(message.model_copy(update={"diagnostics": half}))
    return message.model_dump_json().encode()


def _refusal(code: int, frame: WSFrame) -> Refused:
    reason = frame.get_close_message() or b""
    told = reason.decode(errors="replace") or f"closed with {code}"
    return Refused(told, final=code in _FINAL_CODES)


async def connect(
    server: Server, address: Address, path: str, token: str, tls: ssl.SSLContext | None
) -> Connection:
    """Open a connection to one address of a server.

    Raises:
        OSError: nobody is there, or nobody whose certificate is good.
    """

    async def dial(_url: object) -> socket.socket:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        dialled = socket.socket(family, socket.SOCK_STREAM)
        try:
            dialled.setblocking(False)
            dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            dialled.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(_DEAD_SECONDS * 1000)
            )
            async with asyncio.timeout(_HANDSHAKE_SECONDS):
                await asyncio.get_running_loop().sock_connect(dialled, address)
        except BaseException:
            dialled.close()
            raise
        return dialled

    try:
        _, connection = await picows.ws_connect(
            Connection,
            server.url(path),
            ssl_context=tls if server.is_secure else None,
            websocket_handshake_timeout=_HANDSHAKE_SECONDS,
            logger_name=_log,
            enable_auto_ping=True,
            auto_ping_idle_timeout=_DEAD_SECONDS / 2,
            auto_ping_reply_timeout=_DEAD_SECONDS / 2,
            max_frame_size=MAX_MESSAGE_BYTES,
            max_redirects=0,
            extra_headers={"Authorization": f"Bearer {token}"},
            socket_factory=dial,
        )
    except (picows.WSError, TimeoutError) as error:
        raise ConnectionError(
            f"no Pizarra answers there ({str(error) or 'it takes too long'})"
        ) from error
    if not isinstance(
        connection, Connection
    ):  # it was cut before it was open: picows tells by giving none
        raise ConnectionError("it hung up")
    return connection
