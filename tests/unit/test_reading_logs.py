"""Reading a log by pieces: all of it in order, packed or not, and never more at once than is read in a moment."""

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Map
from sqlalchemy import func, select, update
from tests.harness.core import Typist
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.collab.journal import EditEntry, Entry, StoredNews
from pizarra.collab.state.document import Document
from pizarra.database import reading_in, within
from pizarra.models import InterviewSession, Snapshot, TimelineChunk, TimelineEntry
from pizarra.models.base import instant, instant_text, microseconds
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.append.snapshots import save_snapshot
from pizarra.timeline.packing import packer as packing
from pizarra.timeline.packing.packed import NO_END
from pizarra.timeline.packing.packer import Packer
from pizarra.timeline.read.documents import load_files
from pizarra.timeline.read.loading import (
    load_document,
    load_room,
    read_edits,
    read_events,
    read_few,
)
from pizarra.timeline.read.pages import pages
from pizarra.timeline.read.rows import (
    MOST_BYTES,
    fitting,
    read_instant,
    read_names,
    read_rows,
    read_time,
    to_row,
    windows,
)

SECOND = timedelta(seconds=1)
LARGE = 400_000


class Log:
    """A session's log, and what was written to it."""

    def __init__(self, rows: Rows, session: InterviewSession) -> None:
        self.rows = rows
        self.session = session
        self.written: list[Entry] = []

    async def write(self, *entries: Entry) -> None:
        """Append entries, each a second after the one before."""
        for each in entries:
            self.written.append(each)
            self.session = await self.rows.entries(
                self.session, each, at=NOON + len(self.written) * SECOND
            )

    async def pack(self) -> None:
        """End the session, and pack what can be packed."""
        async with self.rows.database.write() as db:
            (await db.get_one(InterviewSession, self.session.id)).status = "ended"
        await Packer(self.rows.database, Recent(0)).pack_due()
        self.session = await self.rows.reread(self.session)

    async def read(
        self, after: int, limit: int, kinds: Sequence[str] | None = None
    ) -> list[tuple[int, str]]:
        """Return the numbers and kinds of entries."""
        async with self.rows.database.read() as db:
            found = await read_rows(within(db), self.session.id, after, limit, kinds)
            return [(row.seq, row.kind) for row in found]

    def model(self, after: int, limit: int, kinds: Sequence[str] | None) -> list[tuple[int, str]]:
        """Return what is to be read where all of it fits."""
        every = [
            (seq, "edit" if isinstance(each, EditEntry) else each.told.kind)
            for seq, each in enumerate(self.written, 1)
        ]
        return [each for each in every[after:] if kinds is None or each[1] in kinds][:limit]


@pytest.fixture
async def log(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.setattr(packing, "CHUNK", 10)
    return Log(rows, await rows.session())


def edit(size: int = 3, *, gap: bool = False) -> EditEntry:
    return EditEntry(None, b"e" * size, gap)


def line(text: str = "x") -> Entry:
    return event("said", None, {"text": text})


# What fits at once


@given(st.lists(st.integers(0, 2 * MOST_BYTES), max_size=20))
def test_as_many_as_fit_and_one_at_least(sizes: list[int]) -> None:
    count = fitting(sizes)
    assert count >= min(1, len(sizes))
    assert count <= 1 or sum(sizes[:count]) <= MOST_BYTES
    if count < len(sizes):
        assert sum(sizes[: count + 1]) > MOST_BYTES


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([], 0),
        ([MOST_BYTES], 1),
        ([MOST_BYTES + 1], 1),
        ([MOST_BYTES, 0], 2),
        ([MOST_BYTES - 1, 1], 2),
        ([MOST_BYTES, 1], 1),
        ([0] * 9, 9),
    ],
)
def test_what_fits_at_the_bound(sizes: list[int], count: int) -> None:
    assert fitting(sizes) == count


# Entries


@pytest.mark.parametrize("packed", [False, True])
async def test_any_piece_of_a_log_is_what_was_written(log: Log, packed: bool) -> None:
    choose = random.Random(7)
    entries = [choose.choice((edit(), edit(), edit(gap=True), line(), line())) for _ in range(45)]
    await log.write(*entries, line())
    if packed:
        await log.pack()
        async with log.rows.database.read() as db:
            assert await db.scalar(select(func.count()).select_from(TimelineChunk)) == 5
    for after in range(0, 48, 3):
        for limit in (1, 2, 4, 5, 7, 100):
            for kinds in (None, ["edit"], ["said"], ["edit", "said"], ["paste"]):
                expected = log.model(after, limit, kinds)
                assert await log.read(after, limit, kinds) == expected, (after, limit, kinds)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_page_weighs_no_more_than_is_read_at_once(log: Log, packed: bool) -> None:
    await log.write(*(edit(LARGE) for _ in range(5)), line())
    if packed:
        await log.pack()
    for kinds in (None, ["edit"]):
        after, found = 0, []
        while page := await log.read(after, 100, kinds):
            assert len(page) <= 2 + ((6, "said") in page)
            found += page
            after = page[-1][0]
        assert found == log.model(0, 100, kinds)


