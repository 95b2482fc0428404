"""Who joins is told how the session stands when they come in, whatever happens while it is read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.harness.application import Application

from pizarra.collab.hub import UnknownRoom
from pizarra.database import Database
from pizarra.realtime.joining import Joining
from pizarra.storage.prepared import Parameters, Prepared


class SlowReads(Database):
    """A database that counts sessions that are read, and lets something happen after the first."""

    def __init__(self, behind: Database, happens: Callable[[], Awaitable[object]]) -> None:
        super().__init__(behind.url)
        self._happens: Callable[[], Awaitable[object]] | None = happens
        self.sessions = 0

    async def fetch_unchanged(self, prepared: Prepared, parameters: Parameters) -> Sequence[Any]:
        """Return the session, as it was before what happens."""
        rows = await super().fetch_unchanged(prepared, parameters)
        self.sessions += 1
        if self._happens is not None:
            happens, self._happens = self._happens, None
            await happens()
        return rows


@asynccontextmanager
async def slow_reads(
    behind: Database, happens: Callable[[], Awaitable[object]]
) -> AsyncIterator[SlowReads]:
    """Give another way to the same database."""
    database = SlowReads(behind, happens)
    try:
        yield database
    finally:
        await database.dispose()


async def test_what_happens_while_it_is_read_is_in_it(running: Application) -> None:
    services = running.services
    async with running.client() as owner:
        made = (await owner.post("/api/sessions", json={"title": "Before"})).json()
        path = f"/api/sessions/{made['session_id']}"
        async with slow_reads(
            services.database, lambda: owner.patch(path, json={"title": "After"})
        ) as database:
            joining = Joining(database, services.hub, services.bus, 1)
            _, state = await joining.read(made["room_id"], with_state=True)
    assert state is not None
    assert state.session.title == "After"


async def test_a_crowd_reads_once(running: Application) -> None:
    services = running.services
    async with running.client() as owner:
        made = [(await owner.post("/api/sessions", json={})).json() for _ in range(2)]
    rooms = [each["room_id"] for each in made] * 50
    async with slow_reads(services.database, lambda: asyncio.sleep(0)) as database:
        joining = Joining(database, services.hub, services.bus, 2)
        found = await asyncio.gather(*(joining.read(each, with_state=True) for each in rooms))
    assert database.sessions == len(made)
    for wanted, (room, state) in zip(rooms, found, strict=True):
        assert state is not None
        assert wanted == room.room_id == state.session.room_id


async def test_who_wants_the_document_alone_asks_for_no_more(running: Application) -> None:
    services = running.services
    async with running.client() as owner:
        made = (await owner.post("/api/sessions", json={})).json()
    room, state = await services.joining.read(made["room_id"], with_state=False)
    assert (room.session_id, state) == (made["session_id"], None)


async def test_a_session_that_is_not_there_is_unknown_to_all_who_ask(running: Application) -> None:
    asked = (running.services.joining.read("0" * 32, with_state=True) for _ in range(3))
    for found in await asyncio.gather(*asked, return_exceptions=True):
        with pytest.raises(UnknownRoom):
            raise found if isinstance(found, BaseException) else AssertionError(found)
