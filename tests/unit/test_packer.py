"""Which old edits are packed, what of the log stays where it is, and how packed edits are read. The tables are real."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy import Connection, Executable, StaticPool, create_engine, insert, select, update
from tests.harness.entries import event

from pizarra.collab.journal import EditEntry, Entry
from pizarra.database import Database
from pizarra.models import InterviewSession, TimelineChunk, TimelineEntry
from pizarra.models.base import Base, instant, microseconds
from pizarra.storage.prepared import Prepared
from pizarra.timeline.append.appender import Append, to_columns
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.chunks import MAX_BYTES, BrokenChunk, PackedEdit, pack, unpack
from pizarra.timeline.packing import packer as packing
from pizarra.timeline.packing.packed import NO_END, packed_edits
from pizarra.timeline.packing.packer import Packer, pack_next

T = TypeVar("T")
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEY = 7
LETTER = b"\1\1\5\0\4\1\1x"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "CHUNK", 10)


class Logs:
    """The tables of some sessions, in memory, as far as packing asks for them."""

    def __init__(self) -> None:
        # whatever thread looks sees the same memory
        self._engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        Base.metadata.create_all(self._engine)
        self.recent = Recent(0)
        self.asked: list[Mapping[str, Any]] = []
        self.before_commit: Callable[[Connection], object] = lambda _: None

    @property
    def database(self) -> Database:
        """It, as what packing asks for."""
        return cast("Database", self)

    async def fetch(self, statement: Executable, values: Mapping[str, Any]) -> Sequence[Any]:
        """Read."""
        self.asked.append(values)
        return self.run(lambda connection: connection.execute(statement, values).all())

    async def fetch_prepared(self, prepared: Prepared, values: Mapping[str, Any]) -> Sequence[Any]:
        """Read, too."""
        return await self.fetch(prepared.statement, values)

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Write, all or nothing, after what another process does first."""
        self.run(self.before_commit)
        return self.run(work)

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in a transaction."""
        with self._engine.begin() as connection:
            return work(connection)

    def begin(self, entries: Iterable[Entry], key: int = KEY, **changes: Any) -> None:
        """Have a session with a log: each entry a second after the one before."""
        written = list(entries)
        session = {
            "id": key,
            "public_id": f"{key:032}",
            "room_id": f"{key:032}",
            "title": "",
            "language": "python",
            "initial_code": "",
            "status": "ended",
            "created_at": NOON,
            "epoch": "first",
            "head": len(written),
            "last_at": NOON,
            "invitation_generation": 0,
        }
        rows = [
            {
                "session_id": key,
                "seq": seq,
                "at": instant(self.at(seq)),
                "kind": "edit" if isinstance(entry, EditEntry) else entry.told.kind,
                "participant_id": entry.participant,
                "update": entry.update if isinstance(entry, EditEntry) else None,
                "data": None if isinstance(entry, EditEntry) else entry.told.to_data(),
                "gap": isinstance(entry, EditEntry) and entry.gap,
            }
            for seq, entry in enumerate(written, 1)
        ]
        self.run(
            lambda connection: connection.execute(insert(InterviewSession), {**session, **changes})
        )
        if rows:
            self.run(lambda connection: connection.execute(insert(TimelineEntry), rows))

    @staticmethod
    def at(seq: int) -> int:
        """When an entry was recorded, in µs."""
        return microseconds(NOON) + seq * 1_000_000

    def change(self, **values: Any) -> None:
        """Change the session's row."""
        self.run(
            lambda c: c.execute(
                update(InterviewSession).where(InterviewSession.id == KEY).values(values)
            )
        )

    def rows(self, key: int = KEY) -> list[int]:
        """Return which entries are rows."""
        query = (
            select(TimelineEntry.seq)
            .where(TimelineEntry.session_id == key)
            .order_by(TimelineEntry.seq)
        )
        return [row.seq for row in self.run(lambda c: c.execute(query).all())]

    def chunks(self, key: int = KEY) -> list[tuple[int, int, list[int]]]:
        """Return the bounds of each chunk, and which entries are in it."""
        query = (
            select(TimelineChunk)
            .where(TimelineChunk.session_id == key)
            .order_by(TimelineChunk.last)
        )
        found = self.run(lambda c: c.execute(query).all())
        return [(row.first, row.last, [each.seq for each in unpack(row.packed)]) for row in found]

    def packed_to(self, key: int = KEY) -> int:
        """Return up to which entry it was packed."""
        query = select(InterviewSession.packed_to).where(InterviewSession.id == key)
        found: int = self.run(lambda c: c.execute(query).scalar_one())
        return found

    def keep(self, first: int, edits: Sequence[PackedEdit], key: int = KEY) -> None:
        """Put a chunk there."""
        values = {
            "session_id": key,
            "first": first,
            "last": edits[-1].seq,
            "packed": pack(edits),
        }
        self.run(lambda c: c.execute(insert(TimelineChunk), values))

    async def pack(self, key: int = KEY) -> bool:
        """Pack what is next."""
        return await pack_next(self.database, key, self.recent)

    async def read(
        self, since: int = 0, until: int = NO_END, limit: int | None = None, **more: Any
    ) -> list[int]:
        """Return which packed edits are read."""
        found = await packed_edits(self.database.fetch_prepared, KEY, since, until, limit, **more)
        return [edit.seq for edit in found]


