"""Raw Yjs clients, cheap enough that one core can play hundreds of people."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.realtime.servers import HOCUSPOCUS, Server
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from pycrdt import Doc, Text, TransactionEvent

from pizarra.collab.wire.codec import (
    MessageType,
    Reader,
    SyncStep,
    acknowledge_frame,
    awareness_frame,
    sync_frame,
    var_bytes,
    var_uint,
)
from pizarra.collab.wire.updates import summarize_update

FILE = "file:main.py"
END = b"\xce\xa9END"  # what a writer's last edit holds
_EMPTY_STATE = b"\0"
_AUTH = 2  # what Hocuspocus wants to hear first
_NOTHING = b"\0\0"


def masked(message: bytes) -> bytes:
    """Return a client's WebSocket frame; the mask is zero, so the payload stays readable."""
    size = len(message)
    head = b"\x82" + (bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big"))
    if size > 0xFFFF:
        head = b"\x82\xff" + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + message


@dataclass(slots=True)
class Typing:
    """What one person will type: one update per character, and the text they make."""

    client: int
    updates: list[bytes]

    @classmethod
    def compose(cls, client: int, edits: int) -> "Typing":
        """Type `edits` characters, the last of them the end mark, at the end of one's own text."""
        doc: Doc[Any] = Doc(client_id=client)
        text = doc.get(FILE, type=Text)
        updates: list[bytes] = []

        def keep(event: TransactionEvent) -> None:
            updates.append(event.update)

        subscription = doc.observe(keep)
        size = 0
        for number in range(edits - 1):
            text.insert(size, "\n" if number % 40 == 39 else chr(97 + number % 26))
            size += 1
        text.insert(size, END.decode() + f"{client} ")
        doc.unobserve(subscription)
        return cls(client, updates)


@dataclass(slots=True)
class Received:
    """Everything one socket received: when, and the message without its envelope."""

    at: list[float] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

    def updates(self) -> list[tuple[float, bytes]]:
        """Return the document updates among them."""
        found = []
        for at, message in zip(self.at, self.messages, strict=True):
            if message[0] == MessageType.SYNC and message[1] != SyncStep.STEP1:
                found.append((at, Reader(message[2:]).var_bytes()))
        return found


class Client(WSListener):
    """One socket."""

    def __init__(self, server: Server, room: str) -> None:
        self.received = Received()
        self.synced: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.finished: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.expected_ends = 0
        self.presence_messages = 0
        self.acknowledged_at: dict[int, float] = {}
        self.wants_acknowledgements = server.is_ours
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._envelope = var_bytes(room.encode()) if server.name == HOCUSPOCUS else b""
        self._transport: WSTransport
        self._write = self._nowhere
        self.asked = 0
        self._outstanding = False
        self.sent_at: list[float] = []

    def _nowhere(self, data: bytes) -> None:
        raise RuntimeError("not connected")

    # Receiving

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Say hello as a stock provider does."""
        self._transport = transport
        self._write = transport.underlying_transport.write
        if self._envelope:
            self.send(bytes((_AUTH, 0)) + var_bytes(b"token"))
        self.send(sync_frame(SyncStep.STEP1, _EMPTY_STATE))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Note what came and when."""
        if frame.msg_type is not WSMsgType.BINARY:
            return
        at = time.monotonic()
        message = frame.get_payload_as_bytes()[len(self._envelope) :]
        kind = message[0]
        if kind == MessageType.AWARENESS:
            self.presence_messages += 1
        elif kind in (MessageType.SYNC, 4):
            if message[1] == SyncStep.STEP1:
                self.send(sync_frame(SyncStep.STEP2, _NOTHING))
                return
            if message[1] == SyncStep.STEP2 and not self.synced.done():
                self.synced.set_result(at)
            self.received.at.append(at)
            self.received.messages.append(b"\0" + message[1:])
            if END in message:
                self.expected_ends -= message.count(END)
                if self.expected_ends <= 0 and not self.finished.done():
                    self.finished.set_result(at)
        elif kind == MessageType.ACKNOWLEDGE:
            number = Reader(Reader(message[1:]).var_bytes()).var_uint()
            self.acknowledged_at[number] = at
            self._outstanding = False
            if len(self.sent_at) > number:
                self._ask()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Note the end."""
        if not self.closed.done():
            self.closed.set_result(None)

    # Sending

    def wire(self, message: bytes) -> bytes:
        """Return a message as it goes over the wire."""
        return masked(self._envelope + message)

    def send(self, message: bytes) -> None:
        """Send one message."""
        self._write(self.wire(message))

    def edit(self, wire: bytes) -> None:
        """Send one edit made with `wire`, and ask when it is safe: one question under way at a time."""
        self.sent_at.append(time.monotonic())
        self._write(wire)
        if self.wants_acknowledgements and not self._outstanding:
            self._ask()

    def _ask(self) -> None:
        self._outstanding = True
        self.asked = len(self.sent_at)
        self.send(acknowledge_frame(var_uint(self.asked)))

    def buffered(self) -> int:
        """Return the bytes that wait to be sent."""
        return int(self._transport.underlying_transport.get_write_buffer_size())

    def disconnect(self) -> None:
        """Drop the connection."""
        self._transport.disconnect(False)


def presence(client: int, clock: int, position: int) -> bytes:
    """Return a cursor as y-codemirror announces it."""
    item = f'{{"type":null,"tname":"{FILE}","item":{{"client":{client},"clock":{position}}},"assoc":0}}'
    state = (
        f'{{"user":{{"name":"Person {client}","color":"#30bced","colorLight":"#30bced33"}},'
        f'"cursor":{{"anchor":{item},"head":{item}}}}}'
    )
    return awareness_frame(b"\x01" + var_uint(client) + var_uint(clock) + var_bytes(state.encode()))


async def connect(server: Server, path: str, room: str) -> Client:
    """Connect a client; it says hello and answers by itself."""
    _, client = await ws_connect(
        lambda: Client(server, room),
        f"ws://127.0.0.1:{server.port}{path}",
        max_frame_size=2**26,
        websocket_handshake_timeout=60,
    )
    assert isinstance(client, Client)
    return client


def final_text(received: Received, own: Sequence[bytes] = ()) -> str:
    """Return the text of main.py after all that was received, and one's own edits."""
    doc: Doc[Any] = Doc()
    text = doc.get(FILE, type=Text)
    for update in own:
        doc.apply_update(update)
    for _, update in received.updates():
        doc.apply_update(update)
    return str(text)


def arrivals(
    received: Received, cache: dict[bytes, list[tuple[int, int, int]]]
) -> list[tuple[float, int, int]]:
    """Return (when, client, clock) of every character that arrived."""
    found = []
    for at, update in received.updates():
        structs = cache.get(update)
        if structs is None:
            structs = cache[update] = summarize_update(update).structs
        found += [
            (at, client, clock) for client, start, end in structs for clock in range(start, end)
        ]
    return found
