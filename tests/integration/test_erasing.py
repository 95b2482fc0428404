"""A session that is deleted is gone at once, and erased to the last row, however large it was and whoever stops."""

from typing import Any

import httpx2
from sqlalchemy import insert, select
from tests.harness.application import Application, application

from pizarra.config import Settings
from pizarra.models import AuditEntry, Base, InterviewSession, Snapshot, TimelineEntry
from pizarra.sessions.erasing import begin_erasing
from pizarra.sessions.retention import Retention
from pizarra.timeline.integrity.sealing import Sealer
from pizarra.timeline.packing.packer import Packer


async def rows_of(running: Application, key: int) -> dict[str, int]:
    """Return how many rows of a session each table has, where it has any."""
    found: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        column = table.c.id if table.name == "sessions" else table.c.get("session_id")
        if column is not None:
            rows = await running.services.database.fetch(select(column).where(column == key), {})
            if rows:
                found[table.name] = len(rows)
    return found


async def interview(running: Application, owner: httpx2.AsyncClient) -> tuple[dict[str, Any], int]:
    """Return a session in which something of everything happened, and its key."""
    session = (await owner.post("/api/sessions", json={"initial_code": "print(42)\n"})).json()
    path, token = f"/api/sessions/{session['session_id']}", session["share_url"].rpartition("/")[2]
    await owner.post(f"{path}/runs?wait=true")
    await owner.post(f"{path}/notes", json={"kind": "note", "text": "x"})
    await owner.post(f"{path}/invites", json={"role": "observer"})
    async with running.client() as guest:
        await guest.post("/api/join", json={"token": token, "name": "Zoë"})
        assert (await guest.post("/api/rehearsals", json={"token": token})).status_code == 201
    services = running.services
    await Sealer(services.database, services.signer, services.clock, services.recent).seal_due()
    wanted = select(InterviewSession.id).where(InterviewSession.public_id == session["session_id"])
    ((key,),) = await services.database.fetch(wanted, {})
    return session, key


async def test_a_large_session_is_erased_to_the_last_row(
    running: Application, client: httpx2.AsyncClient
) -> None:
    """In pieces, so that nobody waits for it: `no_loop_was_held` looks."""
    session, key = await interview(running, client)
    entry = {"session_id": key, "at": running.services.clock(), "kind": "edit", "gap": False}
    entries = [{**entry, "seq": 1000 + number, "update": b"x" * 900} for number in range(4000)]
    state = {"session_id": key, "seq": 9, "state": bytes(900_000), "created_at": entry["at"]}

    def write_many(connection: Any) -> None:
        connection.execute(insert(TimelineEntry), entries)
        connection.execute(insert(Snapshot), [state])

    await running.services.database.transact(write_many)
    assert len(await rows_of(running, key)) >= 7
    assert (await client.delete(f"/api/sessions/{session['session_id']}")).status_code == 204
    assert await rows_of(running, key) == {}
    sessions = await running.services.database.fetch(select(InterviewSession.id), {})
    assert sessions == []  # the rehearsal neither


async def test_what_a_server_left_is_gone_and_erased_by_the_next(settings: Settings) -> None:
    async with application(settings) as running, running.client() as owner:
        session, key = await interview(running, owner)
        kept = (await owner.post("/api/sessions")).json()
        services = running.services
        path = f"/api/sessions/{session['session_id']}"
        async with services.database.write() as db:
            row = await db.get_one(InterviewSession, key)
            about = {"actor": "owner", "address": "", "why": "asked for"}
            begun = await begin_erasing(db, row, services.clock(), **about)
        assert begun[-1] == key
        assert len(begun) == 2
        for method, place in (("GET", path), ("GET", f"{path}/timeline"), ("DELETE", path)):
            assert (await owner.request(method, place)).status_code == 404
        token = session["share_url"].rpartition("/")[2]
        joined = await owner.post("/api/join", json={"token": token, "name": "Ana"})
        assert joined.status_code == 404
        listed = await owner.get("/api/sessions")
        assert [each["session_id"] for each in listed.json()] == [kept["session_id"]]
        assert listed.headers["x-total-count"] == "1"
        sealer = Sealer(services.database, services.signer, services.clock, services.recent)
        await sealer.seal_due()
        assert await Packer(services.database, services.recent).pack_due() == 0
    async with application(settings) as running, running.client() as owner:
        services = running.services
        retention = Retention(
            settings, services.database, services.disk, services.hub, services.clock
        )
        await retention.erase_due()  # as its background work does at the start
        assert await rows_of(running, key) == {}
        assert (await owner.get(f"/api/sessions/{kept['session_id']}")).status_code == 200
        receipts = await services.database.fetch(
            select(AuditEntry.target).where(AuditEntry.action == "session.erased"), {}
        )
        assert [each.target for each in receipts] == [session["session_id"]]
