"""Reading the timeline."""

import asyncio
import json
from binascii import b2a_base64
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Text, bindparam, func, select, tuple_, type_coerce
from sqlalchemy import cast as cast_to
from sqlalchemy.types import BigInteger, NullType

from pizarra.database import Fetch, Read, reading_by
from pizarra.models import Participant, TimelineEntry
from pizarra.models.base import instant_text
from pizarra.storage.prepared import Prepared
from pizarra.timeline.entries.shared import SHARED
from pizarra.timeline.packing.packed import NO_END, packed_edits

KINDS = tuple(SHARED)
MOST_BYTES = 2**20  # of entries that are read at once
_WINDOW = 1000  # entries whose lengths are asked for at once
_LIGHT = 4  # entries: so few are read without asking how large they are


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


def to_row(row: Stored, names: Mapping[int | None, str]) -> dict[str, Any]:
    """Return a stored entry as `TimelineEntryRead` shows it, without the cost of a model."""
    seq, at, kind, participant, update, data = row
    return {
        "seq": seq,
        "at": instant_text(at),
        "kind": kind,
        "participant_id": names.get(participant),
        "data": json.loads(data or "null") or {}
        if update is None
        else {"update": base64_of(update)},
    }


def base64_of(update: bytes) -> str:
    """Return an edit's bytes as the API shows them."""
    return b2a_base64(update, newline=False).decode()


async def read_names(fetch: Fetch, session_key: int) -> dict[int | None, str]:
    """Return storage id → public id of everybody who was in a session."""
    return {row.id: row.public_id for row in await fetch(_PEOPLE, {"key": session_key})}


async def read_time(fetch: Fetch, session_key: int, seq: int) -> str | None:
    """Return when an entry was recorded, as the API shows it; None if there is no such entry."""
    at = await read_instant(fetch, session_key, seq)
    return instant_text(at) if at is not None else None


async def read_instant(fetch: Fetch, session_key: int, seq: int) -> int | None:
    """Return when an entry was recorded, packed or not, in µs since 1970; None if there is no such entry."""
    rows = await read_rows(fetch, session_key, seq - 1, 1)
    return rows[0].at if rows and rows[0].seq == seq else None


_entry = TimelineEntry.__table__.c
# On the connection and with plain columns, built once: at this size of rows the ORM's way, a statement made anew and
# a call for each value cost more than the database.
_ROWS = (
    select(
        _entry.seq,
        type_coerce(_entry.at, BigInteger).label("at"),
        _entry.kind,
        _entry.participant_id.label("participant"),
        type_coerce(_entry.update, NullType).label("update"),
        cast_to(_entry.data, Text).label("data"),
    )
    .where(_entry.session_id == bindparam("key"), _entry.seq > bindparam("after"))
    .order_by(_entry.seq)
    .limit(bindparam("size"))
)
_SOME_ROWS = _ROWS.where(
    _entry.seq <= bindparam("until"), _entry.kind.in_(bindparam("kinds", expanding=True))
)
# In a range that has an end SQLite compares each row with it, and reads it for that, with what is large in it: so this
# one has none, and goes on into other sessions.
_AHEAD = (
    select(
        _entry.session_id,
        _entry.seq,
        func.coalesce(func.length(_entry.update), func.length(cast_to(_entry.data, Text)), 0).label(
            "size"
        ),
    )
    .where(
        tuple_(_entry.session_id, _entry.seq)
        > tuple_(bindparam("key", type_=BigInteger), bindparam("after", type_=BigInteger))
    )
    .order_by(_entry.session_id, _entry.seq)
    .limit(bindparam("size"))
    .subquery()
)
_SIZES = Prepared(
    select(_AHEAD.c.seq, _AHEAD.c.size)
    .where(_AHEAD.c.session_id == bindparam("key", type_=BigInteger))
    .order_by(_AHEAD.c.seq)
)
_PEOPLE = select(Participant.id, Participant.public_id).where(
    Participant.session_id == bindparam("key")
)


async def read_rows(
    fetch: Fetch, session_key: int, after: int, limit: int, kinds: Sequence[str] | None = None
) -> Sequence[Row]:
    """Return entries with a seq beyond `after`, in order, as they are stored.

    There are `limit` at most, and no more than weigh a mebibyte together, but one at least if there is any: an edit may
    be as large as a text, and whoever reads them does so in the event loop.
    """
    if kinds is not None:
        rows, is_all = await _read_some(fetch, session_key, after, limit, kinds)
        if "edit" not in kinds:
            return rows
        until = NO_END if is_all else rows[-1].seq
    else:
        if limit > _LIGHT:
            limit = await _count_fitting(fetch, session_key, after, limit)
        # The database's rows have the same names.
        rows = cast(
            "Sequence[Row]", await fetch(_ROWS, {"key": session_key, "after": after, "size": limit})
        )
        if not rows or rows[-1].seq - after == len(rows):
            return rows  # there are none, or none is missing between them
        # the newest entry is never packed: what lies beyond came after this look
        until = rows[-1].seq
    packed = await packed_edits(reading_by(fetch), session_key, after, until, limit, MOST_BYTES)
    if not packed:
        return rows
    found = {row.seq: row for row in rows}
    found |= {
        edit.seq: Row(edit.seq, edit.at, "edit", edit.participant, edit.update, None)
        for edit in packed[:limit]
    }
    ordered = [found[seq] for seq in sorted(found)[:limit]]
    return ordered[: fitting(len(row.update or row.data or "") for row in ordered)]


async def _read_some(
    fetch: Fetch, session_key: int, after: int, limit: int, kinds: Sequence[str]
) -> tuple[Sequence[Row], bool]:
    """Return entries of these kinds, as `read_rows` does, and whether no more are there."""
    found: list[Row] = []
    async for beyond, until in windows(reading_by(fetch), session_key, after):
        bounds = {"key": session_key, "after": beyond, "until": until, "kinds": kinds}
        # one more than is wanted: there may be others
        some = await fetch(_SOME_ROWS, {**bounds, "size": limit + 1 - len(found)})
        found += cast("Sequence[Row]", some)
        few = min(limit, fitting(len(row.update or row.data or "") for row in found))
        if few < len(found):
            return found[:few], False
        await asyncio.sleep(0)
    return found, True


async def windows(read: Read, session_key: int, after: int) -> AsyncIterator[tuple[int, int]]:
    """Part what a log holds unpacked beyond a seq: yield beyond which and up to which seq some lies.

    It is so little that it is read in a moment, as `read_rows` does.
    """
    while True:
        sizes = await read(_SIZES, {"key": session_key, "after": after, "size": _WINDOW})
        start = 0
        while start < len(sizes):
            start += fitting(row.size for row in sizes[start:])
            until = sizes[start - 1].seq
            yield after, until
            after = until
        if len(sizes) < _WINDOW:
            return


async def _count_fitting(fetch: Fetch, session_key: int, after: int, limit: int) -> int:
    """Return how many of the next `limit` entries are to be read at once. To ask for their lengths reads none."""
    sizes = await reading_by(fetch)(_SIZES, {"key": session_key, "after": after, "size": limit})
    count = fitting(row.size for row in sizes)
    return limit if count == len(sizes) else count


def fitting(sizes: Iterable[int]) -> int:
    """Return how many of these fit into what is read at once: one at least, if there is one."""
    count = total = 0
    for size in sizes:
        total += size
        if total > MOST_BYTES and count:
            break
        count += 1
    return count
