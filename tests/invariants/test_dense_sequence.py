"""`seq` is dense and in commit order, whoever appends; a writer of an earlier epoch cannot append."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from sqlalchemy import select, update
from tests.harness.application import Application
from tests.harness.entries import event

from pizarra.collab.journal import EpochMismatch, SessionClosed
from pizarra.config import Settings
from pizarra.database import connect
from pizarra.kit.clock import utc_now
from pizarra.models import InterviewSession, TimelineEntry
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.append.recent import Recent

APPENDS = 60


@asynccontextmanager
async def another_process(settings: Settings) -> AsyncIterator[SqlJournal]:
    """A journal of its own on the same database, as a second process has."""
    database = connect(settings)
    journal = SqlJournal(database, utc_now, 0.01, lambda batch, seconds: None, Recent(0))
    yield journal
    await journal.close()
    await database.dispose()


async def test_two_processes_and_many_writers_leave_no_hole(
    running: Application, settings: Settings
) -> None:
    async with running.client() as owner, another_process(settings) as second:
        sessions = [(await owner.post("/api/sessions")).json() for _ in range(3)]
        stored = [await second.load(session["room_id"]) for session in sessions]
        journals = (running.services.journal, second)

        async def write(journal: SqlJournal, writer: int) -> list[tuple[int, int]]:
            places = []
            for number in range(APPENDS):
                document = stored[(writer + number) % 3]
                assert document is not None
                entries = [
                    event("note", None, {"by": writer, "n": number, "of": of})
                    for of in range(writer + 1)
                ]
                places.append(
                    (document.key, await journal.append(document.key, document.epoch, entries))
                )
            return places

        outcomes = await asyncio.gather(
            *(write(journals[writer % 2], writer) for writer in range(4))
        )
        async with running.services.database.read() as db:
            for document in stored:
                assert document is not None
                rows = (
                    await db.execute(
                        select(TimelineEntry.seq, TimelineEntry.data)
                        .where(TimelineEntry.session_id == document.key)
                        .order_by(TimelineEntry.seq)
                    )
                ).all()
                assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
                for writer, places in enumerate(outcomes):
                    mine = [seq for key, seq in places if key == document.key]
                    assert mine == sorted(mine)
                    for seq in mine:  # a batch lies together, in its order
                        assert [rows[seq - 1 + of][1]["of"] for of in range(writer + 1)] == list(
                            range(writer + 1)
                        )


async def test_a_stale_epoch_or_an_ended_session_appends_nothing(
    running: Application, client: httpx2.AsyncClient
) -> None:
    session = (await client.post("/api/sessions")).json()
    journal, database = running.services.journal, running.services.database
    document = await journal.load(session["room_id"])
    assert document is not None
    entry = event("note", None, {})
    with pytest.raises(EpochMismatch):
        await journal.append(document.key, "0" * 32, [entry])
    await client.post(f"/api/sessions/{session['session_id']}/end")
    with pytest.raises(SessionClosed):
        await journal.append(document.key, document.epoch, [entry])
    async with database.write() as db:
        await db.execute(update(InterviewSession).values(epoch="1" * 32))
    with pytest.raises(EpochMismatch):
        await journal.append(document.key, document.epoch, [entry], require_open=False)
    kinds = [
        entry["kind"]
        for entry in (await client.get(f"/api/sessions/{session['session_id']}/timeline")).json()
    ]
    assert "note" not in kinds