@pytest.mark.parametrize("kinds", [None, ["edit"]])
async def test_an_entry_that_is_larger_than_that_is_read_alone(
    log: Log, kinds: list[str] | None
) -> None:
    await log.write(edit(), edit(MOST_BYTES + 1), edit(), line())
    assert [seq for seq, _ in await log.read(0, 10, kinds)] == [1]
    assert [seq for seq, _ in await log.read(1, 10, kinds)] == [2]
    assert [seq for seq, _ in await log.read(2, 10, kinds)] == [3, 4][: 2 if kinds is None else 1]


async def test_text_weighs_as_much_as_bytes(log: Log) -> None:
    await log.write(*(line("x" * LARGE) for _ in range(5)))
    for kinds in (None, ["said"]):
        assert [seq for seq, _ in await log.read(0, 10, kinds)] == [1, 2]


async def test_a_log_goes_on_into_no_other_session(log: Log) -> None:
    other = Log(log.rows, await log.rows.session())
    await log.write(edit(), line())
    await other.write(line(), line(), line())
    for kinds in (None, ["said", "edit"]):
        assert await log.read(0, 100, kinds) == [(1, "edit"), (2, "said")]
        assert await log.read(2, 100, kinds) == []
        assert len(await other.read(0, 100, kinds)) == 3


async def test_windows_cover_a_log_once(log: Log) -> None:
    await log.write(edit(LARGE), line(), edit(LARGE), edit(LARGE), line(), edit(MOST_BYTES * 2))
    for after in range(7):
        async with log.rows.database.read() as db:
            found = [each async for each in windows(reading_in(db), log.session.id, after)]
        assert [seq for _, seq in found][-1:] == ([6] if after < 6 else [])
        assert [beyond for beyond, _ in found] == [after, *(seq for _, seq in found)][:-1]
        assert all(beyond < until for beyond, until in found)


async def test_more_entries_than_are_weighed_at_once_are_all_covered(log: Log) -> None:
    entries = [line() for _ in range(2001)]
    await log.rows.entries(log.session, *entries)
    async with log.rows.database.read() as db:
        found = [each async for each in windows(reading_in(db), log.session.id, 0)]
        assert found == [(0, 1000), (1000, 2000), (2000, 2001)]
        events = await read_events(db, log.session.id, 1, 2001)
        assert [each.seq for each in events] == list(range(2, 2002))


@pytest.mark.parametrize("packed", [False, True])
async def test_when_an_entry_was_recorded(log: Log, packed: bool) -> None:
    await log.write(edit(), edit(), line())
    if packed:
        await log.pack()
    async with log.rows.database.read() as db:
        fetch, key = within(db), log.session.id
        for seq in (1, 2, 3):
            at = NOON + seq * SECOND
            assert await read_instant(fetch, key, seq) == microseconds(at)
            assert await read_time(fetch, key, seq) == instant_text(microseconds(at))
        for seq in (0, 4, -1):
            assert await read_instant(fetch, key, seq) is None
            assert await read_time(fetch, key, seq) is None


async def test_who_did_something_is_shown_by_their_public_id(log: Log) -> None:
    zoe = await log.rows.person(log.session)
    await log.write(event("said", zoe.id, {"text": "ñ"}), EditEntry(zoe.id, b"\xff"), line())
    other = await log.rows.session()
    await log.rows.person(other, "Otto")
    async with log.rows.database.read() as db:
        names = await read_names(within(db), log.session.id)
        shown = [to_row(row, names) for row in await read_rows(within(db), log.session.id, 0, 9)]
    assert names == {zoe.id: zoe.public_id}
    assert [each["participant_id"] for each in shown] == [zoe.public_id, zoe.public_id, None]
    assert [each["data"] for each in shown] == [{"text": "ñ"}, {"update": "/w=="}, {"text": "x"}]


def test_an_entry_without_anything_is_shown_so() -> None:
    for data in (None, "null", "{}", ""):
        assert to_row((1, 0, "ended", None, None, data), {})["data"] == {}
    assert to_row((1, 0, "edit", None, b"", None), {})["data"] == {"update": ""}