@pytest.fixture
def logs() -> Logs:
    return Logs()


def edits(count: int, update: bytes = LETTER) -> list[Entry]:
    return [EditEntry(seq, update + bytes((seq,))) for seq in range(1, count + 1)]


def packed(first: int, last: int, size: int = 1) -> list[PackedEdit]:
    return [PackedEdit(seq, seq, None, b"u" * size) for seq in range(first, last + 1)]


# What is due


@pytest.mark.parametrize(("head", "due"), [(20, False), (21, True)])
async def test_while_people_write_two_chunks_stay_rows(logs: Logs, head: int, due: bool) -> None:
    logs.begin(edits(head), status="open")
    assert await logs.pack() == due
    assert logs.chunks() == ([(1, 10, list(range(1, 11)))] if due else [])
    assert not await logs.pack()


@pytest.mark.parametrize("head", [0, 1])
async def test_an_ended_session_keeps_its_newest_entry_as_a_row(logs: Logs, head: int) -> None:
    """By the last row whoever reads knows how far the log goes."""
    logs.begin(edits(head))
    assert await Packer(logs.database, logs.recent).pack_due() == 0
    assert not await logs.pack()
    logs.begin(edits(2), key=8)
    assert await Packer(logs.database, logs.recent).pack_due() == 1
    assert (logs.rows(8), logs.chunks(8)) == ([2], [(1, 1, [1])])


async def test_an_ended_session_is_packed_in_chunks_and_then_rests(logs: Logs) -> None:
    logs.begin(edits(25))
    assert await Packer(logs.database, logs.recent).pack_due() == 3
    assert [bounds[:2] for bounds in logs.chunks()] == [(1, 10), (11, 20), (21, 24)]
    assert (logs.rows(), logs.packed_to()) == ([25], 24)
    assert await Packer(logs.database, logs.recent).pack_due() == 0


async def test_what_is_being_erased_is_left(logs: Logs) -> None:
    logs.begin(edits(30), erasing_since=NOON)
    assert not await logs.pack()
    assert await Packer(logs.database, logs.recent).pack_due() == 0
    assert len(logs.rows()) == 30


async def test_what_is_not_due_is_not_looked_at(logs: Logs) -> None:
    logs.begin([], key=1, status="open", head=2048)
    logs.begin(edits(1), key=2)
    logs.begin(edits(30), key=3, erasing_since=NOON)
    logs.begin(edits(15), key=4, packed_to=14)
    logs.begin(edits(2), key=5)
    logs.begin([], key=6, status="open", head=2059, packed_to=10)
    await Packer(logs.database, logs.recent).pack_due()
    assert {each["key"] for each in logs.asked if "key" in each} == {5, 6}


async def test_a_session_is_packed_and_no_other(logs: Logs) -> None:
    logs.begin(edits(5))
    logs.begin(edits(5), key=8)
    assert await logs.pack()
    assert (logs.rows(8), logs.chunks(8), logs.packed_to(8)) == ([1, 2, 3, 4, 5], [], 0)
    assert not await logs.pack(9)  # there is none


async def test_of_many_that_are_written_a_few_are_asked_for_at_once(logs: Logs) -> None:
    logs.recent = Recent(10**6)
    for key in range(1, 202):
        logs.begin(edits(2), key=key)
        remember(logs, 1, edits(2), key=key)
    logs.begin(edits(2), key=300)  # nothing of it is remembered
    packer = Packer(logs.database, logs.recent)
    assert [await packer.pack_due() for _ in range(2)] == [202, 0]
    assert [len(each["keys"]) for each in logs.asked if "keys" in each] == [200, 1] * 2


