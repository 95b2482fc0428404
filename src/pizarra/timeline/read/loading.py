"""Reading what a document is made of: the newest snapshot, every gap before it, and the edits after it."""

import asyncio
import zlib

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import StoredDocument, StoredEvent, StoredNews, StoredUpdate
from pizarra.database import Read, within
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
from pizarra.timeline.packing.packed import packed_edits

_NOT_SHOWN = ("edit", "cursor", "run.input")  # each comes to people by another way, or not at all
_MOST_FEW = 100  # entries that are read in one step
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
_HEAD = Prepared(
    select(InterviewSession.__table__.c.head).where(
        InterviewSession.__table__.c.id == bindparam("key")
    )
)
_PAGE = 1000  # rows read at a time: a long history must not hold the event loop


async def load_document(
    db: AsyncSession, where: object, until: int | None = None
) -> StoredDocument | None:
    """Return a session's document, as of seq `until` when given; None when no session matches."""
    session = (await db.execute(select(InterviewSession).where(where))).scalar_one_or_none()  # type: ignore[arg-type]
    if session is None:
        return None
    newest = (
        select(Snapshot)
        .where(Snapshot.session_id == session.id)
        .order_by(Snapshot.seq.desc())
        .limit(1)
    )
    if until is not None:
        newest = newest.where(Snapshot.seq <= until)
    snapshot = (await db.execute(newest)).scalar_one_or_none()
    since = snapshot.seq if snapshot else 0
    owners = (snapshot.owners if snapshot else None) or {}
    return StoredDocument(
        key=session.id,
        share=share_of(session),
        session_id=session.public_id,
        epoch=session.epoch,
        is_open=session.status == SessionStatus.OPEN,
        head=session.head,
        log_bytes=session.log_bytes,
        snapshot=await asyncio.to_thread(zlib.decompress, snapshot.state) if snapshot else None,
        owners={int(client): person for client, person in owners.items()},
        updates=await _updates(db, session.id, since, until),
        private_head=session.private_head,
    )


async def _updates(db: AsyncSession, key: int, since: int, until: int | None) -> list[StoredUpdate]:
    gaps = (
        select(_row.seq, _row.participant_id, _row.update)
        # Written out, as the index of these few entries has it.
        .where(_row.session_id == key, _row.seq <= since, literal_column("timeline_entries.gap"))
        .with_hint(TimelineEntry.__table__, *indexed_by(GAPS))
        .order_by(_row.seq)
    )
    updates = [
        StoredUpdate(who, bytes(update), True) for _, who, update in (await db.execute(gaps)).all()
    ]
    return updates + await read_edits(db, key, since, until)


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


async def read_edits(
    db: AsyncSession, key: int, since: int, until: int | None
) -> list[StoredUpdate]:
    """Return the edits of a log beyond entry `since`, up to `until`, in order."""
    row = TimelineEntry.__table__.c
    columns = (row.seq, row.participant_id, row.update, row.gap)
    found: dict[int, StoredUpdate] = {}
    after = since
    while True:
        page = select(*columns).where(row.session_id == key, row.seq > after, row.kind == "edit")
        if until is not None:
            page = page.where(row.seq <= until)
        rows = (await db.execute(page.order_by(row.seq).limit(_PAGE))).all()
        found |= {seq: StoredUpdate(who, bytes(update), gap) for seq, who, update, gap in rows}
        if len(rows) < _PAGE:
            break
        after = rows[-1][0]
        await asyncio.sleep(0)
    packed = await packed_edits(within(db), key, since, until, None)
    if not packed:
        return list(found.values())
    found |= {edit.seq: StoredUpdate(edit.participant, edit.update) for edit in packed}
    return [found[seq] for seq in sorted(found)]
