"""Seen ⇒ durable: nobody is shown, and nobody is told of, what is not committed."""

from pathlib import Path
from typing import Any

import pytest
from tests.harness.peer import connect_peer
from tests.harness.postgres import Postgres
from tests.harness.rooms import create, stalled, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import SyncStep, sync_frame


async def test_nothing_is_seen_or_acknowledged_before_it_is_committed(
    shared_server: ServerProcess,
) -> None:
    url = f"{shared_server.ws_url}/{create(shared_server)['room_id']}"
    async with connect_peer(url) as ann, connect_peer(url) as bob:
        async with stalled(shared_server):
            number = await ann.insert(5, " world")
            with pytest.raises(TimeoutError):
                await ann.wait_acknowledged(number, seconds=0.4)
            assert str(bob.text) == "hello"
        await ann.wait_acknowledged(number)
        await bob.wait_text("hello world")


async def test_a_database_that_goes_away_sends_clients_away_and_loses_nothing(
    server: ServerProcess,
    url: str,
    session: dict[str, Any],
    cluster: Postgres,
    database_url: str | None,
) -> None:
    if database_url is None:
        pytest.skip("SQLite does not go away")
    async with connect_peer(url) as ann, connect_peer(url) as bob:
        cluster.stop()
        try:
            await ann.insert(5, "!")
            assert await ann.wait_closed(10) == 1013
            assert str(bob.text) == "hello"
            kept = ann.doc
        finally:
            cluster.start()
    async with connect_peer(url) as again:
        update = kept.get_update(again.doc.get_state())
        await again.socket.send(sync_frame(SyncStep.STEP2, update))
        await again.edit(lambda text: None)
        await again.wait_acknowledged(1)
    assert text_of(server, session) == "hello!"


async def test_a_database_that_hangs_delays_and_loses_nothing(
    postgres_server: ServerProcess, cluster: Postgres
) -> None:
    """SIGSTOP: it takes what it is sent and does not answer, as on a host that is suspended."""
    session = create(postgres_server)
    url = url_of(postgres_server, session)
    async with connect_peer(url) as ann, connect_peer(url) as bob:
        with cluster.paused():
            number = await ann.insert(5, "!")
            with pytest.raises(TimeoutError):
                await ann.wait_acknowledged(number, seconds=0.5)
            assert str(bob.text) == "hello"
        await ann.wait_acknowledged(number, seconds=10)
        await bob.wait_text("hello!")
    assert text_of(postgres_server, session) == "hello!"


async def test_a_database_that_hangs_for_long_sends_clients_away(
    tmp_path: Path, runner_socket: Path, cluster: Postgres
) -> None:
    settings: dict[str, Any] = {
        "commit_timeout_seconds": 0.3,
        "commit_retries": 1,
        "runner_socket": runner_socket,
    }
    with server_process(tmp_path, cluster.create_migrated(), **settings) as server:
        session = create(server)
        async with connect_peer(url_of(server, session)) as ann:
            with cluster.paused():
                await ann.insert(5, "!")
                assert await ann.wait_closed(10) == 1013
                kept = ann.doc
        async with connect_peer(url_of(server, session)) as again:
            await again.socket.send(
                sync_frame(SyncStep.STEP2, kept.get_update(again.doc.get_state()))
            )
            await again.wait_acknowledged(await again.edit(lambda text: None))
        assert text_of(server, session) == "hello!"


async def test_a_server_that_stands_still_for_a_while_goes_on(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    url = url_of(sqlite_server, session)
    async with connect_peer(url) as ann, connect_peer(url) as bob:
        sqlite_server.pause()
        try:
            number = await ann.insert(5, "!")
            with pytest.raises(TimeoutError):
                await ann.wait_acknowledged(number, seconds=0.3)
        finally:
            sqlite_server.resume()
        await ann.wait_acknowledged(number)
        await bob.wait_text("hello!")
