"""Reading what a document is made of: the newest snapshot, every gap before it, and the edits after it."""

import asyncio
import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import StoredDocument, StoredEvent, StoredNews, StoredUpdate
from pizarra.database import Read
from pizarra.models import (
    InterviewSession,
    Participant,
    SessionStatus,
    Snapshot,
    TimelineEntry,
    share_of,
)
from pizarra.models.timeline import GAPS
from pizarra.storage.prepared import Prepared
from pizarra.storage.sqlite import indexed_by
from pizarra.timeline.packing.packed import NO_END, packed_edits
from pizarra.timeline.read.rows import windows

_NOT_SHOWN = ("edit", "cursor", "run.input")  # each comes to people by another way, or not at all
_MOST_FEW = 100  # entries that are read in one step
_PAGE = 1000  # rows read at a time: a long history must not hold the event loop
_row, _person = TimelineEntry.__table__.c, Participant.__table__.c
_FEW = Prepared(
    select(
        _row.seq,
        _row.at,
        _row.kind,
        _row.participant_id,
        _person.public_id,
        _person.name,
        _row.data,
        _row.update,
        _row.gap,
    )
    .outerjoin(Participant, _person.id == _row.participant_id)
    .where(_row.session_id == bindparam("key"), _row.seq > bindparam("since"))
    .order_by(_row.seq)
    .limit(_MOST_FEW)
)
_session, _snapshot = InterviewSession.__table__.c, Snapshot.__table__.c
_STANDS = select(
    _session.id,
    _session.public_id,
    _session.rehearsal_of,
    _session.epoch,
    _session.status,
    _session.head,
    _session.log_bytes,
    _session.private_head,
)
_OF_ROOM = Prepared(_STANDS.where(_session.room_id == bindparam("room_id")))
_OF_SESSION = Prepared(_STANDS.where(_session.id == bindparam("key")))
_NEWEST = Prepared(
    select(_snapshot.seq, _snapshot.state, _snapshot.owners)
    .where(_snapshot.session_id == bindparam("key"), _snapshot.seq <= bindparam("until"))
    .order_by(_snapshot.seq.desc())
    .limit(1)
)
_GAPS = Prepared(
    select(_row.seq, _row.participant_id, _row.update)
    # Written out, as the index of these few entries has it.
    .where(_row.session_id == bindparam("key"), _row.seq <= bindparam("until"))
    .where(literal_column("timeline_entries.gap"))
    .with_hint(TimelineEntry.__table__, *indexed_by(GAPS))
    .order_by(_row.seq)
)
_EDITS = Prepared(
    select(_row.seq, _row.participant_id, _row.update, _row.gap)
    .where(_row.session_id == bindparam("key"), _row.seq > bindparam("since"))
    .where(_row.seq <= bindparam("until"), _row.kind == "edit")
    .order_by(_row.seq)
)
_HEAD = Prepared(select(_session.head).where(_session.id == bindparam("key")))


async def load_room(read: Read, room_id: str) -> StoredDocument | None:
    """Return what is stored of a room's document; None when there is no such room."""
    return await _load(read, await read(_OF_ROOM, {"room_id": room_id}), NO_END)


async def load_document(read: Read, key: int, until: int) -> StoredDocument | None:
    """Return a session's document as of seq `until`; None when there is no such session."""
    return await _load(read, await read(_OF_SESSION, {"key": key}), until)


async def _load(read: Read, sessions: Sequence[Any], until: int) -> StoredDocument | None:
    if not sessions:
        return None
    (session,) = sessions
    newest = await read(_NEWEST, {"key": session.id, "until": until})
    snapshot = newest[0] if newest else None
    gaps = await read(_GAPS, {"key": session.id, "until": snapshot.seq}) if snapshot else []
    updates = [StoredUpdate(row.participant_id, bytes(row.update), True) for row in gaps]
    owners = (snapshot.owners if snapshot else None) or {}
    return StoredDocument(
        key=session.id,
        share=share_of(session),
        session_id=session.public_id,
        epoch=session.epoch,
        is_open=session.status == SessionStatus.OPEN,
        head=session.head,
        log_bytes=session.log_bytes,
        snapshot=(
            await asyncio.to_thread(zlib.decompress, bytes(snapshot.state)) if snapshot else None
        ),
        owners={int(client): person for client, person in owners.items()},
        updates=updates
        + await read_edits(read, session.id, snapshot.seq if snapshot else 0, until),
        private_head=session.private_head,
    )


async def read_few(read: Read, key: int, since: int) -> StoredNews | None:
    """Return what a log holds beyond entry `since`, if that is little and not packed: the road of every moment."""
    rows = await read(_FEW, {"key": key, "since": since})
    if not rows:
        heads = await read(_HEAD, {"key": key})
        return StoredNews(heads[0].head, []) if heads and heads[0].head <= since else None
    if len(rows) == _MOST_FEW or rows[-1].seq - since != len(rows):
        return None
    updates = [
        StoredUpdate(row.participant_id, bytes(row.update), row.gap)
        for row in rows
        if row.kind == "edit"
    ]
    events = [StoredEvent(*row[:7]) for row in rows if row.kind not in _NOT_SHOWN]
    return StoredNews(rows[-1].seq, updates, events)


async def read_events(db: AsyncSession, key: int, since: int, until: int) -> list[StoredEvent]:
    """Return the entries of a log that people are shown beside edits, beyond entry `since`, up to `until`, in order."""
    row, person = TimelineEntry.__table__.c, Participant.__table__.c
    found: list[StoredEvent] = []
    while True:
        page = (
            select(
                row.seq,
                row.at,
                row.kind,
                row.participant_id,
                person.public_id,
                person.name,
                row.data,
            )
            .outerjoin(Participant, person.id == row.participant_id)
            .where(row.session_id == key, row.seq > since, row.seq <= until)
            .where(row.kind.not_in(_NOT_SHOWN))
            .order_by(row.seq)
            .limit(_PAGE)
        )
        rows = (await db.execute(page)).all()
        found += [StoredEvent(*each) for each in rows]
        if len(rows) < _PAGE:
            return found
        since = rows[-1][0]
        await asyncio.sleep(0)


async def read_edits(read: Read, key: int, since: int, until: int) -> list[StoredUpdate]:
    """Return the edits of a log beyond entry `since`, up to `until`, in order."""
    found: dict[int, StoredUpdate] = {}
    async for beyond, end in windows(read, key, since):
        last = min(end, until)
        rows = await read(_EDITS, {"key": key, "since": beyond, "until": last})
        found |= {
            row.seq: StoredUpdate(row.participant_id, bytes(row.update), row.gap) for row in rows
        }
        if last == until:
            break
        await asyncio.sleep(0)
    packed = await packed_edits(read, key, since, until, None)
    if not packed:
        return list(found.values())
    found |= {edit.seq: StoredUpdate(edit.participant, edit.update) for edit in packed}
    return [found[seq] for seq in sorted(found)]