async def test_people_have_their_turn_between_chunks(logs: Logs) -> None:
    logs.begin(edits(55))
    turns = 0

    async def type_on() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    typing = asyncio.create_task(type_on())
    assert await Packer(logs.database, logs.recent).pack_due() == 6
    assert turns >= 5
    turns = 0
    assert len(await logs.read()) == 54
    assert turns >= 5
    typing.cancel()


# What goes into a chunk


async def test_a_chunk_holds_the_edits_as_they_were_recorded(logs: Logs) -> None:
    logs.begin([*edits(3), EditEntry(None, b"by the server"), *edits(1)])
    assert await logs.pack()
    found = await packed_edits(logs.database.fetch_prepared, KEY, 0, NO_END, None)
    assert found == [
        *(PackedEdit(seq, logs.at(seq), seq, LETTER + bytes((seq,))) for seq in (1, 2, 3)),
        PackedEdit(4, logs.at(4), None, b"by the server"),
    ]


async def test_what_is_no_edit_and_what_came_before_its_ground_stay_rows(logs: Logs) -> None:
    """Loading applies gaps whatever snapshot it starts from, and finds them by their index."""
    run, late = event("run.started", None), EditEntry(1, LETTER, gap=True)
    logs.begin([*edits(2), run, late, *edits(2)])
    assert await logs.pack()
    assert (logs.rows(), logs.chunks()) == ([3, 4, 6], [(1, 5, [1, 2, 5])])


async def test_a_stretch_without_edits_is_passed_over(logs: Logs) -> None:
    logs.begin([event("run.output", None)] * 10 + edits(3))
    assert await Packer(logs.database, logs.recent).pack_due() == 2
    assert (logs.chunks(), logs.packed_to()) == ([(11, 12, [11, 12])], 12)
    assert logs.rows() == [*range(1, 11), 13]


