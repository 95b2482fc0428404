"""One WebSocket as the collaboration core has it: frames reach a callback, and what is encoded once is written to many.

The other way to a socket, through a server that has no such extension, is `plain_socket.py`.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from pizarra.collab.wire.close_codes import CloseCode

CLOSE_SECONDS = 5.0
KEPT_STEP = 256 * 1024  # of what a socket keeps, from one word about it to the next
_HIGH_WATER_BYTES = 64 * 1024
_PROTOCOL_ERROR = 1002
_BINARY = WSMsgType.BINARY

OnFrame = Callable[[bytes | None], None]


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
        while self._early and not self.said_goodbye:
            on_frame(self._early.popleft())
        self._early.clear()
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
        if abs(kept - self._told_kept) >= KEPT_STEP and self.on_kept is not None:
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


def _ignore(_writable: bool) -> None:
    pass


def _short(reason: str) -> bytes:
    """Return a reason that fits a close frame: 123 bytes of UTF-8."""
    return reason.encode()[:123].decode(errors="ignore").encode()
