"""How long a request may take to arrive: of each connection it is known when all that came was read, and not before."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from tests.harness.moved_time import in_moved_time
from uvicorn.server import ServerState

from pizarra.config import Settings
from pizarra.http.protocol import BoundedProtocol, http_protocol

SETTINGS = Settings(
    request_head_seconds=5,
    request_body_seconds=20,
    max_arriving_per_address=2,
    max_request_head_bytes=4096,
)
ASKED = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
SENT = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nabcd"


async def answer(_scope: Scope, receive: Receive, send: Send) -> None:
    """Answer once the body is there."""
    while (await receive()).get("more_body", False):
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


class Wire(asyncio.Transport):
    """A connection from a computer: what is written to it, and whether it is open."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.7", 5000), "sockname": ("192.0.2.1", 8000)})
        self.written = b""
        self.is_open = True
        self.protocol: BoundedProtocol

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return not self.is_open

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


class Server:
    """A protocol class, connections to it, and how many timers it has begun."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.timers = 0
        self._made = http_protocol(SETTINGS, self.refused.append)
        self._config = uvicorn.Config(
            answer, lifespan="off", log_config=None, timeout_keep_alive=900
        )
        self._config.load()
        loop = asyncio.get_running_loop()
        begin = loop.call_later

        def counted(seconds: float, *call: Any) -> asyncio.TimerHandle:
            self.timers += seconds != self._config.timeout_keep_alive  # uvicorn's own
            return begin(seconds, *call)

        loop.call_later = counted  # type: ignore[assignment]

    def connect(self) -> Wire:
        """Return a connection."""
        wire = Wire()
        made: Any = self._made(config=self._config, server_state=ServerState(), app_state={})
        wire.protocol = made
        made.connection_made(wire)
        return wire

    def arriving(self) -> int:
        """Return how many requests are counted that are not whole."""
        arrivals: Any = self._made.arrivals  # type: ignore[attr-defined]
        return sum(len(each) for each in arrivals._by_address.values())  # noqa: SLF001


def story(work: Callable[[Server], Coroutine[Any, Any, None]]) -> None:
    """Run one with a server."""

    async def run() -> None:
        await work(Server())

    in_moved_time(run())


@pytest.mark.parametrize("request_", [ASKED, SENT])
def test_a_request_in_one_piece_needs_no_timer_and_is_counted_nowhere(request_: bytes) -> None:
    async def work(server: Server) -> None:
        wire = server.connect()
        assert server.arriving() == 1  # who connects is expected to ask
        for _ in range(3):
            before = server.timers
            wire.protocol.data_received(request_)
            assert server.arriving() == 0
            while not wire.protocol.cycle.response_complete:
                await asyncio.sleep(0)
            assert server.timers == before
        assert wire.written.count(b"200 OK") == 3
        await asyncio.sleep(100)
        assert wire.is_open

    story(work)


@pytest.mark.parametrize("place", range(1, len(SENT)))
def test_the_rest_of_a_request_has_its_time_wherever_it_breaks_off(place: int) -> None:
    """Five seconds to the end of the head, twenty for the body, however often something comes."""

    async def work(server: Server) -> None:
        wire = server.connect()
        wire.protocol.data_received(ASKED)
        await asyncio.sleep(100)
        wire.protocol.data_received(SENT[:place])
        assert server.arriving() == 1
        time = 5 if place < SENT.index(b"abcd") else 20
        await asyncio.sleep(time - 0.1)
        was_open = wire.is_open
        await asyncio.sleep(0.2)
        if time == 20:
            assert b" 408 " in wire.written
            assert server.refused == ["request_body_seconds"]
            await asyncio.sleep(SETTINGS.refused_seconds)
        assert (was_open, wire.is_open, server.arriving()) == (True, False, 0)

    story(work)


def test_bytes_that_trickle_in_do_not_move_it() -> None:
    async def work(server: Server) -> None:
        wire, states = server.connect(), []
        for at in range(4):
            wire.protocol.data_received(ASKED[at : at + 1])
            await asyncio.sleep(1.2)
        states.append(wire.is_open)
        await asyncio.sleep(0.3)
        assert [*states, wire.is_open] == [True, False]

    story(work)


def test_line_ends_that_begin_no_request_have_the_time_of_a_head() -> None:
    async def work(server: Server) -> None:
        wire = server.connect()
        wire.protocol.data_received(ASKED)
        await asyncio.sleep(1)
        wire.protocol.data_received(b"\r\n")
        assert server.arriving() == 1
        await asyncio.sleep(5.1)
        assert not wire.is_open
        assert server.arriving() == 0

    story(work)


def test_what_comes_with_the_end_of_one_request_is_the_next_and_has_its_own_time() -> None:
    async def work(server: Server) -> None:
        wire = server.connect()
        wire.protocol.data_received(SENT[:-2])
        await asyncio.sleep(19)
        wire.protocol.data_received(SENT[-2:] + ASKED[:10])
        assert server.arriving() == 1
        await asyncio.sleep(4.9)
        assert wire.is_open
        assert wire.written.count(b"200 OK") == 1
        wire.protocol.data_received(ASKED[10:])
        assert server.arriving() == 0
        await asyncio.sleep(100)
        assert wire.is_open
        assert wire.written.count(b"200 OK") == 2

    story(work)


def test_of_an_address_with_too_many_that_arrive_the_oldest_makes_room() -> None:
    async def work(server: Server) -> None:
        wires = [server.connect() for _ in range(4)]
        for wire in wires[1:]:
            wire.protocol.data_received(ASKED[:5])
        wires[0].protocol.data_received(ASKED)  # it is whole
        await asyncio.sleep(0.1)
        assert [wire.is_open for wire in wires] == [True, False, True, True]
        assert server.refused == ["max_arriving_per_address"]
        assert server.arriving() == 2

    story(work)


@pytest.mark.parametrize("broken", [b"what?\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"y" * 4096])
def test_what_is_refused_is_counted_no_more(broken: bytes) -> None:
    async def work(server: Server) -> None:
        wire = server.connect()
        wire.protocol.data_received(broken)
        assert server.arriving() == 0
        assert wire.written.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))
        await asyncio.sleep(SETTINGS.refused_seconds + 0.1)
        assert not wire.is_open

    story(work)
