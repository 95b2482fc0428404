"""The journal of the collaboration core, on SQL. Rooms that append at the same time share one commit."""

import asyncio
import logging
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ProgrammingError

from pizarra.collab.journal import (
    Entry,
    JournalError,
    JournalFull,
    JournalUnavailable,
    Source,
    StoredDocument,
    StoredNews,
    StoredState,
)
from pizarra.collab.told_entries import ToldEntries
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.models import ClientOwner, InterviewSession, SessionStatus, Snapshot
from pizarra.storage.failures import DATABASE_ERRORS, says_full
from pizarra.timeline.append.appender import (
    Append,
    Appended,
    Appender,
    AppendResult,
    appender,
    to_columns,
)
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.chunks import BrokenChunk
from pizarra.timeline.read.loading import load_document, read_edits, read_events, read_few

log = logging.getLogger(__name__)

_owner = ClientOwner.__table__.c
_mine = and_(_owner.session_id == bindparam("key"), _owner.client == bindparam("client"))
_OWNER = select(_owner.participant_id).where(_mine)
_OWN = (
    postgresql.insert(ClientOwner)
    .values(
        session_id=bindparam("key"), client=bindparam("client"), participant_id=bindparam("person")
    )
    .on_conflict_do_nothing()
)
_HOLD_SESSION = (
    select(InterviewSession.id)
    .where(InterviewSession.id == bindparam("key"))
    .with_for_update(read=True, key_share=True)
)
_GENERATION = select(func.substr(func.pg_walfile_name(func.pg_current_wal_lsn()), 1, 8))

_PAGE = 1000  # rows read at a time: a long history must not hold the event loop
_SNAPSHOTS_KEPT = 3
_CHECKPOINT_EVERY = 4096  # entries
_LONG = (
    131_072  # entries: beyond it checkpoints are twice as far apart, beyond twice that four times
)
_TURNS_APART = 4  # from one commit to the next this many times what one takes with all that follows
_SMOOTHING = 0.1


class OnEntries(Protocol):
    """Told of entries of a session that were appended, and whether a room did."""

    def __call__(self, key: int, told: ToldEntries, *, by_room: bool) -> None:
        """Take note of the entries."""
        ...


def _nobody(key: int, told: ToldEntries, *, by_room: bool) -> None:
    """Nobody wants to know."""


