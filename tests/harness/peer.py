"""A second, independent client implementation: raw frames on a socket, pycrdt as its document."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import websockets
from pycrdt import Doc, Text, TransactionEvent
from websockets.asyncio.client import ClientConnection

from pizarra.collab.wire.codec import (
    Message,
    MessageType,
    Reader,
    SyncStep,
    acknowledge_frame,
    control_frame,
    decode_frame,
    sync_frame,
    var_uint,
)


class Peer:
    """One client. `text` is the file it edits; `inbox` holds what it has received and nobody asked for yet."""

    def __init__(self, socket: ClientConnection, path: str = "main.py") -> None:
        self.socket = socket
        self.doc: Doc[Any] = Doc()
        self.text: Text = self.doc.get(f"file:{path}", type=Text)
        self.synced = asyncio.Event()
        self.messages: list[Message] = []
        self.controls: list[dict[str, Any]] = []
        self.acknowledged = 0
        self.sent = 0
        self._applying = False
        self._changed = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())
        self._subscription = self.doc.observe(self._on_change)
        self._outgoing: list[bytes] = []

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for frame in self.socket:
                assert isinstance(frame, bytes)
                (message,) = decode_frame(frame)
                await self._take(message)
        async with self._changed:
            self._changed.notify_all()

    async def _take(self, message: Message) -> None:
        if message.type is MessageType.SYNC:
            if message.step is SyncStep.STEP1:
                await self.socket.send(
                    sync_frame(SyncStep.STEP2, self.doc.get_update(message.payload))
                )
            else:
                self._applying = True
                self.doc.apply_update(message.payload)
                self._applying = False
                if message.step is SyncStep.STEP2:
                    self.synced.set()
        elif message.type is MessageType.ACKNOWLEDGE:
            self.acknowledged = max(self.acknowledged, Reader(message.payload).var_uint())
        elif message.type is MessageType.CONTROL:
            self.controls.append(json.loads(message.payload))
        async with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    def _on_change(self, event: TransactionEvent) -> None:
        if not self._applying:
            self._outgoing.append(event.update)

    async def edit(self, change: Callable[[Text], None]) -> int:
        """Change the text in one transaction, send it, ask for its acknowledgement; return the number asked for."""
        with self.doc.transaction():
            change(self.text)
        for update in self._outgoing:
            await self.socket.send(sync_frame(SyncStep.UPDATE, update))
        self._outgoing.clear()
        self.sent += 1
        await self.socket.send(acknowledge_frame(var_uint(self.sent)))
        return self.sent

    async def insert(self, index: int, text: str) -> int:
        """Insert at a character index."""
        return await self.edit(
            lambda shared: shared.insert(len(str(shared)[:index].encode()), text)
        )

    async def wait_for(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until `condition` holds; it is looked at after each message."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)

    async def wait_acknowledged(self, number: int, seconds: float = 5.0) -> None:
        """Wait until everything up to `number` is committed."""
        await self.wait_for(lambda: self.acknowledged >= number, seconds)

    async def wait_text(self, text: str, seconds: float = 5.0) -> None:
        """Wait until the document reads `text`."""
        await self.wait_for(lambda: str(self.text) == text, seconds)

    async def wait_closed(self, seconds: float = 5.0) -> int:
        """Wait until the server closes; return the code."""
        async with asyncio.timeout(seconds):
            await self._reader
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def control(self, **message: Any) -> None:
        """Send a control message."""
        await self.socket.send(control_frame(json.dumps(message).encode()))

    def controls_of(self, kind: str) -> list[dict[str, Any]]:
        """Return the control messages of a type, in order."""
        return [message for message in self.controls if message["type"] == kind]

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        self.doc.unobserve(self._subscription)


@contextlib.asynccontextmanager
async def connect_peer(
    url: str, *, control: bool = False, token: str | None = None, sync: bool = True, **options: Any
) -> AsyncIterator[Peer]:
    """Give a connected client that has asked for the document."""
    subprotocols = [websockets.Subprotocol("pizarra.v1")] if control else None
    address = f"{url}?token={token}" if token else url
    async with websockets.connect(
        address, subprotocols=subprotocols, compression=None, max_size=None, **options
    ) as socket:
        peer = Peer(socket)
        try:
            if sync:
                await socket.send(sync_frame(SyncStep.STEP1, peer.doc.get_state()))
                async with asyncio.timeout(30):  # a crowd that comes at once is let in one by one
                    await peer.synced.wait()
            yield peer
        finally:
            await peer.close()
