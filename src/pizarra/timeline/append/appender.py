"""The road that every edit takes into the log: numbers from the session's row, then the entries, in one transaction.

It is the hot path, so it speaks to the drivers directly. What it does is what `append_to_log` does for one session
inside a larger transaction: the session's row is locked, `head` moves, and the numbers are dense and in commit order.
"""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol, assert_never

from sqlalchemy.ext.asyncio import AsyncConnection

from pizarra.collab.journal import (
    EditEntry,
    Entry,
    EpochMismatch,
    EventEntry,
    HeadMoved,
    JournalError,
    JournalUnavailable,
    SessionClosed,
)
from pizarra.database import Database
from pizarra.models.base import microseconds
from pizarra.storage.embedded_writes import EmbeddedWrites
from pizarra.storage.failures import DATABASE_ERRORS


class Appended(NamedTuple):
    """What became of an append: the seq of its first entry, and when it is said to be, in µs since 1970.

    That is by the clock of whoever wrote it, but never before what was there already: clocks differ.
    """

    first: int
    at: int


AppendResult = Appended | JournalError | JournalUnavailable


class Columns(NamedTuple):
    """An entry to append, as its row will hold it: `data` as JSON."""

    kind: str
    participant: int | None
    update: bytes | None
    data: str | None
    gap: bool = False

    @property
    def size(self) -> int:
        """The bytes that it takes in the log."""
        return len(self.update or self.data or "")


def to_columns(entry: Entry) -> Columns:
    """Return an entry as its row will hold it."""
    match entry:
        case EditEntry(participant, update, gap):
            return Columns("edit", participant, update, None, gap)
        case EventEntry(participant, told):
            return Columns(told.kind, participant, None, json.dumps(told.to_data()))
        case _:
            assert_never(entry)


class Append(NamedTuple):
    """What one session's log is to get."""

    key: int
    epoch: str
    require_open: bool
    rows: Sequence[Columns]
    expected_head: int | None = None  # at another it is refused

    @property
    def size(self) -> int:
        """The bytes that it takes in the log."""
        return sum(row.size for row in self.rows)


class Appender(Protocol):
    """Appends to many sessions in one commit.

    A commit survives the end of this process. With `needs_sync` it survives a power cut only after `sync`.
    """

    needs_sync: bool

    def append_now(self, appends: Sequence[Append], at: datetime) -> list[AppendResult] | None:
        """Append without waiting, or return None: then `append` does it."""
        ...

    async def append(self, appends: Sequence[Append], at: datetime) -> list[AppendResult]:
        """Append; return for each what became of it, or why it was refused. No session occurs twice.

        Raises:
            DATABASE_ERRORS: nothing was committed.
        """
        ...

    async def sync(self) -> None:
        """Bring everything committed so far to the disk.

        Raises:
            OSError: the disk refused.
        """
        ...

    async def close(self) -> None:
        """Let the database go."""
        ...


def appender(database: Database) -> Appender:
    """Return the one for a database."""
    if database.embedded is not None:
        return SqliteAppender(database.embedded)
    return PostgresAppender(database)


class SqliteAppender:
    """On SQLite the whole commit happens within one call: no other writer can come between.

    Waiting for the disk within it would hold the event loop for a millisecond now and then. So the commit only writes
    (`synchronous=NORMAL`: the write-ahead log is whole and ordered, and survives the process), and a thread syncs the
    write-ahead log before anything is acknowledged, which is what `synchronous=FULL` does inside the commit.
    """

    _TAKE = (
        "UPDATE sessions SET head = head + ?, log_bytes = log_bytes + ?, last_at = max(last_at, ?) "
        "WHERE id = ? AND epoch = ? AND (status = 'open' OR NOT ?) AND head = coalesce(?, head) "
        "RETURNING head, last_at"
    )
    _WRITE = (
        'INSERT INTO timeline_entries (session_id, seq, at, kind, participant_id, "update", data, gap) '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )

    def __init__(self, writes: EmbeddedWrites) -> None:
        self._writes = writes
        self.needs_sync = writes.needs_sync

    def append_now(self, appends: Sequence[Append], at: datetime) -> list[AppendResult] | None:
        """Append, unless somebody else is writing."""
        return self._writes.write_now(partial(self._append_all, appends, microseconds(at)))

    async def append(self, appends: Sequence[Append], at: datetime) -> list[AppendResult]:
        """Append when it is our turn to write."""
        return await self._writes.write_raw(partial(self._append_all, appends, microseconds(at)))

    async def sync(self) -> None:
        """Sync the write-ahead log."""
        await self._writes.sync()

    async def close(self) -> None:
        """The database closes its own connections."""

    def _append_all(
        self, appends: Sequence[Append], at: int, cursor: sqlite3.Cursor
    ) -> list[AppendResult]:
        outcomes: list[AppendResult] = []
        rows: list[tuple[object, ...]] = []
        for append in appends:
            key, epoch, require_open, written, expected = append
            taken = cursor.execute(
                self._TAKE, (len(written), append.size, at, key, epoch, require_open, expected)
            ).fetchone()
            if taken is None:
                current = cursor.execute(
                    "SELECT epoch, status FROM sessions WHERE id = ?", (key,)
                ).fetchone()
                outcomes.append(_refusal(current, append))
                continue
            cursor.fetchone()  # a statement that returns rows counts as done once there are no more
            done = Appended(int(taken[0]) - len(written) + 1, int(taken[1]))
            outcomes.append(done)
            rows += [(key, seq, done.at, *row) for seq, row in enumerate(written, done.first)]
        if rows:
            cursor.executemany(self._WRITE, rows)
        return outcomes


