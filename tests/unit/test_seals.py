"""Seals: what a log's chain had come to is kept, and whatever was changed since then is found."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.collab.journal import EditEntry
from pizarra.kit.tokens import TokenSigner
from pizarra.models import (
    InterviewSession,
    Participant,
    PrivateEntry,
    Role,
    Seal,
    TimelineChunk,
    TimelineEntry,
)
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.integrity.chain import Log, first_link, next_link
from pizarra.timeline.integrity.sealing import Finding, Sealer, mark_of, seal, verify
from pizarra.timeline.packing.packer import Packer
from pizarra.timeline.read.pages import read_linked

SIGNER = TokenSigner(b"k" * 32)
NOTHING = Recent(0)
EDIT = b"\1\1\5\0\4\1\1x\0"


class Sealed:
    """A session of Ana's with a log, and its seals."""

    def __init__(self, rows: Rows, session: InterviewSession, ana: Participant) -> None:
        self.rows = rows
        self.session = session
        self.ana = ana

    async def write(self, count: int = 1) -> None:
        """Have edits and lines recorded, in turn."""
        entries = [
            EditEntry(self.ana.id, EDIT)
            if n % 2
            else event("said", self.ana.id, {"text": f"{n} ñ"})
            for n in range(count)
        ]
        self.session = await self.rows.entries(self.session, *entries)

    async def note(self) -> None:
        """Have a note recorded."""
        seq = self.session.private_head + 1
        await self.rows.put(
            PrivateEntry(
                session_id=self.session.id,
                seq=seq,
                at=NOON,
                kind="note",
                participant_id=self.ana.id,
                anchor=0,
                data={"text": "s3cret"},
            )
        )
        async with self.rows.database.write() as db:
            (await db.get_one(InterviewSession, self.session.id)).private_head = seq
        self.session = await self.rows.reread(self.session)

    async def seal(
        self, until: int | None = None, which: Log = "shared", signer: TokenSigner = SIGNER
    ) -> tuple[int, str]:
        """Seal it."""
        return await seal(self.rows.database, signer, self.session, which, NOON, NOTHING, until)

    async def verify(self, which: Log = "shared", signer: TokenSigner = SIGNER) -> Finding:
        """Look whether it is still what was sealed."""
        return await verify(self.rows.database, signer, await self.rows.reread(self.session), which)

    async def seals(self, which: Log = "shared") -> list[int]:
        """Return up to which entries it is sealed."""
        query = select(Seal.seq).where(Seal.session_id == self.session.id, Seal.log == which)
        async with self.rows.database.read() as db:
            return list(await db.scalars(query.order_by(Seal.seq)))

    async def change(self, statement: Any) -> None:
        """Change something in the database, as whoever has its password may."""
        async with self.rows.database.write() as db:
            await db.execute(statement)


@pytest.fixture
async def sealed(rows: Rows) -> Sealed:
    session = await rows.session()
    return Sealed(rows, session, await rows.person(session, "Ana", Role.HOST))


# The chain


ENTRY = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 2**53),
        "at": st.text(max_size=30),
        "kind": st.text(max_size=32),
        "participant_id": st.none() | st.text(max_size=32),
        "data": st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text()),
    }
)


@given(ENTRY, ENTRY)
def test_two_entries_have_one_hash_only_when_they_are_one(one: Any, other: Any) -> None:
    start = first_link("shared", "5" * 32)
    assert (next_link(start, one) == next_link(start, other)) == (one == other)
    assert next_link(next_link(start, one), other) != next_link(start, other)


@given(ENTRY)
def test_the_order_of_names_and_what_is_no_field_change_nothing(entry: Any) -> None:
    start = first_link("shared", "5" * 32)
    turned = dict(reversed([*entry.items(), ("hash", "x")]))
    turned["data"] = dict(reversed(entry["data"].items()))
    assert next_link(start, turned) == next_link(start, entry)


def test_each_log_of_each_session_begins_with_another_link() -> None:
    logs: tuple[Log, ...] = ("shared", "private")
    links = {first_link(log, id_) for log in logs for id_ in ("5" * 32, "6" * 32, "")}
    assert len(links) == 6


