"""One participant's socket as the room sees it: who it is, and a bounded queue of what it must still be sent."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from pizarra.collab.close_codes import CloseCode
from pizarra.collab.codec import KEEPALIVE_FRAME, control_frame


class Channel(Protocol):
    """The sending half of a socket."""

    async def send(self, frame: bytes) -> None:
        """Send one binary frame."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close the socket."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who a connection belongs to. `key` is storage's id, `public_id` the one others see."""

    key: int
    public_id: str
    name: str
    role: str
    may_edit: bool


class Connection:
    """A socket in a room. `send` never waits: one writer task empties the outbox."""

    _next_id = 0

    def __init__(self, person: Person, *, wants_control: bool, max_outbox_bytes: int) -> None:
        Connection._next_id += 1
        self.id = Connection._next_id
        self.person = person
        self.wants_control = wants_control
        self.closing: tuple[CloseCode, str] | None = None
        self.abandoned = asyncio.Event()  # overflowed: its writer may be stuck and will not notice `closing`
        self.last_sent_at = 0.0
        self._max_outbox_bytes = max_outbox_bytes
        self._frames: deque[tuple[bytes, bool]] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()

    def send(self, frame: bytes, *, droppable: bool = False) -> None:
        """Queue a frame. Overflow drops presence first, then closes the socket; its client resyncs."""
        if self.closing is not None:
            return
        if self._bytes + len(frame) > self._max_outbox_bytes:
            if droppable:
                return
            self._drop_presence()
            if self._bytes + len(frame) > self._max_outbox_bytes:
                self._frames.clear()
                self._bytes = 0
                self.close(CloseCode.TRY_AGAIN, "too slow: reconnect to continue")
                self.abandoned.set()
                return
        self._frames.append((frame, droppable))
        self._bytes += len(frame)
        self._wake.set()

    def send_control(self, json: bytes) -> None:
        """Queue a control message, if the client asked for the pizarra.v1 subprotocol."""
        if self.wants_control:
            self.send(control_frame(json))

    def close(self, code: CloseCode, reason: str) -> None:
        """Close once what is queued has been sent."""
        if self.closing is None:
            self.closing = (code, reason)
            self._wake.set()

    def keep_alive(self, now: float, interval: float) -> None:
        """Queue an empty presence message if nothing was sent for `interval` seconds."""
        if now - self.last_sent_at >= interval and not self._frames:
            self.send(KEEPALIVE_FRAME, droppable=True)

    async def pump(self, channel: Channel) -> None:
        """Send what is queued, in order, until the connection closes; the only writer of its socket."""
        loop = asyncio.get_running_loop()
        self.last_sent_at = loop.time()
        while True:
            while self._frames:
                frame, _ = self._frames.popleft()
                self._bytes -= len(frame)
                await channel.send(frame)
                self.last_sent_at = loop.time()
            if self.closing is not None:
                code, reason = self.closing
                await channel.close(code, reason)
                return
            self._wake.clear()
            await self._wake.wait()

    def _drop_presence(self) -> None:
        kept = deque(item for item in self._frames if not item[1])
        self._frames = kept
        self._bytes = sum(len(frame) for frame, _ in kept)
