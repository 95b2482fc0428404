"""What one socket, one person and one address may do: beyond a limit they wait or are turned away, and lose nothing."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pycrdt import Doc, Text
from tests.harness.peer import Peer, connect_peer
from tests.harness.rooms import create, join, metric, stalled, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.token_bucket import TokenBucket
from pizarra.collab.wire.codec import SyncStep, awareness_frame, sync_frame, var_bytes, var_uint

LIMITS: dict[str, Any] = {
    "max_connections_per_address": 5,
    "max_connections_per_person": 2,
    "max_clients_per_connection": 3,
    "max_updates_per_second": 50,
    "max_presence_per_second": 20,
    "max_syncs_per_second": 5,
    "request_head_seconds": 0.5,
    "max_refusals_per_minute": 5,
    "max_people_per_link": 8,
}


@pytest.fixture(scope="module")
def strict_server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Any
) -> Iterator[ServerProcess]:
    """A server that allows little."""
    with server_process(
        tmp_path_factory.mktemp("strict"), runner_socket=runner_socket, **LIMITS
    ) as process:
        yield process


async def test_sockets_opened_at_once_are_counted_one_by_one(strict_server: ServerProcess) -> None:
    """The count was taken before the room was ready: eighty that came together were all let in."""
    session = create(strict_server)
    url, token = url_of(strict_server, session), join(strict_server, session)

    async def how_it_ends(peer: Peer) -> int | None:
        await peer.wait_for(
            lambda: peer.socket.close_code is not None or bool(peer.controls_of("welcome"))
        )
        return peer.socket.close_code

    async with contextlib.AsyncExitStack() as stack:
        opening = (
            stack.enter_async_context(connect_peer(url, token=token, sync=False, control=True))
            for _ in range(5)
        )
        ended = await asyncio.gather(
            *(how_it_ends(peer) for peer in await asyncio.gather(*opening))
        )
    assert sorted(ended, key=str) == [1013, 1013, 1013, None, None]


async def test_who_is_not_let_in_in_time_is_told_that_and_counted(
    tmp_path: Path, runner_socket: Path
) -> None:
    """It was said that the database does not answer: in Python a time-out is an `OSError` too."""
    with server_process(tmp_path, runner_socket=runner_socket, admission_seconds=0.5) as server:
        session = create(server)
        async with stalled(server), connect_peer(url_of(server, session), sync=False) as peer:
            assert await peer.wait_closed() == 1013
            assert peer.socket.close_reason == "the server is too busy"
        assert metric(server, 'pizarra_refusals_total{bound="admission_seconds"}') == 1


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


async def test_an_invited_person_has_so_many_sockets_and_no_more(
    strict_server: ServerProcess,
) -> None:
    session = create(strict_server)
    url, token = url_of(strict_server, session), join(strict_server, session)
    async with connect_peer(url, token=token), connect_peer(url, token=token):
        async with connect_peer(url, token=token, sync=False) as third:
            assert await third.wait_closed() == 1013
            assert "close other windows" in str(third.socket.close_reason)
        async with connect_peer(
            url, token=join(strict_server, session, name="Somebody else")
        ) as other:
            assert str(other.text) == "hello"


def _has_pongs(peer: Peer, count: int) -> bool:
    return len(peer.controls_of("pong")) == count


async def test_who_asks_for_ever_for_what_is_refused_is_sent_away(
    strict_server: ServerProcess,
) -> None:
    session = create(strict_server)
    url, token = url_of(strict_server, session), join(strict_server, session)
    name = 'pizarra_refusals_total{bound="max_refusals_per_minute"}'
    before = metric(strict_server, name)
    async with connect_peer(url, token=token, control=True) as other:
        async with connect_peer(url, token=token, control=True) as peer:
            for _ in range(5):
                await peer.control(type="run.stop", run_id="0" * 32)
            await peer.wait_for(lambda: len(peer.controls_of("refusal")) == 5)
            assert peer.socket.close_code is None
            await peer.control(type="run.stop", run_id="0" * 32)
            assert await peer.wait_closed() == 1013
            assert (
                peer.socket.close_reason == "too many of your requests were refused: wait a minute"
            )
        # It is counted for the person: another window of theirs begins nothing anew, but may go on as it should.
        await other.wait_acknowledged(await other.insert(0, "still here "))
        await other.control(type="run.stop", run_id="0" * 32)
        assert await other.wait_closed() == 1013
    assert metric(strict_server, name) == before + 2
    async with connect_peer(
        url, token=join(strict_server, session, name="Ana"), control=True
    ) as somebody:
        await somebody.control(type="run.stop", run_id="0" * 32)
        await somebody.wait_for(lambda: bool(somebody.controls_of("refusal")))
        await somebody.wait_acknowledged(await somebody.insert(0, "and me "))


def test_so_many_people_come_by_one_link_and_no_more(strict_server: ServerProcess) -> None:
    """Each who comes is compared with all who came: thousands of them would hold everybody up, and fill the disk."""
    invites = f"{strict_server.url}/api/sessions/{create(strict_server)['session_id']}/invites"

    def come(token: str, name: str) -> httpx2.Response:
        return httpx2.post(f"{strict_server.url}/api/join", json={"token": token, "name": name})

    link, another = (
        httpx2.post(invites, json={"role": "candidate"}).json()["token"] for _ in range(2)
    )
    assert [come(link, f"Zoë {number}").status_code for number in range(8)] == [200] * 8
    refused = come(link, "one more")
    assert refused.status_code == 409
    assert (
        refused.json()["detail"]
        == "8 people came by this link, and nobody new can. Ask the host for another link."
    )
    assert come(link, "Zoë 0").status_code == 200
    assert come(another, "one more").status_code == 200
    assert metric(strict_server, 'pizarra_refusals_total{bound="max_people_per_link"}') == 1


async def test_a_large_control_message_counts_as_several(strict_server: ServerProcess) -> None:
    async with connect_peer(url_of(strict_server, create(strict_server)), control=True) as peer:
        started = time.monotonic()
        await peer.control(type="run.input", run_id="none", text="x" * 250_000)
        for pings in (1, 2):  # the first may lie in the same read, which is taken in
            await peer.control(type="ping", id=pings)
            await peer.wait_for(partial(_has_pongs, peer, pings), 10)
        # 62 messages' worth, of which 20 to 40 may come at once
        assert time.monotonic() - started > 1


async def test_a_socket_writes_under_so_many_client_ids_and_no_more(
    strict_server: ServerProcess,
) -> None:
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
        # each with its question: a hundred and forty messages, a hundred of them free
        for number in range(70):
            last = await peer.insert(number, "x")
        # Others are served meanwhile.
        await other.wait_acknowledged(await other.edit(lambda text: None), seconds=1)
        await peer.wait_acknowledged(last, seconds=10)
        await peer.wait_acknowledged(await peer.edit(lambda text: None), seconds=10)
        assert time.monotonic() - started > 0.4
    assert text_of(strict_server, session) == "x" * 70


async def test_cursors_and_questions_beyond_the_limit_wait(strict_server: ServerProcess) -> None:
    async with connect_peer(url_of(strict_server, create(strict_server))) as peer:
        for clock in range(1, 36):
            await peer.socket.send(
                awareness_frame(b"\x01\x05" + var_uint(clock) + var_bytes(b'{"cursor":1}'))
            )
        # What lies in one read is taken in; what comes after it waits until the debt is paid.
        started = time.monotonic()
        for _ in range(2):
            await peer.wait_acknowledged(await peer.edit(lambda text: None))
        assert time.monotonic() - started > 0.15
        for _ in range(9):
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
        for number in range(100):
            await peer.socket.send(bytes((102, 1, number)))
        started = time.monotonic()
        await peer.wait_acknowledged(99, seconds=10)
        await peer.wait_for(
            lambda: sum(message.type == 102 for message in peer.messages) == 100, seconds=10
        )
        await peer.edit(lambda text: None)
        await peer.wait_for(
            lambda: sum(message.type == 102 for message in peer.messages) == 101, seconds=10
        )
        assert time.monotonic() - started > 0.15


def test_a_rate_lets_a_burst_through_and_then_as_much_as_it_says() -> None:
    now = [0.0]
    rate = TokenBucket(10, lambda: now[0])
    assert [rate.spend() for _ in range(10)] == [0.0] * 10
    waits = 0.0
    for _ in range(100):
        wait = rate.spend()
        now[0] += wait
        waits += wait
    assert waits == pytest.approx(10, abs=0.2)
    now[0] += 1000
    assert [rate.spend() for _ in range(10)] == [0.0] * 10
