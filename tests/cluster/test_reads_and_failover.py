"""What one process acknowledged, every process tells; what the database lost, none goes on showing."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from tests.harness.application import application
from tests.harness.pair import KEY, pair
from tests.harness.peer import connect_peer
from tests.harness.postgres import postgres
from tests.harness.rooms import create, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.config import Settings
from pizarra.kit.clock import utc_now

TwoServers = tuple[ServerProcess, ServerProcess]


async def test_what_is_saved_is_read_through_any_process(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    with pair(tmp_path, postgres_url, runner_socket, follow_seconds=10) as (first, second):
        session = create(first, "")
        runs = f"{second.url}/api/sessions/{session['session_id']}/runs?wait=true"
        async with (
            connect_peer(url_of(first, session)) as ann,
            connect_peer(url_of(second, session)) as bob,
        ):
            for number in range(20):
                await ann.wait_acknowledged(await ann.insert(0, f"print({number})\n"))
                assert text_of(second, session).count("\n") == number + 1
            await bob.wait_text(str(ann.text))  # whoever looks at it there sees it too
            async with httpx2.AsyncClient(timeout=60) as client:
                run = (await client.post(runs, json={})).json()
            assert run["stdout"].splitlines() == [str(number) for number in reversed(range(20))]


async def forget_newest(url: str, session: dict[str, Any], entries: int) -> None:
    """Have the database lose its newest commits, as one does that goes on from an asynchronous copy."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            key, head = await connection.fetchrow(
                "SELECT id, head FROM sessions WHERE public_id = $1", session["session_id"]
            )
            await connection.execute(
                "DELETE FROM timeline_entries WHERE session_id = $1 AND seq > $2",
                key,
                head - entries,
            )
            await connection.execute(
                "UPDATE sessions SET head = $2 WHERE id = $1", key, head - entries
            )
    finally:
        await connection.close()


async def test_a_log_that_lost_its_newest_entries_is_loaded_anew(
    two_servers: TwoServers, postgres_url: str
) -> None:
    first, second = two_servers
    session = create(first, "")
    async with connect_peer(url_of(first, session)) as ann:
        for index in range(6):
            await ann.wait_acknowledged(await ann.insert(index, "a"))
        await forget_newest(postgres_url, session, 5)
        assert await ann.wait_closed() == 1013
        async with (
            connect_peer(url_of(first, session)) as again,
            connect_peer(url_of(second, session)) as bob,
        ):
            assert str(again.text) == str(bob.text)
            await bob.wait_acknowledged(await bob.insert(0, "b"))
            # Ann's browser still holds what the database lost, and brings it.
            again.doc.apply_update(ann.doc.get_update())
            await again.wait_acknowledged(await again.edit(lambda _: None))
            await again.wait_for(lambda: sorted(str(again.text)) == list("aaaaaab"))
            await bob.wait_text(str(again.text))
    assert text_of(first, session) == text_of(second, session) == str(again.text)


async def test_numbers_that_were_given_out_twice_are_noticed_at_the_commit(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    with pair(tmp_path, postgres_url, runner_socket, follow_seconds=10) as (first, _):
        session = create(first, "")
        async with connect_peer(url_of(first, session)) as ann:
            for index in range(6):
                await ann.wait_acknowledged(await ann.insert(index, "a"))
            await forget_newest(postgres_url, session, 5)
            await ann.insert(6, "b")
            assert await ann.wait_closed() == 1013


async def test_instants_never_go_back_though_clocks_differ(
    tmp_path: Path, runner_socket: Path, postgres_url: str
) -> None:
    """One process is five minutes behind the other."""
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    settings = Settings(
        data_dir=tmp_path / "1",
        database_url=postgres_url,
        runner_socket=runner_socket,
        secret_key=KEY,
        log_level="warning",
    )
    behind = timedelta(minutes=5)
    with server_process(
        tmp_path / "2", postgres_url, runner_socket=runner_socket, secret_key=KEY
    ) as second:
        async with application(settings, lambda: utc_now() - behind) as first:
            session = create(second, "print(1)\n")
            path = f"/api/sessions/{session['session_id']}"
            async with first.client() as here, httpx2.AsyncClient(base_url=second.url) as there:
                for number in range(3):
                    for client in (here, there):
                        said = await client.post(f"{path}/lines", json={"text": str(number)})
                        assert said.status_code == 201
                        await asyncio.sleep(0)
                    language = ("javascript", "java", "cpp")[number]
                    assert (await here.patch(path, json={"language": language})).status_code == 200
                timeline = (await there.get(f"{path}/timeline")).json()
    instants = [each["at"] for each in timeline]
    assert len(instants) >= 10
    assert instants == sorted(instants)


async def test_a_database_that_goes_on_as_another_copy_has_rooms_loaded_anew(
    tmp_path: Path, runner_socket: Path
) -> None:
    """A standby that is promoted may lack the newest commits; its timeline says that it is another."""
    with postgres() as cluster:
        url = cluster.create_migrated()
        with server_process(
            tmp_path, url, runner_socket=runner_socket, follow_seconds=0.2
        ) as server:
            session = create(server, "")
            async with connect_peer(url_of(server, session)) as ann:
                await ann.wait_acknowledged(await ann.insert(0, "a"))
                await asyncio.sleep(1)  # it has looked
                assert ann.socket.close_code is None
                cluster.promote()
                assert await ann.wait_closed(20) == 1013
            async with connect_peer(url_of(server, session)) as again:
                await again.wait_acknowledged(await again.insert(1, "b"))
                await asyncio.sleep(1)
                assert again.socket.close_code is None, "once is enough"
            assert text_of(server, session) == "ab"
