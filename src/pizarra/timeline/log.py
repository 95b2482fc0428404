"""Appending to the log inside a transaction. The only place that gives out sequence numbers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.collab.journal import Entry, EpochMismatch, SessionClosed
from pizarra.models import InterviewSession, SessionStatus, TimelineEntry

_sessions = InterviewSession.__table__.c

# The row lock of this UPDATE orders writers, so numbers are dense and become visible in commit order.
_TAKE_NUMBERS = (
    update(InterviewSession)
    .where(
        _sessions.id == bindparam("key"),
        or_(_sessions.epoch == bindparam("of_epoch"), bindparam("any_epoch", type_=Boolean)),
        or_(_sessions.status == SessionStatus.OPEN.value, bindparam("any_status", type_=Boolean)),
    )
    .values(head=_sessions.head + bindparam("count"))
    .returning(_sessions.head)
)
_APPEND = insert(TimelineEntry.__table__)  # type: ignore[arg-type]


async def append_entries(
    db: AsyncSession,
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
    result = await db.execute(
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
        await _refuse(db, key, epoch)
    first = int(head or 0) - len(entries) + 1
    await db.execute(_APPEND, [_row(key, first + offset, at, entry) for offset, entry in enumerate(entries)])
    return first


async def _refuse(db: AsyncSession, key: int, epoch: str | None) -> None:
    current = await db.scalar(select(_sessions.epoch).where(_sessions.id == key))
    if current is None or (epoch is not None and current != epoch):
        raise EpochMismatch
    raise SessionClosed


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
