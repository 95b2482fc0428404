"""The bus on Valkey or Redis: publish and subscribe, with nothing kept there, and nothing that holds rests on it.

One connection listens, one speaks and is never answered. Each process hears what is for it, and what is about the rooms
it has. Whether there is a way to the others it learns from what it says to itself: that takes both connections and the
server between them. When it does not come back, both are given up and made anew.
"""

import asyncio
import contextlib
import logging
import math
import random
from collections.abc import Callable, Collection, Iterable
from itertools import chain

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import RedisError

from pizarra.cluster.bus import APART_SECONDS, Count, OnMessage
from pizarra.cluster.frames import HEAD_BYTES, ForeignFrame, Frame, Frames, in_messages
from pizarra.cluster.nodes import Nodes, key_hash
from pizarra.kit.masking import mask
from pizarra.kit.pacing import Pace
from pizarra.kit.tokens import TokenSigner

log = logging.getLogger(__name__)

_BEAT_SECONDS = 1.0
_SILENT_SECONDS = 3.5  # without a word of its own the way is taken for lost
_ANSWER_SECONDS = 2.0  # for a connection, and for taking what is written
_AGAIN_SECONDS = (0.1, 2.0)  # from one attempt to the next: at first, and at most
_AT_ONCE = 50  # frames taken in before others have a turn
_SUBJECTS = 500  # in one command
_MOST_MORE = 300  # bytes of a message beside the payload of one frame
_TO_MANY = 4  # processes that have a room: to so many it is said to each, to more once for all

BUS_ERRORS = (RedisError, OSError, TimeoutError)


def address_fault(url: str) -> str | None:
    """Return what is wrong with the address of a server; None when nothing is."""
    try:
        ConnectionPool.from_url(url)
    except (ValueError, TypeError) as error:
        return str(error)
    return None


async def greet(url: str) -> str | None:
    """Ask a server for an answer; return what went wrong, without the address's secrets; None when nothing did."""
    waits = {"socket_timeout": _ANSWER_SECONDS, "socket_connect_timeout": _ANSWER_SECONDS}
    pool = ConnectionPool.from_url(url, protocol=2, **waits)
    connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        await connection.send_command("PING", check_health=False)
        await connection.read_response()
    except BUS_ERRORS as error:
        return mask(str(error) or type(error).__name__)
    finally:
        with contextlib.suppress(*BUS_ERRORS):
            await connection.disconnect(nowait=True)
    return None


