"""The journal of the collaboration core, on SQL: what it asks of storage, each in its place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import ProgrammingError

from pizarra.collab.journal import (
    Entry,
    JournalUnavailable,
    Source,
    StoredDocument,
    StoredNews,
    StoredState,
)
from pizarra.database import Database, reading_in
from pizarra.kit.clock import Clock
from pizarra.models import InterviewSession, SessionStatus
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.storage.prepared import Prepared
from pizarra.timeline.append.appender import (
    Append,
    Appended,
    appender,
)
from pizarra.timeline.append.claims import Claims
from pizarra.timeline.append.group_commit import GroupCommit
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.append.snapshots import save_snapshot
from pizarra.timeline.chunks import BrokenChunk
from pizarra.timeline.read.loading import load_room, read_edits, read_events, read_few

_GENERATION = select(func.substr(func.pg_walfile_name(func.pg_current_wal_lsn()), 1, 8))

_session = InterviewSession.__table__.c
_STANDS = select(
    _session.id,
    _session.epoch,
    _session.status,
    _session.head,
    _session.log_bytes,
    _session.private_head,
).where(_session.erasing_since.is_(None))
_STAND_OF_ANY = Prepared(
    _STANDS.where(_session.id == any_(bindparam("keys", type_=ARRAY(BigInteger))))
)

_PAGE = 1000  # rows read at a time: a long history must not hold the event loop


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
        self._recent = recent
        self._knows_generation = not database.is_sqlite
        self._claims = Claims(database)
        self.commits = GroupCommit(appender(database), clock, window_seconds, on_commit, recent)

    # Appending

    def request(self, source: Source) -> None:
        """Ask `source` soon for what it has, and commit it with what others have; see the protocol."""
        self.commits.request(source)

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
        return await self.commits.append(
            key, epoch, entries, require_open=require_open, durable=durable
        )

    async def close(self) -> None:
        """Wait for the commit under way and let the database go."""
        await self.commits.close()

    # Loading

    async def load(self, room_id: str) -> StoredDocument | None:
        """Return what is stored for a room: the newest snapshot, every gap before it, and the tail after it."""
        try:
            return await load_room(self._database.fetch_prepared, room_id)
        except (BrokenChunk, *DATABASE_ERRORS) as error:
            raise JournalUnavailable(type(error).__name__) from error

    async def stored_states(self, keys: Sequence[int]) -> dict[int, StoredState]:
        """Return where sessions stand; one that is gone is missing."""
        found: dict[int, StoredState] = {}
        try:
            for start in range(0, len(keys), _PAGE):
                for session in await self._read_states(keys[start : start + _PAGE]):
                    is_open = session.status == SessionStatus.OPEN
                    found[session.id] = StoredState(
                        session.epoch,
                        is_open,
                        session.head,
                        session.log_bytes,
                        session.private_head,
                    )
        except DATABASE_ERRORS as error:
            raise JournalUnavailable(type(error).__name__) from error
        return found

    async def _read_states(self, keys: Sequence[int]) -> Sequence[Any]:
        if self._database.is_sqlite:
            return await self._database.fetch(_STANDS.where(_session.id.in_(keys)), {})
        # One array: to take in as many numbers one by one costs PostgreSQL more than to look them up.
        return await self._database.fetch_prepared(_STAND_OF_ANY, {"keys": list(keys)})

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write too: those of SQLite are of one computer, and there is one."""
        return not self._database.is_sqlite

    async def own(self, key: int, person: int, client: int) -> int:
        """Let a person own a client id if nobody does; return whose it is."""
        return await self._claims.own(key, person, client) if self.is_shared else person

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
            news = await read_few(self._database.fetch_prepared, key, seq)
            news = news or await self._read_news(key, seq)
        except (BrokenChunk, *DATABASE_ERRORS) as error:
            raise JournalUnavailable(type(error).__name__) from error
        await self.commits.written()
        return news

    async def _read_news(self, key: int, seq: int) -> StoredNews:
        """Return what was recorded beyond `seq`, however much it is, packed or not."""
        async with self._database.read() as db:
            head = await db.scalar(select(InterviewSession.head).where(InterviewSession.id == key))
            if head is None or head <= seq:
                return StoredNews(seq if head is None else head, [])
            # Numbers become visible in their order: up to the head that was read, every row is there.
            updates = await read_edits(reading_in(db), key, seq, head)
            return StoredNews(head, updates, await read_events(db, key, seq, head))

    async def save_snapshot(
        self, key: int, seq: int, state: bytes, owners: Mapping[int, int | None]
    ) -> None:
        """Keep a snapshot and forget the oldest beyond a few; one in a while stays, so that any instant opens soon."""
        await save_snapshot(self._database, key, seq, state, owners, self._clock())
