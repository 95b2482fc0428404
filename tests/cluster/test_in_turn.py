"""What one process does for all is done by one: claims are locks of the database, and die with who holds them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from tests.harness.rooms import create
from tests.harness.server import ServerProcess

from pizarra.cluster.advisory_locks import AdvisoryLock, Chore, if_free, in_turn
from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.storage.failures import DATABASE_ERRORS

_LOCKS = "FROM pg_locks WHERE locktype = 'advisory' AND objid = 7"


@pytest.fixture
async def databases(postgres_url: str) -> AsyncIterator[tuple[Database, Database]]:
    """What two processes have of one database."""
    both = (
        connect(Settings(database_url=postgres_url)),
        connect(Settings(database_url=postgres_url)),
    )
    yield both
    for each in both:
        await each.dispose()


async def test_a_chore_is_one_processs_at_a_time(databases: tuple[Database, Database]) -> None:
    here, there = databases
    async with (
        if_free(here, AdvisoryLock.CHORE, Chore.PACKING) as mine,
        if_free(there, AdvisoryLock.CHORE, Chore.PACKING) as theirs,
        if_free(there, AdvisoryLock.CHORE, Chore.ERASING) as another,
    ):
        assert (mine, theirs, another) == (True, False, True)
    async with if_free(there, AdvisoryLock.CHORE, Chore.PACKING) as theirs:
        assert theirs


async def test_whoever_waits_comes_in_when_the_other_dies(
    databases: tuple[Database, Database],
) -> None:
    here, there = databases
    came = asyncio.Event()

    async def wait() -> None:
        async with in_turn(there, AdvisoryLock.BRANCH, 7):
            came.set()

    async def hold_until_it_is_gone() -> None:
        async with in_turn(here, AdvisoryLock.BRANCH, 7):
            waiting = asyncio.create_task(wait())
            async with there.engine.connect() as other:
                while not await other.scalar(text(f"SELECT count(*) {_LOCKS} AND NOT granted")):
                    await asyncio.sleep(0.01)
                assert not came.is_set()
                dead = (
                    f"SELECT pg_terminate_backend(pid) FROM (SELECT pid {_LOCKS} AND granted) AS it"
                )
                await other.execute(text(dead))
            await asyncio.wait_for(waiting, 10)

    with contextlib.suppress(*DATABASE_ERRORS):  # its own connection is gone
        await hold_until_it_is_gone()
    assert came.is_set()


async def test_each_instant_is_tried_once_whoever_ran_it(
    two_servers: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = two_servers
    session = create(first, "print(input())\n")
    path = f"/api/sessions/{session['session_id']}"
    cases = [{"name": "echo", "stdin": "7\n", "expected": "7\n", "compare": "text"}]
    httpx2.put(f"{first.url}{path}/tests", json={"tests": cases}).raise_for_status()
    async with httpx2.AsyncClient(timeout=60) as client:
        for _ in range(3):
            asked = (
                client.post(f"{server.url}{path}/runs?wait=true", json={"stdin": "7\n"})
                for server in (first, second)
            )
            for run in await asyncio.gather(*asked):
                assert run.status_code == 200
        results: list[dict[str, Any]] = []
        async with asyncio.timeout(30):
            while True:
                notes = (await client.get(f"{first.url}{path}/notes")).json()
                results = [each for each in notes if each["kind"] == "test.result"]
                runs = (await client.get(f"{first.url}{path}/runs")).json()
                if {each["data"]["anchor"] for each in results} >= {run["at"] for run in runs}:
                    break
                await asyncio.sleep(0.1)
    anchors = [each["data"]["anchor"] for each in results]
    assert len(anchors) == len(set(anchors))
