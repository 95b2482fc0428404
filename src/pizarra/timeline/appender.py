"""The road that every edit takes into the log: numbers from the session's row, then the entries, in one transaction.

It is the hot path, so it speaks to the drivers directly. What it does is what `append_to_log` does for one session
inside a larger transaction: the session's row is locked, `head` moves, and the numbers are dense and in commit order.
"""

import asyncio
import contextlib
import json
import os
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from pizarra.collab.journal import Entry, EpochMismatch, JournalError, JournalUnavailable, SessionClosed
from pizarra.database import DATABASE_ERRORS, Database
from pizarra.models.base import microseconds

Outcome = int | JournalError | JournalUnavailable


class Append(NamedTuple):
    """What one session's log is to get."""

    key: int
    epoch: str
    require_open: bool
    entries: Sequence[Entry]


class Appender(Protocol):
    """Appends to many sessions in one commit.

    A commit survives the end of this process. With `needs_sync` it survives a power cut only after `sync`.
    """

    needs_sync: bool

    def append_now(self, appends: Sequence[Append], at: datetime) -> list[Outcome] | None:
        """Append without waiting, or return None: then `append` does it."""
        ...

    async def append(self, appends: Sequence[Append], at: datetime) -> list[Outcome]:
        """Append; return for each the seq of its first entry, or why it was refused. No session occurs twice.

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
    return SqliteAppender(database) if database.is_sqlite else PostgresAppender(database)


class SqliteAppender:
    """On SQLite the whole commit happens within one call: no other writer can come between.

    Waiting for the disk within it would hold the event loop for a millisecond now and then. So the commit only writes
    (`synchronous=NORMAL`: the write-ahead log is whole and ordered, and survives the process), and a thread syncs the
    write-ahead log before anything is acknowledged, which is what `synchronous=FULL` does inside the commit.
    """

    _TAKE = (
        "UPDATE sessions SET head = head + ? WHERE id = ? AND epoch = ? AND (status = 'open' OR NOT ?) RETURNING head"
    )
    _WRITE = (
        'INSERT INTO timeline_entries (session_id, seq, at, kind, participant_id, "update", data, gap) '
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )

    def __init__(self, database: Database) -> None:
        self._database = database
        self.needs_sync = database.sqlite_synchronous == "full"
        self._path = str(database.url.database)
        self._wal: int | None = None

    def append_now(self, appends: Sequence[Append], at: datetime) -> list[Outcome] | None:
        """Append, unless somebody else is writing."""
        return self._database.write_now(partial(self._append_all, appends, microseconds(at)))

    async def append(self, appends: Sequence[Append], at: datetime) -> list[Outcome]:
        """Append when it is our turn to write."""
        return await self._database.write_raw(partial(self._append_all, appends, microseconds(at)))

    async def sync(self) -> None:
        """Sync the write-ahead log."""
        if not self._database.uses_wal:
            return  # a file system without shared memory: there the commit itself waited for the disk
        if self._wal is None:
            self._wal = os.open(f"{self._path}-wal", os.O_RDONLY)  # the same file as long as a connection is open
            folder = os.open(Path(self._path).parent, os.O_RDONLY)  # its name must be on the disk as well
            os.fsync(folder)
            os.close(folder)
        await asyncio.get_running_loop().run_in_executor(None, os.fdatasync, self._wal)

    async def close(self) -> None:
        """Let the file go; the database closes its own connections."""
        if self._wal is not None:
            os.close(self._wal)

    def _append_all(self, appends: Sequence[Append], at: int, cursor: sqlite3.Cursor) -> list[Outcome]:
        outcomes: list[Outcome] = []
        rows: list[tuple[object, ...]] = []
        for key, epoch, require_open, entries in appends:
            taken = cursor.execute(self._TAKE, (len(entries), key, epoch, require_open)).fetchone()
            if taken is None:
                current = cursor.execute("SELECT epoch FROM sessions WHERE id = ?", (key,)).fetchone()
                outcomes.append(_refusal(current[0] if current else None, epoch))
                continue
            cursor.fetchone()  # a statement that returns rows counts as done once there are no more
            seq = int(taken[0]) - len(entries) + 1
            outcomes.append(seq)
            for kind, participant, update, data, gap in entries:
                rows.append((key, seq, at, kind, participant, update, None if data is None else json.dumps(data), gap))
                seq += 1
        if rows:
            cursor.executemany(self._WRITE, rows)
        return outcomes


class PostgresAppender:
    """On PostgreSQL the whole commit is one statement, on a connection kept for it."""

    # Rows are locked in the order of their ids everywhere, or two processes could wait for each other.
    _APPEND = """
        WITH wanted AS (
            SELECT * FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::int[]) AS w (id, epoch, open_only, size)
        ), locked AS MATERIALIZED (
            SELECT id FROM sessions WHERE id = ANY ($1) ORDER BY id FOR UPDATE
        ), taken AS (
            UPDATE sessions s SET head = s.head + w.size
            FROM wanted w JOIN locked l USING (id)
            WHERE s.id = w.id AND s.epoch = w.epoch AND (s.status = 'open' OR NOT w.open_only)
            RETURNING s.id, s.head - w.size AS before
        ), written AS (
            INSERT INTO timeline_entries (session_id, seq, at, kind, participant_id, "update", data, gap)
            SELECT e.id, t.before + e.place, $5, e.kind, e.participant, e.change, e.data::json, e.gap
            FROM unnest($6::bigint[], $7::int[], $8::text[], $9::bigint[], $10::bytea[], $11::text[], $12::boolean[])
                AS e (id, place, kind, participant, change, data, gap)
            JOIN taken t ON t.id = e.id
        )
        SELECT id, before FROM taken
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.needs_sync = False
        self._connection: AsyncConnection | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def append_now(self, appends: Sequence[Append], at: datetime) -> list[Outcome] | None:
        """The database is another process: nothing happens at once."""
        return None

    async def append(self, appends: Sequence[Append], at: datetime) -> list[Outcome]:
        """Append in one statement, which is one transaction."""
        rows = [
            (append.key, place, *entry[:3], None if entry.data is None else json.dumps(entry.data), entry.gap)
            for append in appends
            for place, entry in enumerate(append.entries, 1)
        ]
        ordered = sorted(appends, key=lambda append: append.key)
        sizes = [len(append.entries) for append in ordered]
        heads = [*list(zip(*(append[:3] for append in ordered), strict=True)), sizes]
        arguments = (*heads, microseconds(at), *zip(*rows, strict=True))
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

    async def _commit(self, appends: Sequence[Append], arguments: tuple[Any, ...]) -> list[Outcome]:
        connection = self._connection
        if connection is None:
            connection = await self._database.engine.connect()
            self._connection = connection
        raw: Any = (await connection.get_raw_connection()).driver_connection
        found = {row[0]: row[1] for row in await raw.fetch(self._APPEND, *arguments)}
        return [await self._outcome(raw, append, found.get(append.key)) for append in appends]

    async def sync(self) -> None:
        """PostgreSQL's commit is on the disk already."""

    async def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            await self._connection.close()

    async def _outcome(self, raw: Any, append: Append, before: int | None) -> Outcome:
        if before is not None:
            return before + 1
        return _refusal(await raw.fetchval("SELECT epoch FROM sessions WHERE id = $1", append.key), append.epoch)

    def _discard(self, work: asyncio.Task[list[Outcome]]) -> None:
        """Give up a commit and its connection, without waiting for a server that does not answer to take note."""
        connection, self._connection = self._connection, None
        work.cancel()
        if connection is not None and (pooled := connection.sync_connection) is not None:
            driver: Any = pooled.connection.driver_connection
            driver.terminate()
        task = asyncio.get_running_loop().create_task(_close(work, connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _close(work: asyncio.Task[list[Outcome]], connection: AsyncConnection | None) -> None:
    await asyncio.wait({work})
    with contextlib.suppress(*DATABASE_ERRORS):
        if connection is not None:
            await connection.invalidate()
            await connection.close()


def _refusal(current: str | None, epoch: str) -> JournalError:
    return SessionClosed() if current == epoch else EpochMismatch()
