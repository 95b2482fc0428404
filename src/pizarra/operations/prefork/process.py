"""One of the web processes, as the parent sees it: there, silent, gone; and what waits for it."""

import os
import signal
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from pizarra.cluster.handover import Kind, channel, receive, send
from pizarra.cluster.siblings import State, WebProcess
from pizarra.operations.prefork.backoff import Backoff

_FULL_SECONDS = 1.0

Waiting = tuple[socket.socket, bytes | None]


class Process:
    """It keeps its number when it is started anew; `near` is the parent's end of the way to it.

    The parent keeps the other end too: what lies there when the process is gone, or stands still, it takes back.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.pid: int | None = None
        self.near: socket.socket
        self.far: socket.socket
        self.waiting: deque[Waiting] = deque()  # connections that there was no room for yet
        self.is_ready = False
        self.is_silent = False
        self.heard_at = 0.0
        self.full_until = self.settled_at = 0.0
        self.starts = 0
        self.backoff = Backoff()

    @property
    def serves(self) -> bool:
        """Whether it gets connections."""
        return self.is_ready and not self.is_silent

    @property
    def is_settled(self) -> bool:
        """Whether it has been there for a while, so that sessions have their place here."""
        return time.monotonic() >= self.settled_at

    @property
    def has_room(self) -> bool:
        """Whether it has not just given a connection back."""
        return time.monotonic() >= self.full_until

    def is_full(self) -> None:
        """It gave a connection back: the others get those that come now."""
        self.full_until = time.monotonic() + _FULL_SECONDS

    def began(self, pid: int) -> None:
        """It was started."""
        self.pid = pid
        self.starts += 1
        self.heard_at = time.monotonic()
        self.backoff.began()

    def open(self) -> None:
        """Make a way to it, before it is started."""
        self.near, self.far = channel()

    def ended(self) -> None:
        """It is gone."""
        self.pid = None
        self.is_ready = self.is_silent = False
        self.full_until = 0.0
        self.close()

    def close(self) -> None:
        """Let go of the way to it."""
        self.near.close()
        self.far.close()

    def offer(
        self, connection: socket.socket, place: bytes | None, *, is_last: bool = False
    ) -> bool:
        """Hand a connection over; when there is no room it waits, behind those before it.

        If this is the last who can be asked, it is to tell the connection that there is no room.
        """
        told = (Kind.CONNECTION, b"!" if is_last else b"", connection.fileno())
        if not self.waiting and send(self.near, *told):
            connection.close()
            return True
        self.waiting.append((connection, place))
        return False

    def hand_over(self) -> bool:
        """Hand over what waits; return whether that was all."""
        while self.waiting:
            connection, _ = self.waiting[0]
            if not send(self.near, Kind.CONNECTION, descriptor=connection.fileno()):
                return False
            connection.close()
            self.waiting.popleft()
        return True

    def take_back(self) -> Iterator[socket.socket]:
        """Yield the connections that it has not taken; nobody has read from them."""
        while self.waiting:
            yield self.waiting.popleft()[0]
        with suppress(BlockingIOError):
            while (message := receive(self.far)) is not None:
                if message.descriptor is None:
                    continue
                if message.kind is Kind.CONNECTION:
                    yield socket.socket(fileno=message.descriptor)
                else:
                    os.close(message.descriptor)

    def kill(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        if self.pid is not None:
            os.kill(self.pid, number)

    def let_go(self) -> None:
        """Close the parent's ends, in another process."""
        if self.pid is not None:
            self.close()
        for connection, _ in self.waiting:
            connection.close()

    def state(self) -> WebProcess:
        """Return what the others are told of it."""
        word: State = "silent" if self.is_silent else "serving" if self.is_ready else "starting"
        return WebProcess(self.number, word, max(0, self.starts - 1))