class SqlJournal:
    """Implements `pizarra.collab.journal.Journal`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        window_seconds: float,
        on_commit: Callable[[Sequence[Append], float], None],
        recent: Recent,
    ) -> None:
        self._database = database
        self._clock = clock
        self._window = window_seconds
        self._on_commit = (
            on_commit  # told of each commit: what it appended, and the seconds it took
        )
        self._recent = recent
        self._appender: Appender = appender(database)
        self._knows_generation = not database.is_sqlite
        self.on_entries: OnEntries = _nobody
        self._waiting: list[Source] = []
        self._timer: asyncio.Handle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._turn_seconds = 0.0  # what a commit and everything after it takes, smoothed
        self._last_start = 0.0
        self._unsafe: list[Source] = []  # committed, not yet on the disk
        self._syncing: asyncio.Task[None] | None = None
        self._claims: set[asyncio.Future[int]] = set()

    # Appending

    def request(self, source: Source) -> None:
        """Ask `source` soon for what it has, and commit it with what others have; see the protocol."""
        self._waiting.append(source)
        if self._timer is None and self._writing is None:
            self._schedule()

    async def append(
        self,
        key: int,
        epoch: str,
        entries: Sequence[Entry],
        *,
        require_open: bool = True,
        durable: bool = True,
    ) -> int:
        """Commit `entries` and return the seq of the first; see the protocol for what it raises.

        What is only shown to people, as edits are, need not wait until a power cut could not undo it: `durable` off.
        """
        done = await self.append_dated(
            key, epoch, entries, require_open=require_open, durable=durable
        )
        return done.first

    async def append_dated(
        self,
        key: int,
        epoch: str,
        entries: Sequence[Entry],
        *,
        require_open: bool = True,
        durable: bool = True,
    ) -> Appended:
        """Like `append`; return also when the entries are said to be."""
        source = _Single(key, epoch, entries, require_open=require_open, durable=durable)
        self.request(source)
        try:
            return await source.done
        finally:
            del source  # what it raises knows this frame and its callers': together they would stay in memory

    async def close(self) -> None:
        """Wait for the commit under way and let the database go."""
        if self._timer is not None:
            self._timer.cancel()
        while tasks := [task for task in (self._writing, self._syncing) if task is not None]:
            await asyncio.wait(tasks)
        await self._appender.close()

    def _schedule(self) -> None:
        """Commit at the end of this turn of the event loop; later when the last commit was a moment ago."""
        loop = asyncio.get_running_loop()
        due = self._last_start + min(self._window, self._turn_seconds * _TURNS_APART)
        if due <= loop.time():
            self._timer = loop.call_soon(self._start)
        else:
            self._timer = loop.call_at(due, self._start)

    def _start(self) -> None:
        self._timer = None
        waiting, self._waiting = self._waiting, []
        batch: list[tuple[Source, Append]] = []
        taken: set[int] = set()
        for source in waiting:
            # one request per session and commit: its numbers depend on the one before
            if source.key in taken:
                self._waiting.append(source)
                continue
            entries = source.next_entries()
            if entries:
                taken.add(source.key)
                rows = [to_columns(entry) for entry in entries]
                place = (source.key, source.epoch, source.require_open)
                batch.append((source, Append(*place, rows, source.expected_head)))
        if not batch:
            if self._waiting and self._timer is None:
                self._schedule()
            return
        self._last_start = asyncio.get_running_loop().time()
        at = self._clock()
        try:
            outcomes = self._appender.append_now([append for _, append in batch], at)
        except DATABASE_ERRORS as error:
            outcomes = self._unavailable(batch, error)
        if outcomes is not None:
            self._finish(batch, outcomes)
        else:
            self._writing = asyncio.get_running_loop().create_task(self._write(batch))

    async def _write(self, batch: list[tuple[Source, Append]]) -> None:
        at = self._clock()
        try:
            outcomes = await self._appender.append([append for _, append in batch], at)
        except DATABASE_ERRORS as error:
            outcomes = self._unavailable(batch, error)
        except BaseException as error:
            self._finish(batch, self._unavailable(batch, error))
            raise
        finally:
            self._writing = None
        self._finish(batch, outcomes)

    def _unavailable(
        self, batch: list[tuple[Source, Append]], error: BaseException
    ) -> list[AppendResult]:
        if says_full(error):
            log.error(
                "journal: commit failed: the disk is full. What people write waits in their browsers"
            )
            return [JournalFull("the disk is full") for _ in batch]
        log.warning("journal: commit failed: %s", type(error).__name__)
        return [JournalUnavailable(type(error).__name__) for _ in batch]

    def _finish(self, batch: list[tuple[Source, Append]], outcomes: Sequence[AppendResult]) -> None:
        loop = asyncio.get_running_loop()
        seconds = loop.time() - self._last_start
        if done := [
            append
            for (_, append), outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Appended)
        ]:
            self._on_commit(done, seconds)
        for (source, append), outcome in zip(batch, outcomes, strict=True):
            try:
                if isinstance(outcome, Appended):
                    if isinstance(source, _Single):
                        source.outcome = outcome
                    source.committed(outcome.first)
                    self._tell_committed(source, append, outcome)
                    self._unsafe.append(source)
                    self._recent.note(append, *outcome)
                else:
                    source.refused(outcome)
            except Exception:
                log.exception("session %s: what came after its commit failed", source.key)
        if not self._appender.needs_sync:
            self._tell(self._unsafe, _durable)
            self._unsafe = []
        elif self._unsafe and self._syncing is None:
            self._syncing = asyncio.get_running_loop().create_task(self._sync())
        self._turn_seconds += _SMOOTHING * (loop.time() - self._last_start - self._turn_seconds)
        if self._waiting and self._timer is None:
            self._schedule()

    def _tell_committed(self, source: Source, append: Append, done: Appended) -> None:
        told = ToldEntries(append.epoch, *done, append.rows)
        self.on_entries(append.key, told, by_room=not isinstance(source, _Single))

    async def _sync(self) -> None:
        """Bring what is committed to the disk, and tell; what is committed meanwhile is next, after the window."""
        loop = asyncio.get_running_loop()
        try:
            while self._unsafe:
                started = loop.time()
                sources, self._unsafe = self._unsafe, []
                try:
                    await self._appender.sync()
                except OSError:
                    log.critical(
                        "journal: the disk refused; what was committed is not acknowledged",
                        exc_info=True,
                    )
                    self._tell(sources, _unsafe)
                else:
                    self._tell(sources, _durable)
                if self._unsafe:
                    await asyncio.sleep(max(0.0, started + self._window - loop.time()))
        finally:
            self._syncing = None

    def _tell(self, sources: Sequence[Source], what: Callable[[Source], None]) -> None:
        for source in sources:
            try:
                what(source)
            except Exception:
                log.exception("session %s: what came after its commit failed", source.key)

    # Loading

    async def load(self, room_id: str) -> StoredDocument | None:
        """Return what is stored for a room: the newest snapshot, every gap before it, and the tail after it."""
        try:
            async with self._database.read() as db:
                return await load_document(db, InterviewSession.room_id == room_id)
        except (BrokenChunk, *DATABASE_ERRORS) as error:
            raise JournalUnavailable(type(error).__name__) from error

    async def stored_states(self, keys: Sequence[int]) -> dict[int, StoredState]:
        """Return where sessions stand; one that is gone is missing."""
        row = InterviewSession.__table__.c
        found: dict[int, StoredState] = {}
        try:
            for start in range(0, len(keys), _PAGE):
                some = select(
                    *(row.id, row.epoch, row.status, row.head, row.log_bytes, row.private_head)
                ).where(row.id.in_(keys[start : start + _PAGE]), row.erasing_since.is_(None))
                for session in await self._database.fetch(some, {}):
                    is_open = session.status == SessionStatus.OPEN
                    found[session.id] = StoredState(
                        *(session.epoch, is_open, session.head, session.log_bytes),
                        session.private_head,
                    )
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error
        return found

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write too: those of SQLite are of one computer, and there is one."""
        return not self._database.is_sqlite

    async def own(self, key: int, person: int, client: int) -> int:
        """Let a person own a client id if nobody does; return whose it is."""
        if not self.is_shared:
            return person

        def claim(connection: Connection) -> int:
            # The session first, as whoever appends has it: else each could wait for the other.
            connection.execute(_HOLD_SESSION, {"key": key})
            connection.execute(_OWN, {"key": key, "client": client, "person": person})
            return int(connection.scalar(_OWNER, {"key": key, "client": client}) or person)

        work = asyncio.ensure_future(self._database.transact(claim))
        self._claims.add(work)
        work.add_done_callback(self._forget_claim)
        # Whoever types waits for it as for a commit; the statement itself is given up later, by the driver.
        await asyncio.wait({work}, timeout=self._database.commit_timeout_seconds)
        if not work.done():
            raise JournalUnavailable("it does not answer in time")
        try:
            return work.result()
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error

    def _forget_claim(self, work: asyncio.Future[int]) -> None:
        self._claims.discard(work)
        if not work.cancelled():
            work.exception()  # perhaps nobody waits for it any more

    async def generation(self) -> str:
        """Return PostgreSQL's timeline, which is another after each failover; "" where that cannot be known."""
        if not self._knows_generation:
            return ""
        try:
            rows = await self._database.fetch(_GENERATION, {})
        except ProgrammingError:  # a database that is like PostgreSQL, or does not let us ask
            self._knows_generation = False
            return ""
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error
        return str(rows[0][0])

    def distrust(self, key: int) -> None:
        """Forget what was recorded a moment ago: the database may hold something else by these numbers."""
        self._recent.forget(key)

    async def news_after(self, key: int, seq: int) -> StoredNews:
        """Return what was recorded beyond `seq`; whoever of this process commits just now has been told then."""
        try:
            news = await read_few(self._database.fetch, key, seq)
            news = news or await self._read_news(key, seq)
        except (BrokenChunk, *DATABASE_ERRORS) as error:
            raise JournalUnavailable(type(error).__name__) from error
        if self._writing is not None:
            await asyncio.wait({self._writing})
        return news

    async def _read_news(self, key: int, seq: int) -> StoredNews:
        """Return what was recorded beyond `seq`, however much it is, packed or not."""
        async with self._database.read() as db:
            head = await db.scalar(select(InterviewSession.head).where(InterviewSession.id == key))
            if head is None or head <= seq:
                return StoredNews(seq if head is None else head, [])
            # Numbers become visible in their order: up to the head that was read, every row is there.
            updates = await read_edits(db, key, seq, head)
            return StoredNews(head, updates, await read_events(db, key, seq, head))

    async def save_snapshot(
        self, key: int, seq: int, state: bytes, owners: Mapping[int, int | None]
    ) -> None:
        """Keep a snapshot and forget the oldest beyond a few; one in a while stays, so that any instant opens soon."""
        packed = await asyncio.to_thread(zlib.compress, state, 1)  # it may have megabytes
        row = {
            "session_id": key,
            "seq": seq,
            "state": packed,
            "owners": {str(id_): who for id_, who in owners.items()},
        }
        try:
            async with self._database.write() as db:
                if (
                    await db.get(InterviewSession, key) is None
                    or await db.get(Snapshot, (key, seq)) is not None
                ):
                    return
                await db.execute(insert(Snapshot).values(**row, created_at=self._clock()))
                kept = (
                    select(Snapshot.seq)
                    .where(Snapshot.session_id == key)
                    .order_by(Snapshot.seq.desc())
                ).limit(_SNAPSHOTS_KEPT)
                oldest = min((await db.scalars(kept)).all())
                mine = Snapshot.session_id == key
                checkpoints = (
                    select(func.min(Snapshot.seq))
                    .where(mine)
                    .group_by(Snapshot.seq // _spacing(seq))
                )
                stale = delete(Snapshot).where(
                    mine, Snapshot.seq < oldest, Snapshot.seq.not_in(checkpoints)
                )
                await db.execute(stale)
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error


def _spacing(head: int) -> int:
    """Return how far apart checkpoints are: each is as large as the document, so long logs have them farther apart."""
    return _CHECKPOINT_EVERY << (head // _LONG).bit_length()


def _durable(source: Source) -> None:
    source.durable()


def _unsafe(source: Source) -> None:
    source.unsafe()


class _Single:
    """A `Source` of entries that are known already."""

    expected_head = None

    def __init__(
        self, key: int, epoch: str, entries: Sequence[Entry], *, require_open: bool, durable: bool
    ) -> None:
        self.key = key
        self.epoch = epoch
        self.require_open = require_open
        self.done: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self.outcome = Appended(0, 0)  # once it is committed
        self._entries = entries
        self._durable = durable

    def next_entries(self) -> Sequence[Entry]:
        return [] if self.done.done() else self._entries

    def committed(self, first: int) -> None:
        if not self._durable:
            self.durable()

    def durable(self) -> None:
        if not self.done.done():
            self.done.set_result(self.outcome)

    def unsafe(self) -> None:
        self.refused(JournalUnavailable("the disk refused"))

    def refused(self, error: JournalError | JournalUnavailable) -> None:
        if not self.done.done():
            self.done.set_exception(error)
