"""What one socket, one person and one address may do: beyond a limit they wait or are turned away, and lose nothing."""

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pycrdt import Doc, Text
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, join, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.codec import SyncStep, awareness_frame, sync_frame, var_bytes, var_uint
from pizarra.collab.rate import Rate

LIMITS: dict[str, Any] = {
    "max_connections_per_address": 5,
    "max_connections_per_person": 2,
    "max_clients_per_connection": 3,
    "max_updates_per_second": 50,
    "max_presence_per_second": 20,
    "max_syncs_per_second": 5,
    "request_head_seconds": 0.5,
}


@pytest.fixture(scope="module")
def strict_server(tmp_path_factory: pytest.TempPathFactory, runner_socket: Any) -> Iterator[ServerProcess]:
    """A server that allows little."""
    with server_process(tmp_path_factory.mktemp("strict"), runner_socket=runner_socket, **LIMITS) as process:
        yield process


async def test_an_address_has_so_many_sockets_and_no_more(strict_server: ServerProcess) -> None:
    url = url_of(strict_server, create(strict_server))
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(connect_peer(url))
        async with connect_peer(url, sync=False) as one_more:
            assert await one_more.wait_closed() == 1013
            assert "too many connections from one address (5)" in str(one_more.socket.close_reason)
    async with connect_peer(url) as later:
        assert str(later.text) == "hello"


async def test_an_invited_person_has_so_many_sockets_and_no_more(strict_server: ServerProcess) -> None:
    session = create(strict_server)
    url, token = url_of(strict_server, session), join(strict_server, session)
    async with connect_peer(url, token=token), connect_peer(url, token=token):
        async with connect_peer(url, token=token, sync=False) as third:
            assert await third.wait_closed() == 1013
            assert "close other windows" in str(third.socket.close_reason)
        async with connect_peer(url, token=join(strict_server, session, name="Somebody else")) as other:
            assert str(other.text) == "hello"


async def test_a_socket_writes_under_so_many_client_ids_and_no_more(strict_server: ServerProcess) -> None:
    session = create(strict_server, "")
    async with connect_peer(url_of(strict_server, session)) as peer:
        for client in range(1, 5):
            doc: Doc[Any] = Doc(client_id=client)
            doc.get("file:main.py", type=Text).insert(0, "x")
            await peer.socket.send(sync_frame(SyncStep.UPDATE, doc.get_update()))
        assert await peer.wait_closed() == 4400
        assert "too many client ids" in str(peer.socket.close_reason)
    assert text_of(strict_server, session) == "xxx"


async def test_who_writes_too_fast_waits_and_loses_nothing(strict_server: ServerProcess) -> None:
    session = create(strict_server, "")
    async with (
        connect_peer(url_of(strict_server, session)) as peer,
        connect_peer(url_of(strict_server, session)) as other,
    ):
        started = time.monotonic()
        for number in range(100):  # each with its question: two hundred messages, a hundred of them free
            last = await peer.insert(number, "x")
        # Others are served meanwhile.
        await other.wait_acknowledged(await other.edit(lambda text: None), seconds=1)
        await peer.wait_acknowledged(last, seconds=10)
        await peer.wait_acknowledged(await peer.edit(lambda text: None), seconds=10)
        assert time.monotonic() - started > 0.4
    assert text_of(strict_server, session) == "x" * 100


async def test_cursors_and_questions_beyond_the_limit_wait(strict_server: ServerProcess) -> None:
    async with connect_peer(url_of(strict_server, create(strict_server))) as peer:
        for clock in range(1, 61):
            await peer.socket.send(awareness_frame(b"\x01\x05" + var_uint(clock) + var_bytes(b'{"cursor":1}')))
        # What lies in one read is taken in; what comes after it waits until the debt is paid.
        started = time.monotonic()
        for _ in range(2):
            await peer.wait_acknowledged(await peer.edit(lambda text: None))
        assert time.monotonic() - started > 0.15
        for _ in range(15):
            await peer.socket.send(sync_frame(SyncStep.STEP1, b"\0"))
        started = time.monotonic()
        for _ in range(2):
            await peer.wait_acknowledged(await peer.edit(lambda text: None))
        assert time.monotonic() - started > 0.15


def test_a_request_that_trickles_in_is_dropped(strict_server: ServerProcess) -> None:
    """Bytes do not move the deadline: who sends one now and then holds no connection for long."""
    with socket.create_connection(("127.0.0.1", strict_server.port)) as slow:
        started = time.monotonic()
        with contextlib.suppress(OSError):
            for byte in b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"x" * 100:
                slow.send(bytes((byte,)))
                slow.settimeout(0.05)
                with contextlib.suppress(TimeoutError):
                    if not slow.recv(1):
                        break
        assert 0.3 < time.monotonic() - started < 3


async def test_a_full_outbox_of_questions_does_not_grow(strict_server: ServerProcess) -> None:
    """Whoever asks for acknowledgements without end waits for their rate like for anything else."""
    async with connect_peer(url_of(strict_server, create(strict_server))) as peer:
        for number in range(150):
            await peer.socket.send(bytes((102, 1, number % 100)))
        started = time.monotonic()
        await peer.wait_acknowledged(99, seconds=10)
        await peer.wait_for(lambda: sum(message.type == 102 for message in peer.messages) == 150, seconds=10)
        await peer.edit(lambda text: None)
        await peer.wait_for(lambda: sum(message.type == 102 for message in peer.messages) == 151, seconds=10)
        assert time.monotonic() - started > 0.15


def test_a_rate_lets_a_burst_through_and_then_as_much_as_it_says() -> None:
    now = [0.0]
    rate = Rate(10, lambda: now[0])
    assert [rate.spend() for _ in range(10)] == [0.0] * 10
    waits = 0.0
    for _ in range(100):
        wait = rate.spend()
        now[0] += wait
        waits += wait
    assert waits == pytest.approx(10, abs=0.2)
    now[0] += 1000
    assert [rate.spend() for _ in range(10)] == [0.0] * 10