def test_a_seal_is_of_one_place_in_one_log() -> None:
    told = [("5" * 32, "shared", 7, "link"), ("6" * 32, "shared", 7, "link")]
    told += [("5" * 32, "private", 7, "link"), ("5" * 32, "shared", 8, "link")]
    told += [("5" * 32, "shared", 7, "other")]
    marks = [mark_of(signer, *each) for signer in (SIGNER, TokenSigner(b"o" * 32)) for each in told]  # type: ignore[arg-type]
    assert len(set(marks)) == len(marks)
    assert all("." not in each for each in marks)


# Sealing


async def test_an_empty_log_has_no_seal(sealed: Sealed) -> None:
    assert await sealed.seal() == (0, first_link("shared", sealed.session.public_id))
    assert await sealed.seals() == []
    assert await sealed.verify() == Finding(
        sealed.session.public_id,
        "shared",
        0,
        0,
        first_link("shared", sealed.session.public_id),
        None,
    )


async def test_a_seal_is_the_hash_that_anybody_can_compute(sealed: Sealed) -> None:
    await sealed.write(5)
    link = first_link("shared", sealed.session.public_id)
    async for entry, following in read_linked(sealed.rows.database, sealed.session, "shared", 5):
        link = next_link(link, entry)
        assert link == following
    assert await sealed.seal() == (5, link)
    async with sealed.rows.database.read() as db:
        (kept,) = (await db.scalars(select(Seal))).all()
    assert (kept.seq, kept.link, kept.at) == (5, link, NOON)
    assert kept.mark == mark_of(SIGNER, sealed.session.public_id, "shared", 5, link)


@pytest.mark.parametrize("sizes", [(1, 1), (3, 4), (7, 0), (1, 511), (511, 2)])
async def test_a_log_comes_to_the_same_however_often_it_is_sealed(
    sealed: Sealed, sizes: tuple[int, int]
) -> None:
    for size in sizes:
        if size:
            await sealed.write(size)
        in_parts = await sealed.seal()
    await sealed.change(delete(Seal))
    assert await sealed.seal() == in_parts
    assert in_parts[0] == sum(sizes)


@pytest.mark.parametrize(("until", "upto"), [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (None, 5)])
async def test_a_log_is_sealed_up_to_where_it_is_told(
    sealed: Sealed, until: int | None, upto: int
) -> None:
    await sealed.write(5)
    seq, _ = await sealed.seal(until)
    assert (seq, await sealed.seals()) == (upto, [upto] if upto else [])


async def test_what_is_sealed_is_not_sealed_again(sealed: Sealed) -> None:
    await sealed.write(3)
    first = await sealed.seal()
    assert await sealed.seal() == first
    assert await sealed.seal(until=1) == first, "what it had then is sealed already"
    assert await sealed.seals() == [3]


async def test_two_who_seal_the_same_leave_one_seal(sealed: Sealed) -> None:
    await sealed.write(30)
    done = await asyncio.gather(*(sealed.seal() for _ in range(4)))
    assert len(set(done)) == 1
    assert await sealed.seals() == [30]


async def test_a_session_that_goes_meanwhile_is_sealed_nowhere(sealed: Sealed) -> None:
    await sealed.write(3)
    gone = sealed.session
    reading = seal(sealed.rows.database, SIGNER, gone, "shared", NOON, _Deleting(sealed))
    assert (await reading)[0] == 3
    assert await sealed.seals() == []


class _Deleting(Recent):
    """Remembers everything, and when it was asked the session goes."""

    def __init__(self, sealed: Sealed) -> None:
        super().__init__(10**6)
        self._sealed = sealed

    async def read(self, *asked: Any) -> Any:
        """Read, and delete."""
        found = await super().read(*asked)
        await self._sealed.change(delete(InterviewSession))
        return found


async def test_each_log_has_seals_of_its_own(sealed: Sealed) -> None:
    await sealed.write(2)
    await sealed.note()
    await sealed.seal()
    assert (await sealed.seals(), await sealed.seals("private")) == ([2], [])
    await sealed.seal(which="private")
    assert (await sealed.seals(), await sealed.seals("private")) == ([2], [1])
    for which in ("shared", "private"):
        assert (await sealed.verify(which)).problem is None


