"""The web processes behind one port, as one of them sees them; `operations/prefork/` has the parent's side.

A process that was started alone has no siblings, and says nothing to anybody.
"""

import asyncio
import contextlib
import json
import logging
import os
import resource
import socket
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from pizarra.cluster.handover import Kind, Message, receive, send

log = logging.getLogger(__name__)

_AT_ONCE = 64  # messages before something else has its turn
_BEAT_SECONDS = 1.0
_ANSWER_SECONDS = 2.0
_MOST_BYTES = 16 * 1024 * 1024  # of one's figures
_PIECE_BYTES = 64 * 1024
_SPARE_DESCRIPTORS = 64  # kept for what is not a connection: the database, files, figures; a quarter where that is less


State = Literal["serving", "starting", "silent"]


class WebProcess(NamedTuple):
    """One of them; how often it was started anew."""

    number: int
    state: State
    restarts: int


ALONE = (WebProcess(1, "serving", 0),)


async def _no_figures() -> bytes:
    return b""


class Siblings:
    """`on_connection` gets the descriptors of connections, `on_orphaned` hears that the parent is gone.

    `on_refused` gets those that no process has room for: they are to be told so, and closed.
    """

    def __init__(self) -> None:
        self.number = 1  # of this process
        self.processes: tuple[WebProcess, ...] = ALONE
        self.on_connection: Callable[[int], None] = os.close
        self.on_refused: Callable[[int], None] = os.close
        self.on_orphaned: Callable[[], None] = lambda: None
        self.figures: Callable[[], Awaitable[bytes]] = _no_figures
        self._channel: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def restarts(self) -> int:
        """How often this process was started anew."""
        return next((each.restarts for each in self.processes if each.number == self.number), 0)

    def attach(self, number: int, channel: socket.socket) -> None:
        """Be one of several, right after the fork."""
        self.number, self._channel = number, channel

    def start(self) -> None:
        """Tell the parent that this process serves, and listen to it."""
        if self._channel is None:
            return
        asyncio.get_running_loop().add_reader(self._channel.fileno(), self._hear)
        send(self._channel, Kind.READY)
        self._spawn(self._beat())

    def stop(self) -> None:
        """Take nothing more."""
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
        for task in self._tasks:
            task.cancel()

    async def all_figures(self) -> dict[int, bytes]:
        """Return what each of them counts, by number; of one that does not answer nothing."""
        mine = await self.figures()
        others = [
            each.number
            for each in self.processes
            if each.state == "serving" and each.number != self.number
        ]
        told = await asyncio.gather(*(self._ask(number) for number in others))
        found = {number: text for number, text in zip(others, told, strict=True) if text}
        return {self.number: mine, **found}

    async def _beat(self) -> None:
        assert self._channel is not None
        while True:
            send(self._channel, Kind.BEAT)
            await asyncio.sleep(_BEAT_SECONDS)

    def _hear(self) -> None:
        assert self._channel is not None
        with contextlib.suppress(BlockingIOError):
            for _ in range(_AT_ONCE):
                message = receive(self._channel)
                if message is None:
                    self.stop()
                    self.on_orphaned()
                    return
                self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case Message(Kind.CONNECTION, payload, int(descriptor)):
                self._enter(descriptor, is_last=bool(payload))
            case Message(Kind.CONNECTION):
                log.error("a connection is lost: this process has no descriptor left")
            case Message(Kind.METRICS, descriptor=int(descriptor)):
                self._spawn(self._answer(socket.socket(fileno=descriptor)))
            case Message(Kind.STATES, payload):
                self.processes = tuple(WebProcess(*each) for each in json.loads(payload))
            case _:
                log.warning("the parent said something that is not understood: %s", message.kind)

    def _enter(self, descriptor: int, *, is_last: bool) -> None:
        """Serve a connection, or give it back while there is a descriptor to hold it with; the lowest free one it has.

        The kernel resets those that come when there is none.
        """
        assert self._channel is not None
        if descriptor < _most_descriptors():
            self.on_connection(descriptor)
        elif not is_last and send(self._channel, Kind.NO_ROOM, descriptor=descriptor):
            os.close(descriptor)
        else:
            self.on_refused(descriptor)

    async def _ask(self, number: int) -> bytes:
        assert self._channel is not None
        near, far = socket.socketpair()
        with near:
            with far:
                if not send(self._channel, Kind.METRICS, bytes((number,)), far.fileno()):
                    return b""
            near.setblocking(False)
            told = bytearray()
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(_ANSWER_SECONDS):
                    loop = asyncio.get_running_loop()
                    while piece := await loop.sock_recv(near, _PIECE_BYTES):
                        told += piece
                        if len(told) > _MOST_BYTES:
                            return b""
                    if told.endswith(b"\n"):  # else it ended while it wrote
                        return bytes(told)
        return b""

    async def _answer(self, to: socket.socket) -> None:
        with to, contextlib.suppress(ConnectionError, TimeoutError):
            to.setblocking(False)
            async with asyncio.timeout(_ANSWER_SECONDS):
                await asyncio.get_running_loop().sock_sendall(to, await self.figures())

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _most_descriptors() -> int | float:
    """Return from which descriptor on there is no room for connections."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return float("inf")
    return most - min(_SPARE_DESCRIPTORS, most // 4)
