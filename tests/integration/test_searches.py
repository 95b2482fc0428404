"""A list that looks at every session there is keeps nobody waiting."""

import asyncio
import threading

import httpx2
import pytest
from tests.harness.application import Application
from tests.harness.aside import connection_aside

SEARCHES = (
    "?q=a",
    "?status=ended",
    "?planned_from=2026-01-01T00:00:00Z",
    "?skip=2000",
    "/{session_id}/timeline?kinds=run.started",
)


# PostgreSQL reads in processes of its own.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("search", SEARCHES, ids=("text", "status", "plan", "depth", "kind"))
async def test_others_go_on_while_somebody_searches(
    running: Application, client: httpx2.AsyncClient, search: str
) -> None:
    session = (await client.post("/api/sessions", json={"title": "Ana"})).json()
    path = "/api/sessions" + search.format_map(session)
    before = (await client.get(path)).raise_for_status().json()
    aside = connection_aside(running.services.database)
    assert aside is not None, "it is read with everybody waiting"
    begun, goes_on, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def look() -> int:
        loop.call_soon_threadsafe(begun.set)
        return 0 if goes_on.wait(10) else 1

    aside.set_progress_handler(look, 1)
    searching = asyncio.create_task(client.get(path))
    async with asyncio.timeout(8):
        await begun.wait()
        assert len((await client.get("/api/sessions")).json()) == 1
        made = await client.post("/api/sessions", json={"title": "Zoe"})
    assert made.status_code == 201
    assert not searching.done()
    goes_on.set()
    assert (await searching).json() == before