class RedisBus:
    """Implements `ClusterBus`."""

    kind = "Valkey/Redis"

    def __init__(
        self,
        url: str,
        nodes: Nodes,
        signer: TokenSigner,
        *,
        max_message_bytes: int,
        max_waiting_bytes: int,
        count: Count,
    ) -> None:
        self.on_message: OnMessage = lambda *_: None
        self.on_open: Callable[[], None] = lambda: None
        self.is_open = False
        self.max_payload_bytes = max_message_bytes
        self._pool = ConnectionPool.from_url(
            url,
            protocol=2,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_ANSWER_SECONDS,
        )
        self._nodes = nodes
        self._frames = Frames(signer, nodes.now)
        self._prefix = f"pizarra:{key_hash(signer)[:16]}:".encode()
        self._max_waiting_bytes = max_waiting_bytes
        self._count = count
        self._followed: set[bytes] = set()
        # of what is followed since all of it was said to the server, which it is not while there is no connection
        self._changes: list[tuple[bytes, ...]] | None = None
        self._waiting: dict[bytes, list[Frame]] = {}  # by channel
        self._waiting_bytes = 0
        self._pace = Pace(APART_SECONDS)
        self._wake = asyncio.Event()
        self._heard_at = 0.0
        self._was_lost = False

    @property
    def is_heard(self) -> bool:
        """Whether another process lives."""
        return not self._nodes.is_alone

    def reaches(self, node: str) -> bool:
        """Tell whether a process lives, and there is a way to it."""
        return self.is_open and node in self._nodes.others

    def follow(self, *subjects: str) -> None:
        """Let what is published about these come here."""
        self._change(b"SUBSCRIBE", subjects, self._followed.update)

    def unfollow(self, *subjects: str) -> None:
        """It need not come any more."""
        self._change(b"UNSUBSCRIBE", subjects, self._followed.difference_update)

    def _change(
        self,
        command: bytes,
        subjects: Iterable[str],
        note: Callable[[Iterable[bytes]], None],
    ) -> None:
        channels = [self._subject_channel(each) for each in subjects]
        note(channels)
        if self._changes is not None:  # else all are said first of all
            self._changes.append((command, *channels))
            self._wake.set()

    def publish(
        self, kind: str, subject: str, payload: bytes = b"", nodes: Collection[str] | None = None
    ) -> None:
        """Tell the others soon, if there is a way to them."""
        if not self.is_open or len(payload) > self.max_payload_bytes:
            self._count("dropped")
            return
        frame = Frame(kind, subject, payload)
        for channel in self._channels(kind, subject, nodes):
            size = len(payload) + HEAD_BYTES
            if self._waiting_bytes + size > self._max_waiting_bytes:
                self._count("dropped")
                return
            self._waiting_bytes += size
            self._waiting.setdefault(channel, []).append(frame)
        self._wake.set()

    def _channels(self, kind: str, subject: str, nodes: Collection[str] | None) -> list[bytes]:
        if nodes is not None and len(nodes) <= _TO_MANY:
            return [self._node_channel(node) for node in nodes]
        if kind.startswith(("run.", "rerun.")):
            return [self._prefix + b"runs"]  # nobody follows a single one
        return [self._subject_channel(subject)]

    def _node_channel(self, node: str) -> bytes:
        return self._prefix + b"n:" + node.encode()

    def _subject_channel(self, subject: str) -> bytes:
        return self._prefix + b"s:" + subject.encode()

    # The connections

    async def work(self) -> None:
        """Listen until cancelled, again and again."""
        wait, longest = _AGAIN_SECONDS
        while True:
            try:
                await self._serve()
            except BUS_ERRORS as error:
                if self.is_open:
                    wait = _AGAIN_SECONDS[0]
                self._tell_lost(error)
            finally:
                self.is_open, self._changes = False, None
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - only spread
            wait = min(wait * 2, longest)

    def _tell_lost(self, error: BaseException) -> None:
        if not self._was_lost:
            log.warning(
                "the bus does not answer (%s): what happens in other processes is seen up to a second later",
                type(error).__name__,
            )
        self._was_lost = True

    async def _serve(self) -> None:
        """Be on the bus until something breaks.

        Raises:
            BUS_ERRORS: it did.
        """
        ear, mouth = self._connection(), self._connection()
        tasks: list[asyncio.Task[None]] = []
        try:
            await ear.connect()  # type: ignore[no-untyped-call]
            await mouth.connect()  # type: ignore[no-untyped-call]
            await mouth.send_command("CLIENT", "REPLY", "OFF", check_health=False)
            self._waiting.clear()
            self._waiting_bytes = 0
            await self._subscribe(ear)
            self._heard_at = asyncio.get_running_loop().time()
            work = (self._listen(ear), self._speak(ear, mouth), self._beat(mouth))
            tasks = [asyncio.ensure_future(each) for each in work]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for connection in (ear, mouth):
                with contextlib.suppress(*BUS_ERRORS):
                    await connection.disconnect(nowait=True)

    def _connection(self) -> AbstractConnection:
        made: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        return made

    async def _subscribe(self, ear: AbstractConnection) -> None:
        channels = [self._node_channel(self._nodes.id), self._prefix + b"runs", *self._followed]
        self._changes = []  # rooms come and go before it is open
        for start in range(0, len(channels), _SUBJECTS):
            await ear.send_command(
                b"SUBSCRIBE", *channels[start : start + _SUBJECTS], check_health=False
            )

    async def _listen(self, ear: AbstractConnection) -> None:
        taken = 0
        while True:
            answer = await ear.read_response(disable_decoding=True, timeout=math.inf)
            if isinstance(answer, list) and answer[0] == b"message":
                taken += self._hear(answer[2])
            if taken >= _AT_ONCE:
                taken = 0
                await asyncio.sleep(0)

    async def _speak(self, ear: AbstractConnection, mouth: AbstractConnection) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if changes := self._changes:
                self._changes = []
                await ear.send_packed_command(ear.pack_commands(changes), check_health=False)
            if self._waiting:
                await self._pace.turn()
                waiting, self._waiting = self._waiting, {}
                self._waiting_bytes = 0
                commands = [
                    (b"PUBLISH", channel, self._frames.write(self._nodes.id, message))
                    for channel, frames in waiting.items()
                    for message in in_messages(frames, self.max_payload_bytes)
                ]
                await mouth.send_packed_command(mouth.pack_commands(commands), check_health=False)
                for _ in chain.from_iterable(waiting.values()):
                    self._count("published")

    async def _beat(self, mouth: AbstractConnection) -> None:
        """Say something to this process itself, now and then, and expect to hear it."""
        loop = asyncio.get_running_loop()
        channel, beat = self._node_channel(self._nodes.id), [Frame("beat", "-", b"")]
        while loop.time() - self._heard_at < _SILENT_SECONDS:
            # anew each time: what was said before is not heard again
            message = self._frames.write(self._nodes.id, beat)
            commands = mouth.pack_commands([(b"PUBLISH", channel, message)])
            await mouth.send_packed_command(commands, check_health=False)
            await asyncio.sleep(_BEAT_SECONDS)
        raise TimeoutError

    def _hear(self, message: bytes) -> int:
        """Take in a message; return how many frames that was."""
        try:
            if len(message) > self.max_payload_bytes + _MOST_MORE:
                raise ForeignFrame
            node, frames = self._frames.read(message)
        except ForeignFrame:
            self._count("refused")
            return 1
        if node == self._nodes.id:
            self._hear_own()
            return 1
        self._nodes.hear(node)
        for kind, subject, payload in frames:
            self._count("received")
            self._take(node, kind, subject, payload)
        return len(frames)

    def _take(self, node: str, kind: str, subject: str, payload: bytes) -> None:
        if kind == "entries" and not self._nodes.is_listed(node):
            kind, payload = "log", b""  # of this database? The log itself says what is in it.
        try:
            self.on_message(node, kind, subject, payload)
        except Exception:
            log.exception("bus: %s from %s was not understood", kind, node)

    def _hear_own(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if not self.is_open:
            self.is_open = True
            if self._was_lost:
                log.warning("the bus answers again")
            self._was_lost = False
            self.on_open()
