"""Erasing a session: gone for everybody in one commit, then out of the database piece by piece.

To erase is to write: what is deleted is overwritten, and SQLite's write-ahead log holds all of one transaction. A piece
is small, and after it the log is written back and begins anew: so a session of any size is erased in the room that a
full disk keeps for that, and nobody waits for it. A server that ends in between goes on at its next start.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.audit import forget_addresses, note
from pizarra.database import Database
from pizarra.kit.ids import new_public_id
from pizarra.models import Base, InterviewSession, Participant, Run, SessionView
from pizarra.storage.failures import DATABASE_ERRORS, reason_of
from pizarra.timeline.read.sweep import windows

log = logging.getLogger(__name__)

_PIECE_BYTES = 512 * 1024
_PIECE_ROWS = 1000
_PAGE_BYTES = 4096
_READERS_SECONDS = 5.0  # as long somebody who reads, as a backup does, is waited for

_SESSIONS: Table = InterviewSession.__table__  # type: ignore[assignment]
_KEY: BindParameter[int] = bindparam("key", type_=BigInteger)
_LEFT = select(_SESSIONS.c.id, _SESSIONS.c.rehearsal_of).where(
    _SESSIONS.c.erasing_since.is_not(None),
    _SESSIONS.c.id > bindparam("beyond"),
    _SESSIONS.c.id <= bindparam("until"),
)
_REHEARSALS = select(_SESSIONS.c.id).where(_SESSIONS.c.rehearsal_of == _KEY, _SESSIONS.c.id != _KEY)
_LAST = delete(_SESSIONS).where(_SESSIONS.c.id == _KEY)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a table has of a session: its next rows with their weight in bytes, and deleting up to one of them."""

    upcoming: Select[Any]
    drop: Delete


def _part(table: Table) -> _Part:
    place = [column for column in table.primary_key if column.name != "session_id"]
    mine = table.c.session_id == _KEY
    # Rows that lie by session are side by side; of others each may touch a page of its table, and of two indices.
    beside = not table.dialect_options["sqlite"]["with_rowid"]
    weight: ColumnElement[int] = literal(128 if beside else 3 * _PAGE_BYTES)
    for column in table.c:
        if isinstance(column.type, LargeBinary | Text | JSON):
            value = cast(column, Text) if isinstance(column.type, JSON) else column
            weight = weight + func.coalesce(func.length(value), 0)
    upcoming = select(*place, weight).where(mine).order_by(*place).limit(_PIECE_ROWS)
    until = tuple_(*(bindparam(f"last_{column.name}") for column in place))
    return _Part(upcoming, delete(table).where(mine, tuple_(*place) <= until))


# Those first that others refer to least: what a row takes with it was counted already.
_PARTS = [
    _part(table)
    for table in reversed(Base.metadata.sorted_tables)
    if "session_id" in table.c and table is not _SESSIONS
]


async def begin_erasing(
    db: AsyncSession,
    session: SessionView,
    now: datetime,
    *,
    actor: str,
    address: str,
    why: str,
) -> list[int]:
    """Take a session, and the rehearsals for it, from everybody; leave a receipt: counts, no content.

    Once this is committed nobody finds it, whoever writes in it is refused, and nothing brings it back. Return the keys
    of what is to `erase` then.
    """

    async def count(table: type[Base]) -> int:
        key = table.__table__.c.session_id
        return int(
            await db.scalar(select(func.count()).select_from(table).where(key == session.id)) or 0
        )

    counts = {
        "entries": session.head,
        "private": session.private_head,
        "runs": await count(Run),
        "people": await count(Participant),
        "why": why,
    }
    created = session.created_at.isoformat()
    note(
        db,
        now,
        "session.erased",
        actor=actor,
        address=address,
        target=session.public_id,
        created_at=created,
        **counts,
    )
    await forget_addresses(db, session.public_id)
    keys = [*(await db.scalars(_REHEARSALS, {"key": session.id})), session.id]
    for key in keys:
        ids = {name: new_public_id() for name in ("public_id", "room_id", "epoch")}
        await db.execute(
            update(_SESSIONS).where(_SESSIONS.c.id == key).values(erasing_since=now, **ids)
        )
    return keys


async def erase(database: Database, keys: Sequence[int]) -> None:
    """Erase what `begin_erasing` took from everybody; what cannot be erased now is left for later."""
    try:
        for key in keys:
            while await database.transact(partial(_erase_piece, key=key)):
                await database.forget_erased()
        await database.forget_erased(seconds=_READERS_SECONDS)
    except DATABASE_ERRORS as error:
        log.warning("what is left of a deleted session is erased later: %s", reason_of(error))


async def left_to_erase(database: Database) -> list[int]:
    """Return the keys of what was not erased to the end: a server ended, or the database did not take it."""
    left = [
        row
        async for window in windows(database)
        for row in await database.fetch(_LEFT, window._asdict())
    ]
    # rehearsals before what would take them with it
    return [row.id for row in sorted(left, key=lambda row: row.rehearsal_of is None)]


def _erase_piece(connection: Connection, *, key: int) -> bool:
    """Delete some of what there is of a session; tell whether there may be more."""
    room = _PIECE_BYTES
    for part in _PARTS:
        while (last := _last_within(connection, part, key, room)) is not None:
            place, room = last
            connection.execute(part.drop, {"key": key, **place})
            if room <= 0:
                return True
    connection.execute(_LAST, {"key": key})
    return False


def _last_within(
    connection: Connection, part: _Part, key: int, room: int
) -> tuple[dict[str, Any], int] | None:
    """Return up to which row to delete, and what room is left then; None when there is none.

    Row by row: to weigh a large one, SQLite reads it.
    """
    last = None
    with connection.execute(part.upcoming, {"key": key}) as rows:
        for last in rows:
            room -= last[-1]
            if room <= 0:
                break
    if last is None:
        return None
    return {f"last_{name}": value for name, value in last._asdict().items()}, room
