"""The bus on PostgreSQL: LISTEN and NOTIFY. It asks for nothing to be kept, and nothing that holds rests on it.

What is published while a statement is under way goes with the next: many notifications share one commit, none of them
is in the transaction of an edit. Where nothing arrives, as behind PgBouncer in transaction mode, rooms look by
themselves (`Hub`), a second later.
"""

import asyncio
import contextlib
import logging
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from pizarra.cluster.bus import Count, OnMessage
from pizarra.cluster.nodes import Nodes
from pizarra.database import Database
from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)

_CHANNEL = "pizarra"
_MOST_BYTES = 7900  # of one notification: PostgreSQL takes 8,000
_HEAD_BYTES = 200  # of it: who says what about what
_PART = 1900  # characters in one part of a message that is too long for one: none takes more than four bytes
_BINARY = ("presence",)  # kinds whose payload is no text: a notification is
_GATHER_SECONDS = 0.005
_AGAIN_SECONDS = 1.0
_NOTIFY = f"SELECT pg_notify('{_CHANNEL}', told) FROM unnest($1::text[]) AS told"  # noqa: S608 - a constant


class PostgresBus:
    """Implements `ClusterBus`."""

    kind = "PostgreSQL's notifications"
    max_payload_bytes = _MOST_BYTES - _HEAD_BYTES

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
        self._waiting: deque[str] = deque()
        self._waiting_bytes = 0
        self._parts: dict[str, str] = {}  # of a message that is not all here yet, by its process
        self._heads: dict[
            str, str
        ] = {}  # by session: of many words that the log goes on the last will do
        self._said = 0
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
        told = b64encode(payload).decode() if kind in _BINARY else payload.decode()
        message = self._message(kind, subject, told)
        size = len(message.encode())
        if size > self._max_message_bytes or self._waiting_bytes + size > self._max_waiting_bytes:
            self._count("dropped")  # whoever needs it reads it
            return
        self._waiting_bytes += size
        if kind == "log":
            self._heads[subject] = told
        elif size <= _MOST_BYTES:
            self._waiting.append(message)
        else:
            self._waiting += self._in_parts(kind, subject, told)
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    def _message(self, kind: str, subject: str, payload: str) -> str:
        self._said += 1  # of two that are the same in one transaction, PostgreSQL delivers one
        return f"{self._nodes.id} {self._said} {kind} {subject} {payload}"

    def _in_parts(self, kind: str, subject: str, told: str) -> list[str]:
        """Return a long message in parts: of one transaction, they arrive one after the other, or none of them."""
        parts = [told[start : start + _PART] for start in range(0, len(told), _PART)]
        return [
            self._message("part", subject, f"{kind} {len(parts) - number} {part}")
            for number, part in enumerate(parts, 1)
        ]

    async def _flush(self) -> None:
        try:
            while self._waiting or self._heads:
                await asyncio.sleep(_GATHER_SECONDS)
                messages = [*self._waiting]
                messages += [self._message("log", key, head) for key, head in self._heads.items()]
                self._waiting.clear()
                self._heads.clear()
                self._waiting_bytes = 0
                if self._driver is None:
                    return
                await self._driver.execute(_NOTIFY, messages)
                for _ in messages:
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
        node, _, kind, subject, told = str(message).split(" ", 4)
        if node == self._nodes.id:
            return
        self._count("received")
        self._nodes.hear(node)
        if kind == "part":
            kind, left, part = told.split(" ", 2)
            self._parts[node] = self._parts.get(node, "") + part
            if left != "0":
                return
            told = self._parts.pop(node)
        payload = b64decode(told) if kind in _BINARY else told.encode()
        try:
            self.on_message(node, kind, subject, payload)
        except Exception:
            log.exception("bus: %s from %s was not understood", kind, node)


async def _give_up(connection: AsyncConnection) -> None:
    """Let a connection go that listened: nobody else may have it."""
    with contextlib.suppress(*DATABASE_ERRORS):
        await connection.invalidate()
        await connection.close()
