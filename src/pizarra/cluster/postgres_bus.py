"""The bus on PostgreSQL: LISTEN and NOTIFY. It asks for nothing to be kept, and nothing that holds rests on it.

What is published within a moment goes together (`APART_SECONDS`): many notifications share one commit, none of them
is in the transaction of an edit. Where nothing arrives, as behind PgBouncer in transaction mode, rooms look by
themselves (`Hub`), a second later.
"""

import asyncio
import contextlib
import logging
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from pizarra.cluster.bus import APART_SECONDS, Count, OnMessage
from pizarra.cluster.frames import HEAD_BYTES, VERSION, Frame, in_messages, pack, unpack
from pizarra.cluster.nodes import Nodes
from pizarra.database import Database
from pizarra.kit.pacing import Pace
from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)

_CHANNEL = f"pizarra_{VERSION}"
_MOST_BYTES = 7900  # of one notification: PostgreSQL takes 8,000
_OWN_BYTES = 50  # of it, at most: who says it, and its number
_PART = 1900  # characters in one part of a frame that is too long for one: none takes more than four bytes
_BINARY = ("presence",)  # kinds whose payload is no text: a notification is
_AGAIN_SECONDS = 1.0
_NOTIFY = f"SELECT pg_notify('{_CHANNEL}', told) FROM unnest($1::text[]) AS told"  # noqa: S608 - a constant


class PostgresBus:
    """Implements `ClusterBus`."""

    kind = "PostgreSQL's notifications"
    max_payload_bytes = _MOST_BYTES - _OWN_BYTES - HEAD_BYTES

    def __init__(
        self,
        database: Database,
        nodes: Nodes,
        max_message_bytes: int,
        max_waiting_bytes: int,
        count: Count,
    ) -> None:
        self.on_message: OnMessage = lambda *_: None
        self.on_open: Callable[[], None] = lambda: None
        self._database = database
        self._nodes = nodes
        self._max_message_bytes = max_message_bytes
        self._max_waiting_bytes = max_waiting_bytes
        self._count = count
        self._waiting: list[Frame] = []
        self._waiting_bytes = 0
        # of a frame that is not all here yet, by its process
        self._parts: dict[str, list[bytes]] = {}
        # by session: of many words that the log goes on the last will do
        self._heads: dict[str, Frame] = {}
        self._said = 0
        self._pace = Pace(APART_SECONDS)
        self._driver: Any = None
        self._closed = asyncio.Event()
        self._flushing: asyncio.Task[None] | None = None

    @property
    def is_heard(self) -> bool:
        """Whether another process lives."""
        return not self._nodes.is_alone

    @property
    def is_open(self) -> bool:
        """Whether there is a way to the others."""
        return self._driver is not None

    def reaches(self, node: str) -> bool:
        """Tell whether a process lives, and there is a way to it."""
        return self.is_open and node in self._nodes.others

    def follow(self, *subjects: str) -> None:
        """Everything comes to everybody."""

    def unfollow(self, *subjects: str) -> None:
        """And goes on to."""

    def publish(
        self, kind: str, subject: str, payload: bytes = b"", nodes: Collection[str] | None = None
    ) -> None:
        """Tell the others soon, if there is a way to them: everybody hears it."""
        if self._driver is None:
            self._count("dropped")
            return
        frame = Frame(kind, subject, b64encode(payload) if kind in _BINARY else payload)
        size = len(frame.payload) + HEAD_BYTES
        fits = size <= min(self._max_message_bytes, self._max_waiting_bytes - self._waiting_bytes)
        if not fits or b"\0" in frame.payload:  # which is in no text of PostgreSQL's
            self._count("dropped")  # whoever needs it reads it
            return
        self._waiting_bytes += size
        if kind == "log":
            self._heads[subject] = frame
        elif len(frame.payload) <= self.max_payload_bytes:
            self._waiting.append(frame)
        else:
            self._waiting += _in_parts(frame)
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    def _message(self, frames: Sequence[Frame]) -> str:
        self._said += 1  # of two that are the same in one transaction, PostgreSQL delivers one
        return f"{self._nodes.id} {self._said} {pack(frames).decode()}"

    async def _flush(self) -> None:
        try:
            while self._waiting or self._heads:
                await self._pace.turn()
                frames = [*self._waiting, *self._heads.values()]
                self._waiting.clear()
                self._heads.clear()
                self._waiting_bytes = 0
                if self._driver is None:
                    return
                most = _MOST_BYTES - _OWN_BYTES
                messages = [self._message(each) for each in in_messages(frames, most)]
                await self._driver.execute(_NOTIFY, messages)
                for _ in frames:
                    self._count("published")
        except DATABASE_ERRORS as error:
            log.info("bus: not told: %s", type(error).__name__)
            self._closed.set()
        finally:
            self._flushing = None

    async def work(self) -> None:
        """Listen until cancelled, again and again."""
        if self._database.is_sqlite:
            return
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                log.info("bus: %s", type(error).__name__)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen(self) -> None:
        connecting = asyncio.ensure_future(self._connect())
        try:
            # Cancelled in the middle, what has a connection already would leave it open.
            connection = await asyncio.shield(connecting)
        except asyncio.CancelledError:
            with contextlib.suppress(*DATABASE_ERRORS):
                await _give_up(await connecting)
            raise
        try:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            self._closed.clear()
            self._parts.clear()
            driver.add_termination_listener(lambda _: self._closed.set())
            await driver.add_listener(_CHANNEL, self._hear)
            self._driver = driver
            self.on_open()
            await self._closed.wait()
        finally:
            self._driver = None
            await _give_up(connection)

    async def _connect(self) -> AsyncConnection:
        return await self._database.engine.connect()

    def _hear(self, _connection: object, _process: int, _channel: str, message: object) -> None:
        node, _, packed = str(message).split(" ", 2)
        if node == self._nodes.id:
            return
        self._nodes.hear(node)
        for kind, subject, told in unpack(packed.encode()):
            self._count("received")
            if kind == "part":
                self._hear_part(node, subject, told)
            else:
                self._take(node, kind, subject, told)

    def _hear_part(self, node: str, subject: str, told: bytes) -> None:
        kind, left, part = told.split(b" ", 2)
        self._parts.setdefault(node, []).append(part)
        if left == b"0":
            self._take(node, kind.decode(), subject, b"".join(self._parts.pop(node)))

    def _take(self, node: str, kind: str, subject: str, told: bytes) -> None:
        try:
            payload = b64decode(told) if kind in _BINARY else told
            self.on_message(node, kind, subject, payload)
        except Exception:
            log.exception("bus: %s from %s was not understood", kind, node)


def _in_parts(frame: Frame) -> list[Frame]:
    """Return a long frame in parts: of one transaction, they arrive one after the other, or none of them."""
    told = frame.payload.decode()
    parts = [told[start : start + _PART] for start in range(0, len(told), _PART)]
    return [
        Frame("part", frame.subject, f"{frame.kind} {len(parts) - number} {part}".encode())
        for number, part in enumerate(parts, 1)
    ]


async def _give_up(connection: AsyncConnection) -> None:
    """Let a connection go that listened: nobody else may have it."""
    with contextlib.suppress(*DATABASE_ERRORS):
        await connection.invalidate()
        await connection.close()
