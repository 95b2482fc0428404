"""Appending to the log inside a transaction. The only place that gives out sequence numbers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Connection, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import Entry, EpochMismatch, SessionClosed
from pizarra.models import InterviewSession, SessionStatus, TimelineEntry

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
    .values(head=_sessions.head + bindparam("count"))
    .returning(_sessions.head)
)
_APPEND = insert(TimelineEntry.__table__)  # type: ignore[arg-type]


def append_to_log(
    connection: Connection,
    key: int,
    entries: Sequence[Entry],
    at: datetime,
    *,
    epoch: str | None = None,
    require_open: bool = False,
) -> int:
    """Append `entries` to the log of session `key` and return the seq of the first.

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
        },
    )
    head = result.scalar_one_or_none()
    if head is None:
        current = connection.scalar(select(_sessions.epoch).where(_sessions.id == key))
        raise EpochMismatch if current is None or (epoch is not None and current != epoch) else SessionClosed
    first = int(head) - len(entries) + 1
    write_entries(connection, key, first, entries, at)
    return first


def write_entries(connection: Connection, key: int, first: int, entries: Sequence[Entry], at: datetime) -> None:
    """Write entries whose numbers are already taken."""
    connection.execute(_APPEND, [_row(key, first + offset, at, entry) for offset, entry in enumerate(entries)])


async def append_entries(
    db: AsyncSession, key: int, entries: Sequence[Entry], at: datetime, *, require_open: bool = False
) -> int:
    """Append within a session's transaction; see `append_to_log`."""
    connection = await db.connection()
    return await connection.run_sync(append_to_log, key, entries, at, require_open=require_open)


def _row(key: int, seq: int, at: datetime, entry: Entry) -> dict[str, Any]:
    return {
        "session_id": key,
        "seq": seq,
        "at": at,
        "kind": entry.kind,
        "participant_id": entry.participant,
        "update": entry.update,
        "data": entry.data,
        "gap": entry.gap,
    }
