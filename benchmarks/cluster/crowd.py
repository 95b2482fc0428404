"""A crowd of sockets that come back by themselves, as browsers do, and a server of several web processes for them."""

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.realtime.clients import masked
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from tests.harness.prefork import several
from tests.harness.server import ServerProcess

from pizarra import control
from pizarra.cluster.places import nearest
from pizarra.collab.wire.codec import MessageType, SyncStep, sync_frame
from pizarra.config import Settings

_PAUSE_SECONDS = (0.0, 1.0)  # until somebody comes back, as the page waits after its first loss
_AS_A_PAGE = {"Sec-WebSocket-Protocol": control.SUBPROTOCOL}
_AT_ONCE = 50  # handshakes of the first coming


class Person(WSListener):
    """One socket of one person, in a room; `back_at` is when the document was there again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.here = asyncio.Event()
        self.lost_at: float | None = None
        self.back_at: float | None = None
        self.losses = 0
        self._coming: asyncio.Task[None] | None = None
        self._transport: WSTransport | None = None
        self._leaves = False

    async def come(self) -> None:
        """Connect, however often it takes."""
        while True:
            with contextlib.suppress(Exception):  # whatever it is, they try again
                transport, _ = await ws_connect(
                    lambda: self,
                    self.url,
                    websocket_handshake_timeout=30,
                    extra_headers=_AS_A_PAGE,
                )
                if transport is self._transport:  # else it was dropped before the handshake
                    return
            await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Ask for the document."""
        self._transport = transport
        transport.underlying_transport.write(masked(sync_frame(SyncStep.STEP1, b"\0")))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Be here once it has come."""
        if frame.msg_type is WSMsgType.BINARY and not self.here.is_set():
            begin = frame.get_payload_as_bytes()[:2]
            if begin == bytes((MessageType.SYNC, SyncStep.STEP2)):
                self.back_at = time.monotonic()
                self.here.set()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Come back after a moment, unless they went."""
        if self._leaves:
            return
        self.losses += 1
        self.lost_at = time.monotonic()
        self.here.clear()
        self._coming = asyncio.get_running_loop().create_task(self._come_back())

    def leave(self) -> None:
        """Go, and do not come back."""
        self._leaves = True
        assert self._transport is not None, "who leaves has come"
        self._transport.disconnect()

    async def _come_back(self) -> None:
        await asyncio.sleep(random.uniform(*_PAUSE_SECONDS))
        await self.come()


async def gather(people: Sequence[Person]) -> None:
    """Have all of them come, some at a time."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def enter(person: Person) -> None:
        async with turn:
            await person.come()
            await person.here.wait()

    await asyncio.gather(*map(enter, people))


@contextlib.contextmanager
def large_server(folder: Path, database_url: str, sockets: int) -> Iterator[ServerProcess]:
    """Give a server of two web processes that lets so many sockets of this computer in."""
    shipped = Settings.model_fields
    most: dict[str, Any] = {
        "max_connections_per_address": sockets * 2,
        **{each: shipped[each].default for each in ("node_beat_seconds", "follow_seconds")},
    }
    with several(folder, database_url, folder / "no-runner", **most) as running:
        yield running


def create_at(server: ServerProcess, client: httpx2.Client, process: int | None) -> dict[str, Any]:
    """Create a session, of a process if one is named."""
    while True:
        made = client.post(f"{server.url}/api/sessions", json={"initial_code": ""})
        session = dict(made.raise_for_status().json())
        if process in (None, nearest(session["session_id"][:16].encode(), (1, 2))):
            return session
