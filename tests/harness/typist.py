"""Types a recorded editing history through a socket, over as many connections as it takes."""

import asyncio
import gzip
import json
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import websockets
from pycrdt import Doc, Text, TransactionEvent

from pizarra.collab.wire.codec import (
    MessageType,
    Reader,
    SyncStep,
    acknowledge_frame,
    decode_frame,
    sync_frame,
    var_uint,
)

TRACE = Path(__file__).resolve().parent.parent / "data" / "sveltecomponent.json.gz"
_IN_FLIGHT = 64


@dataclass(frozen=True)
class Trace:
    """An editing history: a list of transactions, each a list of (position, deleted, inserted)."""

    start: str
    end: str
    transactions: list[list[tuple[int, int, str]]]


def load_trace(edits: int | None = None, path: Path = TRACE) -> Trace:
    """Read a trace, or its first `edits` transactions."""
    raw = json.loads(gzip.decompress(path.read_bytes()))
    transactions = [txn["patches"] for txn in raw["txns"]][:edits]
    if edits is None:
        return Trace(raw["startContent"], raw["endContent"], transactions)
    text = raw["startContent"]
    for patches in transactions:
        for position, deleted, inserted in patches:
            text = text[:position] + inserted + text[position + deleted :]
    return Trace(raw["startContent"], text, transactions)


class Typist:
    """One author whose document outlives its connections. `pending` holds the text after each unacknowledged edit."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.doc: Doc[Any] = Doc()
        self.shared: Text = self.doc.get("file:main.py", type=Text)
        self.text = trace.start
        self.typed = 0
        self.acknowledged = 0
        self.pending: deque[tuple[int, str]] = deque([(0, trace.start)])
        self._updates: list[bytes] = []
        self._receiving = False
        self._subscription = self.doc.observe(self._on_change)

    def _on_change(self, event: TransactionEvent) -> None:
        if not self._receiving:
            self._updates.append(event.update)

    async def type_until(self, url: str, stop: int) -> None:
        """Connect, bring both sides in step, and type until edit `stop`, as far as the connection holds.

        Raises:
            OSError, websockets.WebSocketException: the connection broke; call again.
        """
        async with websockets.connect(url, compression=None, max_size=None) as socket:
            synced = asyncio.Event()
            room = asyncio.Event()
            reader = asyncio.create_task(self._read(socket, synced, room))
            try:
                await socket.send(sync_frame(SyncStep.STEP1, self.doc.get_state()))
                await self._first(synced.wait(), reader)
                # Our answer to the server's state vector has been sent: what it lacked counts as sent again.
                await socket.send(acknowledge_frame(var_uint(self.typed)))
                while self.typed < stop:
                    while self.typed - self.acknowledged >= _IN_FLIGHT:
                        room.clear()
                        await self._first(room.wait(), reader)
                    await socket.send(self._next_edit())
                    await socket.send(acknowledge_frame(var_uint(self.typed)))
                while self.acknowledged < stop:
                    room.clear()
                    await self._first(room.wait(), reader)
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)

    async def _first(self, waiting: Any, reader: "asyncio.Task[None]") -> None:
        """Wait for an event, or for the connection to break."""
        event = asyncio.ensure_future(waiting)
        done, _ = await asyncio.wait([event, reader], return_when=asyncio.FIRST_COMPLETED)
        if event not in done:
            event.cancel()
            reader.result()

    async def _read(self, socket: Any, synced: asyncio.Event, room: asyncio.Event) -> None:
        while True:
            (message,) = decode_frame(await socket.recv())
            if message.type is MessageType.ACKNOWLEDGE:
                self._acknowledge(Reader(message.payload).var_uint())
                room.set()
            elif message.type is MessageType.SYNC and message.step is SyncStep.STEP1:
                await socket.send(sync_frame(SyncStep.STEP2, self.doc.get_update(message.payload)))
            elif message.type is MessageType.SYNC:
                self._receiving = True
                self.doc.apply_update(message.payload)
                self._receiving = False
                if message.step is SyncStep.STEP2:
                    synced.set()

    def _acknowledge(self, number: int) -> None:
        self.acknowledged = max(self.acknowledged, number)
        while self.pending[0][0] < self.acknowledged:
            self.pending.popleft()

    def _next_edit(self) -> bytes:
        with self.doc.transaction():
            for position, deleted, inserted in self.trace.transactions[self.typed]:
                start = len(self.text[:position].encode())
                if deleted:
                    del self.shared[
                        start : start + len(self.text[position : position + deleted].encode())
                    ]
                if inserted:
                    self.shared.insert(start, inserted)
                self.text = self.text[:position] + inserted + self.text[position + deleted :]
        self.typed += 1
        self.pending.append((self.typed, self.text))
        update = self._updates.pop()
        return sync_frame(SyncStep.UPDATE, update)