@given(st.integers(-(10**15), 10**16))
def test_an_instant_is_shown_as_it_is(stored: int) -> None:
    shown = instant_text(stored)
    assert shown.endswith("Z")
    assert microseconds(instant(stored)) == stored
    assert type(NOON).fromisoformat(shown) == instant(stored)


# Pages


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (512, [512]), (513, [512, 1])])
async def test_a_log_is_read_page_by_page(log: Log, count: int, sizes: list[int]) -> None:
    if count:
        await log.rows.entries(log.session, *(line() for _ in range(count)))
    found = [page async for page in pages(log.rows.database, log.session, "shared")]
    assert [len(page.rows) for page in found] == sizes
    assert [each["seq"] for page in found for each in page.entries()] == list(range(1, count + 1))


@pytest.mark.parametrize(
    ("after", "until", "read"),
    [(0, 3, 3), (2, 5, 3), (5, None, 2), (5, 5, 0), (6, 3, 0), (0, 99, 7)],
)
async def test_pages_end_where_they_are_told(
    log: Log, after: int, until: int | None, read: int
) -> None:
    await log.write(*(line() for _ in range(7)))
    found = [p async for p in pages(log.rows.database, log.session, "shared", after, until)]
    numbers = [each["seq"] for page in found for each in page.entries()]
    assert numbers == list(range(after + 1, after + 1 + read))


# Documents


async def write_text(log: Log, *typed: str) -> Typist:
    """Have texts typed, one after the other."""
    typist = Typist(5)

    await log.write(EditEntry(None, _file(typist)))
    for each in typed:
        await log.write(EditEntry(None, typist.type(each)))
    return typist


def _file(typist: Typist) -> bytes:
    before = typist.doc.get_state()
    files = typist.doc.get("files", type=Map)
    files["main.py"] = Map({"language": "python"})
    return typist.doc.get_update(before)


async def text_at(log: Log, seq: int) -> str | None:
    async with log.rows.database.read() as db:
        return (await load_files(db, log.session, seq)).get("main.py")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("snapshots", [(), (2,), (3, 5)])
async def test_a_document_is_what_was_typed_until_then_wherever_it_is_read_from(
    log: Log, packed: bool, snapshots: tuple[int, ...]
) -> None:
    await write_text(log, *"abcd")
    await log.write(line())
    for seq in snapshots:
        async with log.rows.database.read() as db:
            stored = await load_document(reading_in(db), log.session.id, seq)
        assert stored is not None
        document = await Document.load(stored.snapshot, stored.updates)
        await save_snapshot(log.rows.database, log.session.id, seq, document.encode(), {5: 7}, NOON)
    if packed:
        await log.pack()
    assert [await text_at(log, seq) for seq in range(7)] == [
        None,
        "",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcd",
    ]
    async with log.rows.database.read() as db:
        stored = await load_room(reading_in(db), log.session.room_id)
    assert stored is not None
    newest = max(snapshots, default=0)
    assert len(stored.updates) == 5 - newest
    assert stored.owners == ({5: 7} if snapshots else {})
    assert (stored.snapshot is None) == (not snapshots)


async def test_what_waited_before_a_snapshot_is_applied_whatever_it_holds(log: Log) -> None:
    await write_text(log, "a")
    await log.write(edit(gap=True))
    await save_snapshot(log.rows.database, log.session.id, 3, b"state", {}, NOON)
    await log.write(edit())
    async with log.rows.database.read() as db:
        stored = await load_document(reading_in(db), log.session.id, NO_END)
    assert stored is not None
    assert [(each.update, each.gap) for each in stored.updates] == [(b"eee", True), (b"eee", False)]


async def test_there_is_no_document_without_a_session(log: Log) -> None:
    async with log.rows.database.read() as db:
        assert await load_room(reading_in(db), "0" * 32) is None
        assert await load_document(reading_in(db), log.session.id + 1, NO_END) is None


async def test_a_rehearsal_takes_the_share_of_its_session(log: Log) -> None:
    rehearsal = await log.rows.session(rehearsal_of=log.session.id, status="ended")
    async with log.rows.database.read() as db:
        stored = await load_document(reading_in(db), rehearsal.id, NO_END)
    assert stored is not None
    assert (stored.share, stored.is_open) == (log.session.id, False)


@pytest.mark.parametrize("packed", [False, True])
async def test_edits_between_two_entries(log: Log, packed: bool) -> None:
    entries = [EditEntry(None, bytes([seq])) if seq % 3 else line() for seq in range(1, 15)]
    await log.write(*entries)
    if packed:
        await log.pack()
    async with log.rows.database.read() as db:
        for since in range(0, 15, 2):
            for until in (since, since + 1, since + 4, 14, NO_END):
                found = await read_edits(reading_in(db), log.session.id, since, until)
                expected = [seq for seq in range(since + 1, min(until, 14) + 1) if seq % 3]
                assert [each.update[0] for each in found] == expected


