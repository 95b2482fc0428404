"""Whatever an embedded server says it has done is on the disk, and its event loop does not wait for that."""

import asyncio
import errno
import logging
import os
import threading
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from sqlalchemy import column, text
from tests.harness.application import Application

from pizarra.database import Database
from pizarra.storage.prepared import Prepared
from pizarra.storage.shared_commits import NotOnDisk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Work = Callable[[Database], Awaitable[object]]
_CHANGE = text("UPDATE sessions SET title = title || 'x' RETURNING id")
_PREPARED = Prepared(_CHANGE.columns(column("id")))


async def in_a_session(database: Database) -> None:
    async with database.write() as db:
        await db.execute(_CHANGE)


async def by_itself(database: Database) -> None:
    await database.transact(lambda connection: connection.execute(_CHANGE).all())


async def with_others(database: Database) -> None:
    await database.transact_shared(lambda write: write(_PREPARED, {}))


ROADS = pytest.mark.parametrize("road", [in_a_session, by_itself, with_others])


class Disk:
    """In the place of `os.fdatasync`: notes which thread waits for the disk, and may refuse."""

    def __init__(self) -> None:
        self.waited: list[int] = []
        self.refuses = False
        self._sync = os.fdatasync

    def __call__(self, descriptor: int) -> None:
        self.waited.append(threading.get_ident())
        if self.refuses:
            raise OSError(errno.EIO, "Input/output error")
        self._sync(descriptor)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    stands_for = Disk()
    monkeypatch.setattr(os, "fdatasync", stands_for)
    return stands_for


@ROADS
async def test_a_thread_waits_for_the_disk(
    running: Application, client: httpx2.AsyncClient, disk: Disk, road: Work
) -> None:
    await client.post("/api/sessions")
    for _ in range(3):
        disk.waited.clear()
        await road(running.services.database)
        assert len(disk.waited) == 1
        assert threading.get_ident() not in disk.waited


@ROADS
async def test_others_work_in_threads_is_not_waited_for(
    running: Application, client: httpx2.AsyncClient, road: Work
) -> None:
    await client.post("/api/sessions")
    loop, ends = asyncio.get_running_loop(), threading.Event()
    busy = [loop.run_in_executor(None, ends.wait, 30) for _ in range(100)]
    try:
        async with asyncio.timeout(20):
            await road(running.services.database)
        assert not any(each.done() for each in busy)
    finally:
        ends.set()
        await asyncio.gather(*busy)


@ROADS
async def test_what_the_disk_refused_is_not_called_done(
    running: Application,
    client: httpx2.AsyncClient,
    disk: Disk,
    caplog: pytest.LogCaptureFixture,
    road: Work,
) -> None:
    session = (await client.post("/api/sessions")).json()["session_id"]
    disk.refuses = True
    with pytest.raises(NotOnDisk):
        await road(running.services.database)
    caplog.clear()
    answer = await client.post(f"/api/sessions/{session}/end")
    said = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert [each for each in said if "request" not in each] == [
        "the disk refused; what was committed is not acknowledged"
    ]
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert "Look whether it was done" in answer.json()["detail"]
    disk.refuses = False
    await road(running.services.database)


async def test_only_commits_that_are_synced_do_not_wait(running: Application) -> None:
    database, asked = running.services.database, text("PRAGMA synchronous")
    full, normal = 2, 1
    for _ in range(3):  # the connections are the same: each time it is said anew
        async with database.read() as db:
            assert await db.scalar(asked) == full
        async with database.write() as db:
            assert await db.scalar(asked) == normal
        async with database.engine.begin() as connection:
            assert await connection.scalar(asked) == full
