"""The journal on SQL, as rooms know it: what is appended is numbered, dated and read back, or refused with a reason."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.collab.journal import (
    EditEntry,
    Entry,
    EpochMismatch,
    JournalUnavailable,
    SessionClosed,
    StoredNews,
    StoredState,
)
from pizarra.models import InterviewSession, Snapshot, TimelineChunk, TimelineEntry
from pizarra.models.base import microseconds
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.packing.packer import Packer

EDIT = EditEntry(None, b"x" * 10)
SAID = event("said", None, {"text": "x"})


class Clock:
    """A clock that is moved."""

    now = NOON

    def __call__(self) -> Any:
        return self.now


class Kept:
    """A journal, and what it remembers."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.clock = Clock()
        self.recent = Recent(10**6)
        self.journal = SqlJournal(rows.database, self.clock, 0.0, lambda *_: None, self.recent)

    async def end(self, session: InterviewSession) -> None:
        """End a session."""
        async with self.rows.database.write() as db:
            (await db.get_one(InterviewSession, session.id)).status = "ended"


@pytest.fixture
async def kept(rows: Rows) -> AsyncIterator[Kept]:
    made = Kept(rows)
    yield made
    await made.journal.close()


# Appending


async def test_entries_get_the_next_numbers_and_the_instant(kept: Kept) -> None:
    session = await kept.rows.session()
    assert await kept.journal.append(session.id, session.epoch, [EDIT, SAID]) == 1
    kept.clock.now = NOON + timedelta(minutes=1)
    done = await kept.journal.append_dated(session.id, session.epoch, [EDIT])
    assert (done.first, done.at) == (3, microseconds(kept.clock.now))
    stored = await kept.rows.reread(session)
    assert (stored.head, stored.last_at) == (3, kept.clock.now)
    assert stored.log_bytes == 10 + len('{"text": "x"}') + 10


async def test_a_clock_that_goes_back_dates_nothing_before_what_is_there(kept: Kept) -> None:
    session = await kept.rows.session()
    await kept.journal.append(session.id, session.epoch, [EDIT])
    kept.clock.now = NOON - timedelta(hours=1)
    done = await kept.journal.append_dated(session.id, session.epoch, [EDIT])
    assert done.at == microseconds(NOON)


async def test_those_who_append_at_once_get_numbers_without_a_hole(kept: Kept) -> None:
    sessions = [await kept.rows.session() for _ in range(3)]
    done = await asyncio.gather(
        *(
            kept.journal.append(each.id, each.epoch, [EDIT] * size)
            for each in sessions
            for size in (1, 3, 2)
        )
    )
    assert sorted(done) == [1, 1, 1, 2, 2, 2, 5, 5, 5]
    for each in sessions:
        news = await kept.journal.news_after(each.id, 0)
        assert (news.until, len(news.updates)) == (6, 6)


async def test_a_session_that_has_ended_takes_nothing_unless_it_is_of_its_end(kept: Kept) -> None:
    session = await kept.rows.session()
    await kept.end(session)
    with pytest.raises(SessionClosed):
        await kept.journal.append(session.id, session.epoch, [EDIT])
    assert await kept.journal.append(session.id, session.epoch, [SAID], require_open=False) == 1


@pytest.mark.parametrize("gone", [False, True])
async def test_another_document_takes_nothing_of_this_one(kept: Kept, gone: bool) -> None:
    session = await kept.rows.session()
    async with kept.rows.database.write() as db:
        if gone:
            await db.execute(delete(InterviewSession))
        else:
            await db.execute(update(InterviewSession).values(epoch="another"))
    for require_open in (True, False):
        with pytest.raises(EpochMismatch):
            await kept.journal.append(session.id, session.epoch, [EDIT], require_open=require_open)


async def test_one_who_is_refused_holds_nobody_back(kept: Kept) -> None:
    ended, going = await kept.rows.session(), await kept.rows.session()
    await kept.end(ended)
    done = await asyncio.gather(
        *(kept.journal.append(each.id, each.epoch, [EDIT]) for each in (ended, going)),
        return_exceptions=True,
    )
    assert [type(each).__name__ for each in done] == ["SessionClosed", "int"]


# Where sessions stand


async def test_where_sessions_stand(kept: Kept) -> None:
    session = await kept.rows.session(private_head=4)
    await kept.journal.append(session.id, session.epoch, [EDIT])
    ended = await kept.rows.session(status="ended")
    erasing = await kept.rows.session(erasing_since=NOON)
    found = await kept.journal.stored_states([session.id, ended.id, erasing.id, 10**9])
    assert found == {
        session.id: StoredState(session.epoch, True, 1, 10, 4),
        ended.id: StoredState(ended.epoch, False, 0, 0, 0),
    }
    assert await kept.journal.stored_states([]) == {}


async def test_where_very_many_stand_is_asked_in_parts(kept: Kept) -> None:
    session = await kept.rows.session()
    keys = [*range(10**6, 10**6 + 2500), session.id]
    assert list(await kept.journal.stored_states(keys)) == [session.id]


