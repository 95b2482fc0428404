"""Reading what a document is made of: the newest snapshot, every gap before it, and the edits after it."""

import asyncio
import zlib

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import StoredDocument, StoredUpdate
from pizarra.database import within
from pizarra.models import InterviewSession, SessionStatus, Snapshot, TimelineEntry
from pizarra.timeline.packed import packed_edits

_PAGE = 1000  # rows read at a time: a long history must not hold the event loop


async def load_document(db: AsyncSession, where: object, until: int | None = None) -> StoredDocument | None:
    """Return a session's document, as of seq `until` when given; None when no session matches."""
    session = (await db.execute(select(InterviewSession).where(where))).scalar_one_or_none()  # type: ignore[arg-type]
    if session is None:
        return None
    newest = select(Snapshot).where(Snapshot.session_id == session.id).order_by(Snapshot.seq.desc()).limit(1)
    if until is not None:
        newest = newest.where(Snapshot.seq <= until)
    snapshot = (await db.execute(newest)).scalar_one_or_none()
    since = snapshot.seq if snapshot else 0
    owners = (snapshot.owners if snapshot else None) or {}
    return StoredDocument(
        key=session.id,
        session_id=session.public_id,
        epoch=session.epoch,
        is_open=session.status == SessionStatus.OPEN,
        head=session.head,
        snapshot=zlib.decompress(snapshot.state) if snapshot else None,
        owners={int(client): person for client, person in owners.items()},
        updates=await _updates(db, session.id, since, until),
    )


async def _updates(db: AsyncSession, key: int, since: int, until: int | None) -> list[StoredUpdate]:
    row = TimelineEntry.__table__.c
    columns = (row.seq, row.participant_id, row.update)
    gaps = select(*columns).where(row.session_id == key, row.seq <= since, row.gap).order_by(row.seq)
    updates = [StoredUpdate(who, bytes(update)) for _, who, update in (await db.execute(gaps)).all()]
    return updates + await read_edits(db, key, since, until)


async def read_edits(db: AsyncSession, key: int, since: int, until: int | None) -> list[StoredUpdate]:
    """Return the edits of a log beyond entry `since`, up to `until`, in order."""
    row = TimelineEntry.__table__.c
    columns = (row.seq, row.participant_id, row.update)
    found: dict[int, StoredUpdate] = {}
    after = since
    while True:
        page = select(*columns).where(row.session_id == key, row.seq > after, row.kind == "edit")
        if until is not None:
            page = page.where(row.seq <= until)
        rows = (await db.execute(page.order_by(row.seq).limit(_PAGE))).all()
        found |= {seq: StoredUpdate(who, bytes(update)) for seq, who, update in rows}
        if len(rows) < _PAGE:
            break
        after = rows[-1][0]
        await asyncio.sleep(0)
    packed = await packed_edits(within(db), key, since, until, None)
    if not packed:
        return list(found.values())
    found |= {edit.seq: StoredUpdate(edit.participant, edit.update) for edit in packed}
    return [found[seq] for seq in sorted(found)]
