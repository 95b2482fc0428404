"""Appending to the log inside a transaction of ours; edits go by `appender.py`, by the same numbers."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, assert_never

from sqlalchemy import Boolean, Connection, bindparam, case, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import EditEntry, Entry, EpochMismatch, EventEntry, SessionClosed
from pizarra.database import Write
from pizarra.models import InterviewSession, SessionStatus, TimelineEntry
from pizarra.models.base import Timestamp
from pizarra.storage.prepared import Prepared

_SESSIONS = InterviewSession.__table__
_sessions = _SESSIONS.c

# The row lock of this UPDATE orders writers, so numbers are dense and become visible in commit order.
_TAKE_NUMBERS = (
    update(_SESSIONS)  # type: ignore[arg-type]
    .where(
        _sessions.id == bindparam("key"),
        or_(_sessions.epoch == bindparam("of_epoch"), bindparam("any_epoch", type_=Boolean)),
        or_(_sessions.status == SessionStatus.OPEN.value, bindparam("any_status", type_=Boolean)),
    )
    .values(
        head=_sessions.head + bindparam("count"),
        log_bytes=_sessions.log_bytes + bindparam("bytes"),
        last_at=case(
            (_sessions.last_at > bindparam("now", type_=Timestamp), _sessions.last_at),
            else_=bindparam("now", type_=Timestamp),
        ),
    )
    .returning(_sessions.head, _sessions.last_at)
)
_APPEND = insert(TimelineEntry.__table__)  # type: ignore[arg-type]
_COLUMNS = [column.name for column in TimelineEntry.__table__.c]
_PREPARED = Prepared(_APPEND, _COLUMNS)


class Numbered(NamedTuple):
    """What entries got: the seq of the first, and when they are said to be."""

    first: int
    at: datetime


def append_to_log(
    connection: Connection,
    key: int,
    entries: Sequence[Entry],
    at: datetime,
    *,
    epoch: str | None = None,
    require_open: bool = False,
) -> Numbered:
    """Append `entries` to the log of session `key`; return the seq of the first, and of when they are said to be.

    They are said to be of `at`, or of the newest entry's instant if that is later: clocks differ.

    Raises:
        EpochMismatch: the session is gone, or `epoch` is given and not its own.
        SessionClosed: the session has ended and `require_open` is set.
    """
    result = connection.execute(
        _TAKE_NUMBERS,
        {
            "key": key,
            "of_epoch": epoch or "",
            "any_epoch": epoch is None,
            "any_status": not require_open,
            "count": len(entries),
            "bytes": sum(_size(entry) for entry in entries),
            "now": at,
        },
    )
    taken = result.one_or_none()
    if taken is None:
        current = connection.scalar(select(_sessions.epoch).where(_sessions.id == key))
        raise (
            EpochMismatch
            if current is None or (epoch is not None and current != epoch)
            else SessionClosed
        )
    first = int(taken.head) - len(entries) + 1
    at = taken.last_at
    connection.execute(
        _APPEND, [_row(key, first + offset, at, entry) for offset, entry in enumerate(entries)]
    )
    return Numbered(first, at)


def write_first_entry(write: Write, key: int, entry: Entry, at: datetime) -> None:
    """Write what the log of a session begins with, in the transaction that makes the session with `head` 1."""
    write(_PREPARED, _row(key, 1, at, entry))


async def append_entries(
    db: AsyncSession,
    key: int,
    entries: Sequence[Entry],
    at: datetime,
    *,
    require_open: bool = False,
) -> int:
    """Append within a session's transaction, and return the seq of the first; see `append_to_log`."""
    return (await append_dated_entries(db, key, entries, at, require_open=require_open)).first


async def append_dated_entries(
    db: AsyncSession,
    key: int,
    entries: Sequence[Entry],
    at: datetime,
    *,
    require_open: bool = False,
) -> Numbered:
    """Append within a session's transaction; see `append_to_log`."""
    connection = await db.connection()
    return await connection.run_sync(append_to_log, key, entries, at, require_open=require_open)


def _size(entry: Entry) -> int:
    match entry:
        case EditEntry(update=update):
            return len(update)
        case EventEntry(told=told):
            return len(json.dumps(told.to_data()))
        case _:
            assert_never(entry)


def _row(key: int, seq: int, at: datetime, entry: Entry) -> dict[str, Any]:
    place = {"session_id": key, "seq": seq, "at": at, "participant_id": entry.participant}
    match entry:
        case EditEntry(update=update, gap=gap):
            return {**place, "kind": "edit", "update": update, "data": None, "gap": gap}
        case EventEntry(told=told):
            told_data = told.to_data()
            return {**place, "kind": told.kind, "update": None, "data": told_data, "gap": False}
        case _:
            assert_never(entry)
