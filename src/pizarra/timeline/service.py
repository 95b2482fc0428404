"""Reading the timeline."""

from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import bindparam, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger, NullType

from pizarra.models import Participant, TimelineEntry
from pizarra.models.base import instant
from pizarra.timeline.kinds import SHARED
from pizarra.timeline.packing import packed_edits
from pizarra.timeline.schemas import TimelineEntryRead

_PAGE = 5000
KINDS = tuple(SHARED)


class Row(NamedTuple):
    """An entry as it is stored: `at` in µs since 1970, `participant` the storage id of who did it."""

    seq: int
    at: int
    kind: str
    participant: int | None
    update: bytes | None
    data: dict[str, Any] | None


class Recorded(NamedTuple):
    """An entry as it was recorded: what `TimelineEntryRead` shows, without the cost of a model."""

    seq: int
    at: datetime
    kind: str
    participant_id: str | None
    data: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {**self._asdict(), "at": f"{self.at.isoformat()[:-6]}Z"}


async def all_entries(db: AsyncSession, session_key: int) -> list[TimelineEntryRead]:
    """Return every entry, in order."""
    found: list[TimelineEntryRead] = []
    while page := await list_entries(db, session_key, found[-1].seq if found else 0, _PAGE, None):
        found += page
    return found


async def list_entries(
    db: AsyncSession, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> list[TimelineEntryRead]:
    """Return entries with a seq beyond `after`, in order, as the API shows them."""
    return [TimelineEntryRead(**each._asdict()) for each in await read_entries(db, session_key, after, limit, kinds)]


async def read_entries(
    db: AsyncSession, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> list[Recorded]:
    """Return entries with a seq beyond `after`, in order."""
    rows = await read_rows(db, session_key, after, limit, kinds)
    names = await read_names(db, session_key)
    return [recorded(row, names) for row in rows]


def recorded(row: Row, names: Mapping[int | None, str]) -> Recorded:
    """Return a stored entry as it was recorded."""
    data = row.data or {} if row.update is None else {"update": base64_of(row.update)}
    return Recorded(row.seq, instant(row.at), row.kind, names.get(row.participant), data)


def base64_of(update: bytes) -> str:
    """Return an edit's bytes as the API shows them."""
    return b2a_base64(update, newline=False).decode()


async def read_names(db: AsyncSession, session_key: int) -> dict[int | None, str]:
    """Return storage id → public id of everybody who was in a session."""
    connection = await db.connection()
    return {key: public_id for key, public_id in await connection.execute(_PEOPLE, {"key": session_key})}


_entry = TimelineEntry.__table__.c
# On the connection and with plain columns, built once: at this size of rows the ORM's way, a statement made anew and
# a call for each value cost more than the database.
_ROWS = (
    select(
        *(_entry.seq, type_coerce(_entry.at, BigInteger).label("at"), _entry.kind),
        *(_entry.participant_id.label("participant"), type_coerce(_entry.update, NullType).label("update")),
        _entry.data,
    )
    .where(_entry.session_id == bindparam("key"), _entry.seq > bindparam("after"))
    .order_by(_entry.seq)
    .limit(bindparam("size"))
)
_PEOPLE = select(Participant.id, Participant.public_id).where(Participant.session_id == bindparam("key"))


async def read_rows(
    db: AsyncSession, session_key: int, after: int, limit: int, kinds: Sequence[str] | None = None
) -> list[Row]:
    """Return entries with a seq beyond `after`, in order, as they are stored."""
    query = _ROWS if kinds is None else _ROWS.where(_entry.kind.in_(kinds))
    connection = await db.connection()
    found_rows = await connection.execute(query, {"key": session_key, "after": after, "size": limit})
    rows = cast("list[Row]", found_rows.all())  # the database's rows have the same names
    if kinds is not None and "edit" not in kinds:
        return rows
    until = rows[-1].seq if len(rows) == limit else None
    packed = await packed_edits(db, session_key, after, until, limit)
    if not packed:
        return rows
    found = {row.seq: row for row in rows}
    found |= {edit.seq: Row(edit.seq, edit.at, "edit", edit.participant, edit.update, None) for edit in packed[:limit]}
    return [found[seq] for seq in sorted(found)[:limit]]