async def test_edits_of_many_mebibytes_are_read_in_several_steps(log: Log) -> None:
    await log.write(*(edit(LARGE) for _ in range(7)))
    async with log.rows.database.read() as db:
        for until in (0, 1, 3, 7, 9):
            found = await read_edits(reading_in(db), log.session.id, 0, until)
            assert len(found) == min(until, 7)


# News


async def few(log: Log, since: int) -> StoredNews | None:
    async with log.rows.database.read() as db:
        return await read_few(reading_in(db), log.session.id, since)


async def test_little_news_is_read_in_one_step(log: Log) -> None:
    zoe = await log.rows.person(log.session)
    await log.write(
        EditEntry(zoe.id, b"1"),
        event("cursor", zoe.id),
        event("said", zoe.id, {"text": "x"}),
        event("run.input", zoe.id),
    )
    news = await few(log, 0)
    assert news is not None
    assert news.until == 4
    assert [(each.author, each.update) for each in news.updates] == [(zoe.id, b"1")]
    (said,) = news.events
    assert (said.seq, said.kind, said.author_id, said.author_name) == (
        3,
        "said",
        zoe.public_id,
        "Zoë",
    )
    async with log.rows.database.read() as db:
        assert await read_events(db, log.session.id, 0, 4) == [said]
        assert await read_events(db, log.session.id, 3, 4) == []
        assert await read_events(db, log.session.id, 0, 2) == []


@pytest.mark.parametrize(("count", "little"), [(99, True), (100, False)])
async def test_as_much_as_that_is_not_little(log: Log, count: int, little: bool) -> None:
    await log.rows.entries(log.session, *(line() for _ in range(count)))
    assert (await few(log, 0) is not None) == little


async def test_where_nothing_is_new_that_is_said_and_what_is_packed_is_not_missed(log: Log) -> None:
    assert await few(log, 0) == StoredNews(0, [])
    await log.write(*(edit() for _ in range(3)), line())
    assert await few(log, 4) == StoredNews(4, [])
    await log.pack()
    assert await few(log, 0) is None, "a number is missing: it lies in a chunk"
    assert await few(log, 2) is None
    news = await few(log, 3)
    assert news is not None
    assert news.until == 4


async def test_of_a_session_that_is_gone_there_is_no_news(log: Log) -> None:
    async with log.rows.database.read() as db:
        assert await read_few(reading_in(db), log.session.id + 1, 0) is None


async def test_a_head_beyond_what_is_read_is_looked_at_closer(log: Log) -> None:
    """The newest entry is never packed, so this is a database that lost one: nothing is made of it in one step."""
    await log.write(line())
    async with log.rows.database.write() as db:
        await db.execute(update(InterviewSession).values(head=5))
    assert await few(log, 1) is None


# Snapshots


async def snapshots(log: Log) -> list[int]:
    async with log.rows.database.read() as db:
        mine = Snapshot.session_id == log.session.id
        return list(await db.scalars(select(Snapshot.seq).where(mine).order_by(Snapshot.seq)))


async def test_a_few_new_snapshots_stay_and_one_in_a_while(log: Log) -> None:
    kept: Any = {}
    for seq in range(500, 14_000, 500):
        await save_snapshot(log.rows.database, log.session.id, seq, b"s", kept, NOON)
    assert await snapshots(log) == [500, 4500, 8500, 12_500, 13_000, 13_500]


async def test_a_long_log_keeps_them_farther_apart(log: Log) -> None:
    for seq in range(0, 300_000, 4096):
        await save_snapshot(log.rows.database, log.session.id, seq + 1, b"s", {}, NOON)
    found = await snapshots(log)
    apart = [after - before for before, after in pairwise(found)]
    assert max(apart) == 4 * 4096
    assert len(found) <= 300_000 // (4 * 4096) + 4


async def test_a_snapshot_is_of_a_session_and_kept_once(log: Log) -> None:
    await save_snapshot(log.rows.database, log.session.id, 5, b"first", {1: None}, NOON)
    await save_snapshot(log.rows.database, log.session.id, 5, b"again", {}, NOON)
    await save_snapshot(log.rows.database, log.session.id + 1, 5, b"nobody's", {}, NOON)
    async with log.rows.database.read() as db:
        (kept,) = (await db.scalars(select(Snapshot))).all()
        assert kept.owners == {"1": None}
        assert (await db.scalars(select(TimelineEntry.seq))).all() == []
