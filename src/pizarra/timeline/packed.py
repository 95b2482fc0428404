"""Reading edits that were packed."""

import asyncio

from sqlalchemy import bindparam, select

from pizarra.database import Fetch
from pizarra.models import TimelineChunk
from pizarra.timeline.chunks import PackedEdit, unpack

_NO_END = 2**62  # as a number, so that the statement stays the same
_chunk = TimelineChunk.__table__.c
_NEXT = (
    select(_chunk.last, _chunk.packed)
    .where(_chunk.session_id == bindparam("key"), _chunk.last > bindparam("since"), _chunk.first <= bindparam("until"))
    .order_by(_chunk.last)
    .limit(1)
)


async def packed_edits(fetch: Fetch, key: int, since: int, until: int | None, limit: int | None) -> list[PackedEdit]:
    """Return the packed edits of a session beyond `since`, up to `until`, in order; at least `limit` if there are.

    Raises:
        BrokenChunk: a chunk was changed in the database.
    """
    found: list[PackedEdit] = []
    bounds = {"key": key, "until": _NO_END if until is None else until}
    while True:
        rows = await fetch(_NEXT, {**bounds, "since": since})
        if not rows:
            return found
        (row,) = rows
        edits = unpack(bytes(row.packed))
        found += [edit for edit in edits if edit.seq > since and (until is None or edit.seq <= until)]
        if limit is not None and len(found) >= limit:
            return found
        since = row.last
        await asyncio.sleep(0)
