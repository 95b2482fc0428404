"""The journal of the collaboration core, on SQL. Rooms that append at the same time share one commit."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import Entry, JournalError, JournalUnavailable, StoredDocument
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.kit.clock import Clock
from pizarra.models import InterviewSession, SessionStatus, Snapshot, TimelineEntry
from pizarra.timeline.log import append_to_log

log = logging.getLogger(__name__)

_PAGE = 1000  # rows read at a time: a long history must not hold the event loop
_SNAPSHOTS_KEPT = 3


@dataclass(slots=True)
class _Append:
    key: int
    epoch: str
    entries: Sequence[Entry]
    require_open: bool
    done: asyncio.Future[int]


class SqlJournal:
    """Implements `pizarra.collab.journal.Journal`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[_Append] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, key: int, epoch: str, entries: Sequence[Entry], *, require_open: bool = True) -> int:
        """Commit `entries` and return the seq of the first; see the protocol for what it raises."""
        loop = asyncio.get_running_loop()
        request = _Append(key, epoch, entries, require_open, loop.create_future())
        self._waiting.append(request)
        if self._writer is None:
            self._writer = loop.create_task(self._write_waiting())
        return await request.done

    async def load(self, room_id: str) -> StoredDocument | None:
        """Return what is stored for a room: the newest snapshot, every gap before it, and the tail after it."""
        try:
            async with self._database.read() as db:
                return await load_document(db, InterviewSession.room_id == room_id)
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error

    async def save_snapshot(self, key: int, seq: int, state: bytes) -> None:
        """Keep a snapshot and forget the oldest beyond a few."""
        try:
            async with self._database.write() as db:
                if await db.get(InterviewSession, key) is None or await db.get(Snapshot, (key, seq)) is not None:
                    return
                await db.execute(
                    insert(Snapshot).values(session_id=key, seq=seq, state=state, created_at=self._clock())
                )
                kept = (select(Snapshot.seq).where(Snapshot.session_id == key).order_by(Snapshot.seq.desc())).limit(
                    _SNAPSHOTS_KEPT
                )
                oldest = min((await db.scalars(kept)).all())
                await db.execute(delete(Snapshot).where(Snapshot.session_id == key, Snapshot.seq < oldest))
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error

    async def _write_waiting(self) -> None:
        """Commit what waits, transaction after transaction; what arrives meanwhile shares the next one."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._write(batch)
        finally:
            self._writer = None

    async def _write(self, batch: list[_Append]) -> None:
        try:
            outcomes = await self._database.transact(partial(self._append_all, batch))
        except DATABASE_ERRORS as error:
            if len(batch) > 1:  # one bad request must not fail its neighbours
                for request in batch:
                    await self._write([request])
                return
            log.warning("journal: commit failed: %s", type(error).__name__)
            outcomes = [JournalUnavailable(type(error).__name__)]
        except BaseException as error:
            for request in batch:
                if not request.done.done():
                    request.done.set_exception(JournalUnavailable(type(error).__name__))
            raise
        for request, outcome in zip(batch, outcomes, strict=True):
            if request.done.done():
                continue
            if isinstance(outcome, int):
                request.done.set_result(outcome)
            else:
                request.done.set_exception(outcome)

    def _append_all(self, batch: list[_Append], connection: Connection) -> list[int | Exception]:
        at = self._clock()
        outcomes: dict[int, int | Exception] = {}
        # Rows are locked in one order everywhere, or two processes could wait for each other.
        for index in sorted(range(len(batch)), key=lambda index: batch[index].key):
            request = batch[index]
            try:
                outcomes[index] = append_to_log(
                    connection,
                    request.key,
                    request.entries,
                    at,
                    epoch=request.epoch,
                    require_open=request.require_open,
                )
            except JournalError as refusal:
                outcomes[index] = refusal
        return [outcomes[index] for index in range(len(batch))]


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
    return StoredDocument(
        key=session.id,
        session_id=session.public_id,
        epoch=session.epoch,
        is_open=session.status == SessionStatus.OPEN,
        head=session.head,
        snapshot=snapshot.state if snapshot else None,
        updates=await _updates(db, session.id, since, until),
    )


async def _updates(db: AsyncSession, key: int, since: int, until: int | None) -> list[bytes]:
    row = TimelineEntry.__table__.c
    gaps = select(row.update).where(row.session_id == key, row.seq <= since, row.gap).order_by(row.seq)
    updates = [bytes(update) for update in (await db.scalars(gaps)).all() if update is not None]
    while True:
        page = select(row.seq, row.update).where(row.session_id == key, row.seq > since, row.kind == "edit")
        if until is not None:
            page = page.where(row.seq <= until)
        rows = (await db.execute(page.order_by(row.seq).limit(_PAGE))).all()
        updates += [bytes(update) for _, update in rows if update is not None]
        if len(rows) < _PAGE:
            return updates
        since = rows[-1][0]
        await asyncio.sleep(0)
