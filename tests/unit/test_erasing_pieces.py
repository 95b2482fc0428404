"""Erasing: gone in one commit, then deleted in pieces, and nothing of anybody else's with it."""

from typing import Any

import pytest
from sqlalchemy import event as events
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError
from tests.harness.entries import event
from tests.harness.rows import NOON, Rows

from pizarra.collab.journal import EditEntry, EpochMismatch
from pizarra.models import (
    AuditEntry,
    Base,
    Decision,
    InterviewSession,
    Participant,
    PrivateEntry,
    Role,
    Run,
    Scorecard,
    Seal,
    SessionPlanStep,
    SessionProblem,
    Snapshot,
    StoredInvitation,
    TimelineChunk,
    TimelineEntry,
)
from pizarra.sessions import erasing
from pizarra.sessions.erasing import begin_erasing, erase, left_to_erase
from pizarra.timeline.append.log import append_to_log

KEPT = ("audit_entries", "teams", "accounts")


async def stored(rows: Rows, key: int) -> dict[str, int]:
    """Return how many rows of a session each table has, where it has any."""
    found = {}
    async with rows.database.read() as db:
        for table in Base.metadata.sorted_tables:
            column = table.c.id if table.name == "sessions" else table.c.get("session_id")
            if column is None:
                continue
            count = len((await db.execute(select(column).where(column == key))).all())
            if count:
                found[table.name] = count
    return found


async def interview(rows: Rows, entries: int = 3, **changes: Any) -> InterviewSession:
    """Make a session with something of everything."""
    session = await rows.session(private_head=1, **changes)
    ana, zoe = await rows.person(session, "Ana", Role.HOST), await rows.person(session)
    session = await rows.entries(session, *[EditEntry(zoe.id, b"x" * 100)] * entries)
    key: dict[str, Any] = {"session_id": session.id}
    run = {
        "language": "python",
        "path": "main.py",
        "stdin": "",
        "status": "exited",
        "diagnostics": [],
        "code_seq": 1,
        "started_seq": 1,
        "created_at": NOON,
    }
    for row in (
        PrivateEntry(
            **key, seq=1, at=NOON, kind="note", participant_id=ana.id, anchor=1, data={"text": "s"}
        ),
        Run(**key, public_id=session.public_id, **run),
        Scorecard(**key, participant_id=ana.id, scores=[], updated_at=NOON),
        Decision(**key, participant_id=ana.id, verdict="yes", text="", decided_at=NOON),
        Seal(**key, log="shared", seq=1, link="l", mark="m", at=NOON),
        Snapshot(**key, seq=1, state=b"s", created_at=NOON),
        TimelineChunk(**key, first=1, last=1, packed=b"p"),
        SessionProblem(**key, seq=1, folder=""),
        SessionPlanStep(**key, place=1, title="", minutes=1),
        StoredInvitation(
            **key, serial="s", role="observer", generation=0, created_at=NOON, expires_at=NOON
        ),
    ):
        await rows.put(row)
    return session


async def begin(rows: Rows, session: InterviewSession) -> list[int]:
    """Take a session from everybody."""
    async with rows.database.write() as db:
        known = await db.get_one(InterviewSession, session.id)
        return await begin_erasing(db, known, NOON, actor="ana", address="192.0.2.1", why="asked")


async def test_a_session_is_gone_at_once_for_everybody(rows: Rows) -> None:
    session = await interview(rows)
    assert await begin(rows, session) == [session.id]
    gone = await rows.reread(session)
    assert gone.erasing_since == NOON
    for name in ("public_id", "room_id", "epoch"):
        assert getattr(gone, name) != getattr(session, name), name

    def write(connection: Any) -> None:
        append_to_log(connection, session.id, [EditEntry(None, b"late")], NOON, epoch=session.epoch)

    with pytest.raises(EpochMismatch):
        await rows.database.transact(write)
    assert (await stored(rows, session.id))["timeline_entries"] == 3, "and nothing is deleted yet"


async def test_a_receipt_is_left_that_has_counts_and_no_content(rows: Rows) -> None:
    session = await interview(rows, title="s3cret title")
    await begin(rows, session)
    async with rows.database.read() as db:
        (receipt,) = (await db.scalars(select(AuditEntry))).all()
    said = str({name: getattr(receipt, name) for name in AuditEntry.__table__.c.keys()})  # noqa: SIM118
    assert "s3cret" not in said
    for counted in ("'entries': 3", "'private': 1", "'runs': 1", "'people': 2", "'why': 'asked'"):
        assert counted in said
    assert session.public_id in said


async def test_everything_of_it_goes_and_nothing_of_others(rows: Rows) -> None:
    session, other = await interview(rows), await interview(rows)
    before = await stored(rows, other.id)
    assert len(before) == len(await stored(rows, session.id)) >= 12
    await erase(rows.database, await begin(rows, session))
    assert await stored(rows, session.id) == {}
    assert await stored(rows, other.id) == before


