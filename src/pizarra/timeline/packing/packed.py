"""Reading edits that were packed."""

import asyncio

from sqlalchemy import bindparam, select

from pizarra.database import Read
from pizarra.models import TimelineChunk
from pizarra.storage.prepared import Prepared
from pizarra.timeline.chunks import PackedEdit, unpack

NO_END = 2**62  # as a number, so that the statement stays the same
_chunk = TimelineChunk.__table__.c
_NEXT = Prepared(
    select(_chunk.last, _chunk.packed)
    .where(
        _chunk.session_id == bindparam("key"),
        _chunk.last > bindparam("since"),
        _chunk.first <= bindparam("until"),
    )
    .order_by(_chunk.last)
    .limit(1)
)


async def packed_edits(
    read: Read,
    key: int,
    since: int,
    until: int,
    limit: int | None,
    most_bytes: int | None = None,
) -> list[PackedEdit]:
    """Return the packed edits of a session beyond `since`, up to `until`, in order.

    With `limit` these are so many at least, or weigh more than `most_bytes`, if there are enough.

    Raises:
        BrokenChunk: a chunk was changed in the database.
    """
    found: list[PackedEdit] = []
    weight = 0
    while True:
        rows = await read(_NEXT, {"key": key, "since": since, "until": until})
        if not rows:
            return found
        (row,) = rows
        edits, known = unpack(bytes(row.packed)), len(found)
        found += [edit for edit in edits if since < edit.seq <= until]
        weight += sum(len(edit.update) for edit in found[known:])
        if limit is not None and (
            len(found) >= limit or (most_bytes is not None and weight > most_bytes)
        ):
            return found
        since = row.last
        await asyncio.sleep(0)
