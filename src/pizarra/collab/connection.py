"""One participant's socket as the room sees it: who it is, what it may still be sent, how fast it may speak."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pizarra.collab.limits import ConnectionLimits
from pizarra.collab.token_bucket import TokenBucket
from pizarra.collab.wire.close_codes import CloseCode, Closing
from pizarra.collab.wire.codec import KEEPALIVE_FRAME, control_frame, websocket_frame

_KEEPALIVE = websocket_frame(KEEPALIVE_FRAME)


class Channel(Protocol):
    """The socket. Its writer is the transport: bytes go out in the order of `write`, without a task."""

    def write(self, frames: bytes) -> None:
        """Send encoded WebSocket frames; what the peer does not take at once is kept."""
        ...

    def buffered(self) -> int:
        """Return the bytes that wait to be sent: the outbox."""
        ...

    def pause_reading(self) -> None:
        """Take nothing more from the peer for now."""
        ...

    def resume_reading(self) -> None:
        """Read on."""
        ...

    def ping(self) -> None:
        """Ask for a sign of life."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say goodbye after what was written."""
        ...

    def abort(self) -> None:
        """Drop the socket and what waits in it."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """Who a connection belongs to. `key` is storage's id, `public_id` the one others see.

    `named` tells whether they gave their name when they came in: then nobody else's word for it counts.
    """

    key: int
    public_id: str
    name: str
    role: str
    may_edit: bool
    named: bool = True

    @property
    def hosts(self) -> bool:
        """Whether they look after the session."""
        return self.role in ("host", "interviewer")


_LATELY_SECONDS = 6.0  # a page says something every two, and `keep_alive` looks every five
# Whoever is not read gets no answers either, and takes a network that says nothing for two seconds for broken.
_SAID_EVERY_SECONDS = 1.0
_COUNTED_BYTES = 4 * 1024  # of a presence or control message cost as much as another message


class Connection:
    """A socket in a room. Nothing here waits: what cannot be sent is bounded, dropped if it is presence, or the end."""

    __slots__ = (
        "_asked",
        "_heard_at",
        "_limits",
        "_loop",
        "_pauses",
        "_presence_rate",
        "_probed_at",
        "_says_something",
        "_spoke_at",
        "_sync_rate",
        "_update_rate",
        "_waits_until",
        "_write",
        "channel",
        "clients",
        "closing",
        "dropped",
        "heard",
        "id",
        "misses_presence",
        "on_catch_up",
        "person",
        "slow",
        "spoke",
        "wants_control",
    )

    _next_id = 0

    def __init__(
        self, person: Person, channel: Channel, limits: ConnectionLimits, *, wants_control: bool
    ) -> None:
        Connection._next_id += 1
        self.id = Connection._next_id
        self.person = person
        self.channel = channel
        self._write = channel.write
        self.wants_control = wants_control
        self.closing: Closing | None = None  # why, as soon as it is
        self.dropped: str | None = None  # why it was given up without a goodbye
        self.clients: set[int] = set()  # the client ids it speaks for
        # the peer takes less than it is sent: presence waits until it has caught up
        self.slow = False
        self.misses_presence = False
        self.on_catch_up: Callable[[Connection], None] | None = None
        self._loop = asyncio.get_running_loop()
        # since `keep_alive` last looked: no clock is read for every frame
        self.spoke = self.heard = True
        self._spoke_at = self._heard_at = self._loop.time()
        self._probed_at: float | None = None
        self._limits = limits
        self._pauses = 0
        self._waits_until = 0.0
        self._says_something = False
        self._asked = False  # for an acknowledgement, and sent nothing since
        self._update_rate = TokenBucket(limits.updates_per_second, self._loop.time)
        self._presence_rate = TokenBucket(limits.presence_per_second, self._loop.time)
        self._sync_rate = TokenBucket(limits.syncs_per_second, self._loop.time)

    # Sending

    def send(self, message: bytes) -> None:
        """Send one message."""
        self.write(websocket_frame(message))

    def write(self, frames: bytes) -> None:
        """Send encoded frames. A peer that leaves too many unread is dropped; its client resyncs."""
        if self.closing is not None or (self.slow and self._overflows(frames)):
            return
        self._write(frames)
        self.spoke = True

    def _overflows(self, frames: bytes) -> bool:
        if self.channel.buffered() + len(frames) <= self._limits.outbox_bytes:
            return False
        reason = "too slow: reconnect to continue"
        self.closing = Closing(CloseCode.TRY_AGAIN, reason, "max_outbox_bytes")
        self.dropped = "slow"
        self.channel.abort()  # a goodbye would wait behind everything the peer does not read
        return True

    def send_control(self, json: bytes) -> None:
        """Send a control message, if the client asked for the pizarra.v1 subprotocol."""
        if self.wants_control:
            self.send(control_frame(json))

    def set_writable(self, writable: bool) -> None:
        """Take note that the peer stopped taking, or has caught up with, what it is sent."""
        self.slow = not writable
        if writable and self.misses_presence and self.on_catch_up is not None:
            self.misses_presence = False
            self.on_catch_up(self)

    def close(self, code: CloseCode, reason: str, bound: str | None = None) -> None:
        """Close once what is queued has been sent; `bound` names the setting that wants it."""
        if self.closing is None:
            self.closing = Closing(code, reason, bound)
            self.channel.close(code, reason)

    @property
    def bound(self) -> str | None:
        """The setting that closed it, by its name."""
        return None if self.closing is None else self.closing.bound

    def drop(self) -> None:
        """Give up on a peer that shows no sign of life."""
        if self.closing is None:
            self.closing = Closing(CloseCode.TRY_AGAIN, "no sign of life")
            self.dropped = "silent"
        self.channel.abort()

    # Receiving

    def pause(self) -> None:
        """Read nothing more until `resume` was called as often."""
        self._pauses += 1
        if self._pauses == 1 and self.closing is None:
            self.channel.pause_reading()

    def resume(self) -> None:
        """Take back one `pause`."""
        self._pauses -= 1
        if self._pauses == 0 and self.closing is None:
            self.channel.resume_reading()

    def count_update(self) -> None:
        """Count an update; beyond the limit the peer waits, and nothing is lost."""
        self._asked = False
        if seconds := self._update_rate.spend():
            self.wait(seconds)

    def count_question(self) -> None:
        """Count a request to acknowledge what was sent: as an update at first, then as what records nothing."""
        if self._asked:
            self.count_presence()
        elif seconds := self._update_rate.spend():
            self.wait(seconds)
        self._asked = True

    def count_presence(self, size: int = 0) -> None:
        """Count a message that records nothing, a large one as several; beyond the limit the peer waits."""
        if seconds := self._presence_rate.spend(1 + size // _COUNTED_BYTES):
            self.wait(seconds)

    def count_sync(self) -> None:
        """Count a question that is answered with a document or with everybody's presence."""
        if seconds := self._sync_rate.spend():
            self.wait(seconds)

    def wait(self, seconds: float) -> None:
        """Read nothing more for so long; the peer hears from us meanwhile."""
        self.pause()
        until = self._loop.time() + seconds
        self._loop.call_at(until, self.resume)
        self._waits_until = max(until, self._waits_until)
        if not self._says_something:
            self._says_something = True
            self._loop.call_later(_SAID_EVERY_SECONDS, self._say_something)

    def _say_something(self) -> None:
        if self.closing is not None or self._loop.time() >= self._waits_until:
            self._says_something = False
            return
        if not self.slow:
            self.write(_KEEPALIVE)
        self._loop.call_later(_SAID_EVERY_SECONDS, self._say_something)

    # Signs of life

    def note_life(self) -> None:
        """Take note that the peer answered."""
        self.heard = True

    def keep_alive(self, now: float) -> None:
        """Say something to a peer that heard nothing for a while, and see whether a silent one is still there."""
        if self.spoke:
            self.spoke, self._spoke_at = False, now
        elif now - self._spoke_at >= self._limits.keepalive_seconds * 2 / 3 and not self.slow:
            # looked at three times per interval: no silence is longer than it
            self.write(_KEEPALIVE)
        if self.heard:
            self.heard, self._heard_at, self._probed_at = False, now, None
        elif now - self._heard_at > self._limits.silence_seconds:
            self.probe(now)

    def spoke_lately(self, now: float) -> bool:
        """Tell whether the peer said something since we last looked, or right before."""
        return self.heard or now - self._heard_at <= _LATELY_SECONDS

    def probe(self, now: float) -> None:
        """Ask for a sign of life; give up when the last question was not answered in time."""
        if self._probed_at is None:
            self.heard = False
            self._probed_at = now
            self.channel.ping()
        elif self.heard:
            self.heard, self._heard_at, self._probed_at = False, now, None
        elif now - self._probed_at > self._limits.probe_seconds:
            self.drop()