# Looking later


async def test_a_log_that_nobody_touched_is_true(sealed: Sealed) -> None:
    for size in (3, 600, 1):
        await sealed.write(size)
        end = await sealed.seal()
    await sealed.write(2)
    found = await sealed.verify()
    assert (found.entries, found.sealed, found.problem) == (606, 604, None)
    assert end[0] == 604


OF = TimelineEntry.seq == 2
CHANGES = {
    "its text": update(TimelineEntry).where(TimelineEntry.seq == 3).values(data={"text": "x"}),
    "its bytes": update(TimelineEntry).where(OF).values(update=EDIT + b"\0"),
    "its instant": update(TimelineEntry).where(OF).values(at=NOON + timedelta(microseconds=1)),
    "its author": update(TimelineEntry).where(OF).values(participant_id=None),
    "its kind": update(TimelineEntry).where(TimelineEntry.seq == 3).values(kind="paste"),
    "who somebody is": update(Participant).values(public_id="f" * 32),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_whatever_is_changed_of_an_entry_is_found(sealed: Sealed, what: str) -> None:
    await sealed.write(6)
    await sealed.seal()
    await sealed.change(CHANGES[what])
    found = await sealed.verify()
    assert found.problem == "something up to entry 6 was changed"
    assert found.entries == 6


async def test_what_is_changed_lies_before_the_first_seal_that_does_not_fit(
    sealed: Sealed,
) -> None:
    for _ in range(3):
        await sealed.write(4)
        await sealed.seal()
    await sealed.change(
        update(TimelineEntry).where(TimelineEntry.seq == 7).values(data={"text": "forged"})
    )
    assert (await sealed.verify()).problem == "something up to entry 8 was changed"


@pytest.mark.parametrize(
    ("gone", "problem"),
    [
        (1, "entry 1 is missing"),
        (3, "entry 3 is missing"),
        (6, "the log ends at entry 5, and had 6"),
    ],
)
async def test_an_entry_that_is_gone_is_named(sealed: Sealed, gone: int, problem: str) -> None:
    await sealed.write(6)
    await sealed.seal()
    await sealed.change(delete(TimelineEntry).where(TimelineEntry.seq == gone))
    assert (await sealed.verify()).problem == problem


async def test_a_log_that_is_cut_off_with_its_head_is_found_by_its_seal(sealed: Sealed) -> None:
    await sealed.write(6)
    await sealed.seal()
    await sealed.change(delete(TimelineEntry).where(TimelineEntry.seq > 2))
    await sealed.change(update(InterviewSession).values(head=2))
    assert (await sealed.verify()).problem == "the log ends at entry 2, and had 6"


async def test_what_was_not_sealed_yet_is_missed_by_the_sessions_head(sealed: Sealed) -> None:
    await sealed.write(6)
    await sealed.seal(until=2)
    await sealed.change(delete(TimelineEntry).where(TimelineEntry.seq > 2))
    assert (await sealed.verify()).problem == "the log ends at entry 2, and had 6"


async def test_a_private_entry_that_is_gone_is_missed(sealed: Sealed) -> None:
    for _ in range(3):
        await sealed.note()
    await sealed.seal(which="private")
    await sealed.change(delete(PrivateEntry).where(PrivateEntry.seq == 3))
    found = await sealed.verify("private")
    assert found.problem == "the log ends at entry 2, and had 3"
    assert (await sealed.verify("shared")).problem is None


@pytest.mark.parametrize("column", ["link", "mark"])
async def test_a_seal_that_somebody_made_up_is_none(sealed: Sealed, column: str) -> None:
    await sealed.write(3)
    await sealed.seal()
    await sealed.change(update(Seal).values({column: "0" * 22}))
    assert (await sealed.verify()).problem is not None


async def test_whoever_computes_the_chain_anew_lacks_the_key(sealed: Sealed) -> None:
    """They change an entry, and all seals after it to what the chain comes to now."""
    await sealed.write(3)
    await sealed.seal()
    await sealed.change(CHANGES["its bytes"])
    await sealed.change(delete(Seal))
    await sealed.seal(signer=TokenSigner(b"g" * 32))
    found = await sealed.verify()
    assert found.problem == "the seal at entry 3 was not made with this server's key"
    assert (await sealed.verify(signer=TokenSigner(b"g" * 32))).problem is None


async def test_packed_edits_are_still_what_was_sealed(sealed: Sealed) -> None:
    await sealed.write(9)
    before = await sealed.seal()
    await sealed.change(update(InterviewSession).values(status="ended"))
    assert await Packer(sealed.rows.database, NOTHING).pack_due() == 1
    found = await sealed.verify()
    assert (found.problem, found.link) == (None, before[1])


async def test_a_chunk_that_was_changed_is_found_and_the_rest_not_believed(sealed: Sealed) -> None:
    await sealed.write(9)
    await sealed.seal()
    await sealed.change(update(InterviewSession).values(status="ended"))
    await Packer(sealed.rows.database, NOTHING).pack_due()
    await sealed.change(update(TimelineChunk).values(packed=b"\x28\xb5\x2f\xfd"))
    found = await sealed.verify()
    assert found.problem == "what follows entry 0 was changed and cannot be read"


# In the background


def sealer(rows: Rows, recent: Recent = NOTHING) -> Sealer:
    return Sealer(rows.database, SIGNER, lambda: NOON, recent)


async def test_what_has_more_than_its_last_seal_is_sealed(rows: Rows) -> None:
    sessions = [await rows.session() for _ in range(3)]
    for session, count in zip(sessions, (2, 0, 1), strict=True):
        if count:
            await rows.entries(session, *[event("said", None, {"text": "x"})] * count)
    each = sealer(rows)
    assert await each.seal_due() == 2
    assert await each.seal_due() == 0
    await rows.entries(sessions[1], event("said", None, {"text": "x"}))
    assert await each.seal_due() == 1
    async with rows.database.read() as db:
        found = await db.execute(select(Seal.session_id, Seal.seq).order_by(Seal.session_id))
        assert [tuple(row) for row in found] == [
            (session.id, seq) for session, seq in zip(sessions, (2, 1, 1), strict=True)
        ]


async def test_a_session_that_is_being_erased_is_left_alone(rows: Rows) -> None:
    session = await rows.session(erasing_since=NOON)
    await rows.entries(session, event("said", None, {"text": "x"}))
    assert await sealer(rows).seal_due() == 0


async def test_a_log_that_cannot_be_read_keeps_nobody_elses_from_being_sealed(
    sealed: Sealed,
) -> None:
    await sealed.write(9)
    await sealed.change(update(InterviewSession).values(status="ended"))
    await Packer(sealed.rows.database, NOTHING).pack_due()
    await sealed.change(update(TimelineChunk).values(packed=b"\x28\xb5\x2f\xfd"))
    other = await sealed.rows.session()
    await sealed.rows.entries(other, event("said", None, {"text": "x"}))
    assert await sealer(sealed.rows).seal_due() == 1


async def test_two_rounds_at_once_seal_each_log_once(sealed: Sealed) -> None:
    await sealed.write(5)
    await sealed.note()
    each = sealer(sealed.rows)
    assert sorted(await asyncio.gather(each.seal_due(), each.seal_due())) == [0, 2]


async def test_more_sessions_than_are_sealed_at_once_are_all_sealed(rows: Rows) -> None:
    async with rows.database.write() as db:
        ids = itertools.count(1)
        db.add_all(
            InterviewSession(
                public_id=f"{next(ids):032}",
                room_id=f"{n:032}",
                title="",
                language="python",
                initial_code="",
                status="open",
                created_at=NOON,
                epoch="e",
                head=1,
                invitation_generation=0,
            )
            for n in range(40)
        )
        await db.flush()
        keys = list(await db.scalars(select(InterviewSession.id)))
        db.add_all(
            TimelineEntry(session_id=key, seq=1, at=NOON, kind="said", data={}, gap=False)
            for key in keys
        )
    assert await sealer(rows).seal_due() == 40
    async with rows.database.read() as db:
        assert await db.scalar(select(func.count()).select_from(Seal)) == 40