@pytest.mark.parametrize(("beyond", "is_packed"), [(0, True), (1, False)])
async def test_pastes_beyond_what_is_unpacked_in_memory_stay_rows(
    logs: Logs, beyond: int, is_packed: bool
) -> None:
    half = bytes(MAX_BYTES // 2)
    logs.begin([EditEntry(1, half), EditEntry(1, half + bytes(beyond)), *edits(1)])
    assert await logs.pack()
    assert (logs.packed_to(), logs.rows()) == (2, [3] if is_packed else [1, 2, 3])
    assert await logs.read() == ([1, 2] if is_packed else [])


@pytest.mark.parametrize(("beyond", "in_thread"), [(0, False), (1, True)])
async def test_much_is_packed_in_a_thread(
    logs: Logs, monkeypatch: pytest.MonkeyPatch, beyond: int, in_thread: bool
) -> None:
    threads: list[int] = []

    def noted(edits: Sequence[Any]) -> bytes:
        threads.append(threading.get_ident())
        return pack(edits)

    monkeypatch.setattr(packing, "pack", noted)
    logs.begin([EditEntry(1, bytes(256 * 1024 + beyond)), *edits(1)])
    assert await logs.pack()
    assert [each != threading.get_ident() for each in threads] == [in_thread]


# From memory, and beside other processes


def remember(
    logs: Logs, first: int, entries: Sequence[Entry], epoch: str = "first", key: int = KEY
) -> None:
    logs.recent.note(Append(key, epoch, True, list(map(to_columns, entries))), first, 5_000)


async def test_what_is_remembered_is_not_read_back(logs: Logs) -> None:
    logs.recent = Recent(10**6)
    logs.begin([*edits(3), event("lock", None), *edits(8)])
    remember(logs, 3, [*edits(1), event("lock", None), *edits(1)])
    remember(logs, 8, edits(5))
    assert await logs.pack()
    assert logs.chunks() == [(1, 10, [1, 2, 3, 5, 6, 7, 8, 9, 10])]
    fetched = [(each["first"], each["last"]) for each in logs.asked if "first" in each]
    assert fetched == [(1, 2), (6, 7)], "up to what is known, and in the hole"
    found = await packed_edits(logs.database.fetch_prepared, KEY, 0, NO_END, None)
    remembered = [edit.seq for edit in found if edit.at == 5_000]
    assert remembered == [3, 5, 8, 9, 10]
    assert [row[0] for row in logs.recent.stretch(OWNER, 1, 99)] == [11, 12], "and forgotten then"


async def test_of_what_is_remembered_whole_nothing_is_read(logs: Logs) -> None:
    logs.recent = Recent(10**6)
    logs.begin(edits(12))
    remember(logs, 1, edits(12))
    assert await logs.pack()
    assert [each for each in logs.asked if "first" in each] == []


class Owner:
    """The session, as far as its log is concerned."""

    id, public_id, epoch = KEY, f"{KEY:032}", "first"


OWNER = Owner()


async def test_what_another_generation_wrote_is_not_packed(logs: Logs) -> None:
    logs.recent = Recent(10**6)
    logs.begin(edits(3))
    remember(logs, 1, edits(3), epoch="erased")
    assert await logs.pack()
    found = await packed_edits(logs.database.fetch_prepared, KEY, 0, NO_END, None)
    assert [edit.at for edit in found] == [logs.at(1), logs.at(2)]


@pytest.mark.parametrize("there", [1, 3], ids=["one is missing", "one is more"])
async def test_rows_that_are_not_what_was_recorded_are_not_dropped(
    logs: Logs, there: int, caplog: pytest.LogCaptureFixture
) -> None:
    logs.recent = Recent(10**6)
    logs.begin([*edits(there), *[event("lock", None)] * (3 - there), *edits(1)])
    remember(logs, 1, [*edits(2), event("lock", None), *edits(1)])
    with caplog.at_level(logging.WARNING):
        assert await Packer(logs.database, logs.recent).pack_due() == 0, "not twice in a round"
    assert f"session {KEY:032}: the log is not what was recorded" in caplog.text
    assert (logs.rows(), logs.chunks(), logs.packed_to()) == ([1, 2, 3, 4], [], 0)
    # The memory was wrong, or the database: what is there is what can be kept.
    assert await logs.pack()
    assert logs.chunks() == [(1, 3, list(range(1, there + 1)))]


async def test_of_two_processes_one_packs(logs: Logs) -> None:
    logs.begin(edits(12))
    logs.before_commit = lambda connection: connection.execute(
        update(InterviewSession).where(InterviewSession.id == KEY).values(packed_to=4)
    )
    assert not await logs.pack()
    assert (len(logs.rows()), logs.chunks(), logs.packed_to()) == (12, [], 4)
    logs.before_commit = lambda _: None
    assert await logs.pack()
    assert logs.chunks() == [(5, 11, list(range(5, 12)))]


async def test_a_reopened_session_goes_on_where_its_chunks_end(logs: Logs) -> None:
    logs.begin(edits(25), packed_to=4, status="open")
    assert await logs.pack()
    assert logs.chunks() == [(5, 14, list(range(5, 15)))]
    assert not await logs.pack()
    logs.change(status="ended")
    assert await Packer(logs.database, logs.recent).pack_due() == 1
    assert logs.packed_to() == 24


# Reading


async def test_packed_edits_are_read_between_bounds_in_order(logs: Logs) -> None:
    logs.begin([])
    logs.keep(11, packed(11, 20))
    logs.keep(1, packed(1, 9))  # whose last entry was none
    logs.begin([], key=8)
    logs.keep(1, packed(1, 30), key=8)
    everything = [*range(1, 10), *range(11, 21)]
    assert await logs.read() == everything
    for since, until in ((0, 1), (0, 10), (0, 11), (9, 11), (8, 11), (5, 5), (10, 15), (19, 99)):
        expected = [seq for seq in everything if since < seq <= until]
        assert await logs.read(since, until) == expected, (since, until)
    assert await logs.read(20) == []


async def test_no_chunk_is_looked_at_beyond_the_limit(logs: Logs) -> None:
    logs.begin([])
    for first in (1, 11, 21):
        logs.keep(first, packed(first, first + 9))

    async def looks(**how: Any) -> tuple[int, int]:
        logs.asked.clear()
        found = await logs.read(**how)
        return len(found), len(logs.asked)

    assert await looks(limit=10) == (10, 1)
    assert await looks(limit=11) == (20, 2)
    assert await looks(since=5, limit=6) == (15, 2), "what lies before does not count"
    assert await looks(limit=99, most_bytes=9) == (10, 1)
    assert await looks(limit=99, most_bytes=10) == (20, 2)
    assert await looks(limit=99, most_bytes=29) == (30, 3)
    assert await looks(since=5, limit=99, most_bytes=5) == (15, 2), "nor weigh"
    assert await looks(most_bytes=1) == (30, 4), "without a limit all are wanted"
    assert await looks(until=5) == (5, 2)


async def test_a_changed_chunk_is_refused(logs: Logs) -> None:
    logs.begin([])
    logs.keep(1, packed(1, 9))
    logs.run(lambda c: c.execute(update(TimelineChunk).values(packed=b"\1nothing of ours")))
    with pytest.raises(BrokenChunk):
        await logs.read()