# News


async def test_news_are_what_lies_beyond(kept: Kept) -> None:
    session = await kept.rows.session()
    zoe = await kept.rows.person(session)
    said = event("said", zoe.id, {"text": "x"})
    entries: list[Entry] = [EDIT, said, EditEntry(zoe.id, b"y", True)]
    await kept.journal.append(session.id, session.epoch, entries)
    news = await kept.journal.news_after(session.id, 1)
    assert news.until == 3
    assert [(each.author, each.update, each.gap) for each in news.updates] == [(zoe.id, b"y", True)]
    assert [(each.seq, each.author_name) for each in news.events] == [(2, "Zoë")]
    assert await kept.journal.news_after(session.id, 3) == StoredNews(3, [])
    beyond = await kept.journal.news_after(session.id, 9)
    assert beyond == StoredNews(3, []), "who knows of more is told: storage went back"
    assert await kept.journal.news_after(10**9, 0) == StoredNews(0, [])


@pytest.mark.parametrize("count", [99, 100, 2500])
async def test_news_are_whole_however_many_and_wherever_they_lie(kept: Kept, count: int) -> None:
    session = await kept.rows.session()
    entries = [EDIT if n % 3 else SAID for n in range(count)]
    await kept.rows.entries(session, *entries, SAID)
    edits = sum(each is EDIT for each in entries)
    for _ in range(2):
        news = await kept.journal.news_after(session.id, 0)
        assert (news.until, len(news.updates)) == (count + 1, edits)
        assert len(news.events) == count + 1 - edits
        await kept.end(session)
        await Packer(kept.rows.database, Recent(0)).pack_due()
    assert (await kept.rows.reread(session)).packed_to > 0


async def test_a_broken_chunk_is_a_storage_that_does_not_answer(kept: Kept) -> None:
    session = await kept.rows.session()
    await kept.rows.entries(session, *[EDIT] * 5, SAID)
    await kept.end(session)
    await Packer(kept.rows.database, Recent(0)).pack_due()
    async with kept.rows.database.write() as db:
        await db.execute(update(TimelineChunk).values(packed=b"\0"))
    with pytest.raises(JournalUnavailable):
        await kept.journal.news_after(session.id, 0)
    with pytest.raises(JournalUnavailable):
        await kept.journal.load(session.room_id)


async def test_a_room_is_loaded_with_its_snapshot(kept: Kept) -> None:
    session = await kept.rows.session()
    await kept.journal.append(session.id, session.epoch, [EDIT, EDIT])
    await kept.journal.save_snapshot(session.id, 1, b"state", {5: 7, 6: None})
    stored = await kept.journal.load(session.room_id)
    assert stored is not None
    assert (stored.snapshot, dict(stored.owners)) == (b"state", {5: 7, 6: None})
    assert [each.update for each in stored.updates] == [b"x" * 10]
    assert (stored.head, stored.epoch, stored.is_open) == (2, session.epoch, True)
    assert await kept.journal.load("0" * 32) is None
    async with kept.rows.database.read() as db:
        assert (await db.get_one(Snapshot, (session.id, 1))).created_at == NOON


# What is remembered


async def test_what_was_appended_here_is_remembered_until_it_is_distrusted(kept: Kept) -> None:
    session = await kept.rows.session()
    await kept.journal.append(session.id, session.epoch, [EDIT, SAID])
    assert [row[0] for row in kept.recent.stretch(session, 1, 9)] == [1, 2]
    kept.journal.distrust(session.id)
    assert list(kept.recent.stretch(session, 1, 9)) == []


# Several processes


async def test_client_ids_are_owned_where_several_may_serve(kept: Kept) -> None:
    session = await kept.rows.session()
    zoe, ana = [await kept.rows.person(session, name) for name in ("Zoë", "Ana")]
    assert await kept.journal.own(session.id, zoe.id, 7) == zoe.id
    again = await kept.journal.own(session.id, ana.id, 7)
    assert again == (zoe.id if kept.journal.is_shared else ana.id)
    assert await kept.journal.own(session.id, ana.id, 8) == ana.id


async def test_a_generation_is_postgresqls_and_nothing_on_sqlite(kept: Kept) -> None:
    generation = await kept.journal.generation()
    assert generation == ("00000001" if kept.journal.is_shared else "")
    assert await kept.journal.generation() == generation


async def test_a_log_that_lost_its_rows_is_told_by_its_head(kept: Kept) -> None:
    """A database that goes on from an older copy of itself."""
    session = await kept.rows.session()
    await kept.journal.append(session.id, session.epoch, [EDIT] * 3)
    async with kept.rows.database.write() as db:
        await db.execute(delete(TimelineEntry).where(TimelineEntry.seq == 3))
        await db.execute(update(InterviewSession).values(head=2))
    assert (await kept.journal.stored_states([session.id]))[session.id].head == 2
    assert await kept.journal.append(session.id, session.epoch, [EDIT]) == 3