class PostgresAppender:
    """On PostgreSQL the whole commit is one statement, on a connection kept for it."""

    # Rows are locked in the order of their ids everywhere, or two processes could wait for each other.
    _APPEND = """
        WITH wanted AS (
            SELECT * FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::int[], $5::bigint[], $14::bigint[])
                AS w (id, epoch, open_only, size, bytes, expected)
        ), locked AS MATERIALIZED (
            SELECT id FROM sessions WHERE id = ANY ($1) ORDER BY id FOR UPDATE
        ), taken AS (
            UPDATE sessions s SET head = s.head + w.size, log_bytes = s.log_bytes + w.bytes,
                last_at = greatest(s.last_at, $6)
            FROM wanted w JOIN locked l USING (id)
            WHERE s.id = w.id AND s.epoch = w.epoch AND (s.status = 'open' OR NOT w.open_only)
                AND s.head = coalesce(w.expected, s.head)
            RETURNING s.id, s.head - w.size AS before, s.last_at
        ), written AS (
            INSERT INTO timeline_entries (session_id, seq, at, kind, participant_id, "update", data, gap)
            SELECT e.id, t.before + e.place, t.last_at, e.kind, e.participant, e.change, e.data::json, e.gap
            FROM unnest($7::bigint[], $8::int[], $9::text[], $10::bigint[], $11::bytea[], $12::text[], $13::boolean[])
                AS e (id, place, kind, participant, change, data, gap)
            JOIN taken t ON t.id = e.id
        )
        SELECT id, before, last_at FROM taken
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.needs_sync = False
        self._connection: AsyncConnection | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def append_now(self, appends: Sequence[Append], at: datetime) -> list[AppendResult] | None:
        """The database is another process: nothing happens at once."""
        return None

    async def append(self, appends: Sequence[Append], at: datetime) -> list[AppendResult]:
        """Append in one statement, which is one transaction."""
        rows = [
            (append.key, place, *row)
            for append in appends
            for place, row in enumerate(append.rows, 1)
        ]
        ordered = sorted(appends, key=lambda append: append.key)
        sizes = [len(append.rows) for append in ordered]
        weights = [append.size for append in ordered]
        heads = [*list(zip(*(append[:3] for append in ordered), strict=True)), sizes, weights]
        expected = [append.expected_head for append in ordered]
        arguments = (*heads, microseconds(at), *zip(*rows, strict=True), expected)
        work = asyncio.get_running_loop().create_task(self._commit(appends, arguments))
        try:
            # Not asyncio.timeout: to cancel a statement, the driver asks the server, and waits for its answer.
            done, _ = await asyncio.wait({work}, timeout=self._database.commit_timeout_seconds)
            if not done:
                raise TimeoutError
            return work.result()
        except (*DATABASE_ERRORS, asyncio.CancelledError):
            self._discard(work)
            raise

    async def _commit(
        self, appends: Sequence[Append], arguments: tuple[Any, ...]
    ) -> list[AppendResult]:
        raw = await self._driver()
        rows = await raw.fetch(self._APPEND, *arguments)
        found = {key: Appended(before + 1, at) for key, before, at in rows}
        return [await self._outcome(raw, append, found.get(append.key)) for append in appends]

    async def _driver(self) -> Any:
        """Return asyncpg's connection: another one when the server has ended the one that was kept."""
        if self._connection is not None:
            driver: Any = (await self._connection.get_raw_connection()).driver_connection
            if not driver.is_closed():
                return driver
            await self._connection.invalidate()
            await self._connection.close()
        self._connection = await self._database.engine.connect()
        return (await self._connection.get_raw_connection()).driver_connection

    async def sync(self) -> None:
        """PostgreSQL's commit is on the disk already."""

    async def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            await self._connection.close()

    async def _outcome(self, raw: Any, append: Append, done: Appended | None) -> AppendResult:
        if done is not None:
            return done
        current = await raw.fetchrow("SELECT epoch, status FROM sessions WHERE id = $1", append.key)
        return _refusal(current, append)

    def _discard(self, work: asyncio.Task[list[AppendResult]]) -> None:
        """Give up a commit and its connection, without waiting for a server that does not answer to take note."""
        connection, self._connection = self._connection, None
        work.cancel()
        if connection is not None and (pooled := connection.sync_connection) is not None:
            driver: Any = pooled.connection.driver_connection
            driver.terminate()
        task = asyncio.get_running_loop().create_task(_close(work, connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _close(
    work: asyncio.Task[list[AppendResult]], connection: AsyncConnection | None
) -> None:
    await asyncio.wait({work})
    with contextlib.suppress(*DATABASE_ERRORS):
        if connection is not None:
            await connection.invalidate()
            await connection.close()


def _refusal(current: Sequence[str] | None, append: Append) -> JournalError:
    """Return why nothing was appended to a session whose epoch and status are `current`; None: there is none."""
    if current is None or current[0] != append.epoch:
        return EpochMismatch()
    if append.expected_head is not None and not (append.require_open and current[1] != "open"):
        return HeadMoved()
    return SessionClosed()
