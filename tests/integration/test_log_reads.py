"""What is read when a page opens costs no more where thousands of entries lie before it."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.harness.application import Application

from pizarra.branches.service import list_branches
from pizarra.database import Database, reading_in
from pizarra.integrity_events.service import recent
from pizarra.models import InterviewSession, SessionProblem, Snapshot, TimelineEntry
from pizarra.problems.course import course_of
from pizarra.timeline.read.loading import load_document

ENTRIES = 20_000
STEP = 100  # of SQLite's instructions
SUGGESTED = {"path": "main.py", "start": "{}", "end": "{}", "before": "a", "text": "b"}


class Steps:
    """Counts what SQLite does."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += STEP


def row_of(session: int, seq: int, at: datetime) -> dict[str, Any]:
    kind, data = {
        500: ("suggestion", SUGGESTED),
        700: ("suggestion.answered", {"of": 500}),
    }.get(seq, ("cursor", {}))
    return {
        "session_id": session,
        "seq": seq,
        "at": at,
        "kind": kind,
        "participant_id": 1,
        "data": data,
        "gap": False,
    }


@asynccontextmanager
async def counted(database: Database) -> AsyncIterator[tuple[AsyncSession, Steps]]:
    steps = Steps()
    async with database.read() as db:
        raw = (await (await db.connection()).get_raw_connection()).driver_connection
        assert raw is not None
        raw.set_progress_handler(steps, STEP)
        try:
            yield db, steps
        finally:
            raw.set_progress_handler(None, 0)


# PostgreSQL knows by its statistics which index is small.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.odd_entries
async def test_no_entry_is_looked_at_that_nobody_is_told_of(
    running: Application, client: httpx2.AsyncClient
) -> None:
    database, now = running.services.database, running.services.clock()
    await client.post("/api/sessions")
    async with database.write() as db:
        session = await db.scalar(select(InterviewSession))
        assert session is not None
        session.head = ENTRIES
        for first in range(2, ENTRIES, 200):
            rows = [row_of(session.id, seq, now) for seq in range(first, first + 200)]
            await db.execute(insert(TimelineEntry.__table__), rows)  # type: ignore[arg-type]
            await asyncio.sleep(0)
        empty = zlib.compress(b"\0\0")
        db.add(Snapshot(session_id=session.id, seq=ENTRIES, state=empty, owners={}, created_at=now))
        db.add(SessionProblem(session_id=session.id, seq=1, folder="", version_id=None))
    async with counted(database) as (db, steps):
        assert await recent(reading_in(db), session.id) == ([], [], [])
        assert len(await list_branches(reading_in(db), session)) == 1
        await course_of(db, session.id)
        assert await load_document(reading_in(db), session.id, ENTRIES) is not None
        assert steps.count < ENTRIES / 10
        await db.execute(select(TimelineEntry.data).where(TimelineEntry.kind == "edit"))
        assert steps.count > ENTRIES, "nothing was counted"
