"""Reading the timeline."""

import json
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Text, bindparam, select, type_coerce
from sqlalchemy import cast as cast_to
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import BigInteger, NullType

from pizarra.database import Fetch, within
from pizarra.models import Participant, TimelineEntry
from pizarra.models.base import instant_text
from pizarra.timeline.kinds import SHARED
from pizarra.timeline.packed import packed_edits

KINDS = tuple(SHARED)


class Row(NamedTuple):
    """An entry as it is stored: `at` in µs since 1970, `participant` the storage id of who did it, `data` as JSON."""

    seq: int
    at: int
    kind: str
    participant: int | None
    update: bytes | None
    data: str | None


# What a `Row` is: where many are made for a moment, their names cost more than all the rest.
Stored = tuple[int, int, str, int | None, bytes | None, str | None]


async def read_entries(
    db: AsyncSession, session_key: int, after: int, limit: int, kinds: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Return entries with a seq beyond `after`, in order, as the API shows them."""
    fetch = within(db)
    rows = await read_rows(fetch, session_key, after, limit, kinds)
    names = await read_names(fetch, session_key)
    return [shown(row, names) for row in rows]


def shown(row: Stored, names: Mapping[int | None, str]) -> dict[str, Any]:
    """Return a stored entry as `TimelineEntryRead` shows it, without the cost of a model."""
    seq, at, kind, participant, update, data = row
    return {
        "seq": seq,
        "at": instant_text(at),
        "kind": kind,
        "participant_id": names.get(participant),
        "data": json.loads(data or "null") or {} if update is None else {"update": base64_of(update)},
    }


def base64_of(update: bytes) -> str:
    """Return an edit's bytes as the API shows them."""
    return b2a_base64(update, newline=False).decode()


async def read_names(fetch: Fetch, session_key: int) -> dict[int | None, str]:
    """Return storage id → public id of everybody who was in a session."""
    return {row.id: row.public_id for row in await fetch(_PEOPLE, {"key": session_key})}


_entry = TimelineEntry.__table__.c
# On the connection and with plain columns, built once: at this size of rows the ORM's way, a statement made anew and
# a call for each value cost more than the database.
_ROWS = (
    select(
        *(_entry.seq, type_coerce(_entry.at, BigInteger).label("at"), _entry.kind),
        *(_entry.participant_id.label("participant"), type_coerce(_entry.update, NullType).label("update")),
        cast_to(_entry.data, Text).label("data"),
    )
    .where(_entry.session_id == bindparam("key"), _entry.seq > bindparam("after"))
    .order_by(_entry.seq)
    .limit(bindparam("size"))
)
_PEOPLE = select(Participant.id, Participant.public_id).where(Participant.session_id == bindparam("key"))


async def read_rows(
    fetch: Fetch, session_key: int, after: int, limit: int, kinds: Sequence[str] | None = None
) -> Sequence[Row]:
    """Return entries with a seq beyond `after`, in order, as they are stored."""
    query = _ROWS if kinds is None else _ROWS.where(_entry.kind.in_(kinds))
    # The database's rows have the same names.
    rows = cast("Sequence[Row]", await fetch(query, {"key": session_key, "after": after, "size": limit}))
    if kinds is not None and "edit" not in kinds:
        return rows
    if kinds is not None:
        until = rows[-1].seq if len(rows) == limit else None
    elif rows:
        until = rows[-1].seq  # the newest entry is never packed: what lies beyond came after this look
    else:
        return rows
    packed = await packed_edits(fetch, session_key, after, until, limit)
    if not packed:
        return rows
    found = {row.seq: row for row in rows}
    found |= {edit.seq: Row(edit.seq, edit.at, "edit", edit.participant, edit.update, None) for edit in packed[:limit]}
    return [found[seq] for seq in sorted(found)[:limit]]