async def test_a_rehearsal_goes_with_its_session_and_before_it(rows: Rows) -> None:
    session = await interview(rows)
    rehearsal = await interview(rows, rehearsal_of=session.id)
    other = await interview(rows)
    keys = await begin(rows, session)
    assert keys == [rehearsal.id, session.id]
    assert (await rows.reread(rehearsal)).erasing_since == NOON
    await erase(rows.database, keys)
    for each in (session, rehearsal):
        assert await stored(rows, each.id) == {}
    assert await stored(rows, other.id) != {}


async def test_where_a_question_is_tried_out_the_session_is_erased_once(rows: Rows) -> None:
    session = await rows.session()
    async with rows.database.write() as db:
        (await db.get_one(InterviewSession, session.id)).rehearsal_of = session.id
    assert await begin(rows, session) == [session.id]


# In pieces


class Deleted:
    """What each transaction deleted of a table's rows."""

    def __init__(self, rows: Rows) -> None:
        self.pieces: list[int] = []
        self._rows = rows

    async def erase(self, key: int) -> list[int]:
        """Erase a session; return how many entries of its log were left after each piece."""
        while await self._rows.database.transact(
            lambda connection: erasing._erase_piece(connection, key=key)  # noqa: SLF001
        ):
            self.pieces.append((await stored(self._rows, key)).get("timeline_entries", 0))
        return self.pieces


async def test_a_large_session_is_erased_in_pieces_of_so_many_rows(rows: Rows) -> None:
    session = await rows.session()
    await rows.entries(session, *[event("said", None, {"text": "x"})] * 5000)
    left = await Deleted(rows).erase(session.id)
    assert left == sorted(left, reverse=True)
    assert 1 <= len(left) <= 3, "a small row weighs little"
    assert await stored(rows, session.id) == {}


async def test_large_rows_are_few_at_a_time(rows: Rows) -> None:
    session = await rows.session()
    for _ in range(6):
        session = await rows.entries(session, EditEntry(None, bytes(300_000)))
    left = await Deleted(rows).erase(session.id)
    assert left == [4, 2, 0], "half a mebibyte, and the row that goes beyond it"


async def test_one_row_of_any_size_is_a_piece(rows: Rows) -> None:
    session = await rows.session()
    for seq in (1, 2):
        state = {"session_id": session.id, "seq": seq, "state": bytes(2_000_000)}
        await rows.put(Snapshot(**state, created_at=NOON))
    pieces = len(await Deleted(rows).erase(session.id))
    assert pieces == 2
    assert await stored(rows, session.id) == {}


async def test_many_people_are_weighed_by_the_pages_that_they_touch(rows: Rows) -> None:
    """Each of their rows may lie on a page of its own, in the table and in two indices."""
    session = await rows.session()
    person = {"session_id": session.id, "role": "candidate", "is_owner": False}
    async with rows.database.write() as db:
        await db.execute(
            insert(Participant),
            [
                {**person, "public_id": f"{n:032}", "name": "x", "created_at": NOON}
                for n in range(100)
            ],
        )
    assert len(await Deleted(rows).erase(session.id)) == 2


# What was left


async def test_what_a_server_left_is_found_and_rehearsals_first(rows: Rows) -> None:
    kept = await interview(rows)
    session = await rows.session()
    rehearsal = await rows.session(rehearsal_of=session.id)
    later = await rows.session()
    assert await left_to_erase(rows.database) == []
    for each in (session, later):
        await begin(rows, each)
    left = await left_to_erase(rows.database)
    assert left == [rehearsal.id, session.id, later.id]
    await erase(rows.database, left)
    assert await left_to_erase(rows.database) == []
    assert await stored(rows, kept.id) != {}


async def test_what_the_database_does_not_take_is_left_for_later(
    rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    session = await interview(rows)
    keys = await begin(rows, session)
    engine = rows.database.engine.sync_engine

    def refuse(*statement: Any) -> None:
        if statement[2].startswith("DELETE FROM sessions"):
            raise OperationalError("DELETE", {}, OSError("the disk is away"))

    events.listen(engine, "before_cursor_execute", refuse)
    await erase(rows.database, keys)
    events.remove(engine, "before_cursor_execute", refuse)
    assert "erased later" in caplog.text
    assert await left_to_erase(rows.database) == keys
    await erase(rows.database, keys)
    assert await stored(rows, session.id) == {}


async def test_erasing_what_is_gone_is_nothing(rows: Rows) -> None:
    other = await interview(rows)
    await erase(rows.database, [10**6])
    await erase(rows.database, [])
    assert await stored(rows, other.id) != {}


def test_every_table_that_has_something_of_a_session_is_erased() -> None:
    """One that is added is among them by itself; this says which there are, so that somebody looks."""
    with_sessions = {
        table.name
        for table in Base.metadata.sorted_tables
        if "session_id" in table.c and table.name not in KEPT
    }
    assert len(with_sessions) >= 14
    assert TimelineEntry.__tablename__ in with_sessions
    assert len(erasing._PARTS) == len(with_sessions)  # noqa: SLF001
