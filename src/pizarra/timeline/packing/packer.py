"""Packs old edits into chunks, where they take a tenth of the room. Nothing of the log changes but where it lies.

Only edits are packed, and of those none that arrived before something it builds on; what else happened stays a row.
Whoever reads looks at rows first and at chunks then: an edit packed in between is found twice, never not at all.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import BigInteger, NullType

from pizarra.database import Database
from pizarra.models import InterviewSession, SessionStatus, TimelineChunk, TimelineEntry
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.chunks import MAX_BYTES, Edit, pack
from pizarra.timeline.read.pages import LogOwner
from pizarra.timeline.read.sweep import Sweep

log = logging.getLogger(__name__)

CHUNK = 1024  # entries; what is newer than two of these stays as it is while people write
_SESSIONS = 200  # asked for at once
_AT_ONCE_BYTES = 256 * 1024  # of updates: more of them are packed in a thread
_row = TimelineEntry.__table__.c
_session = InterviewSession.__table__.c
_OF_CHUNK = and_(
    _row.session_id == bindparam("key"),
    _row.seq.between(bindparam("first"), bindparam("last")),
    _row.kind == "edit",
    _row.gap.is_(False),
)
_EDITS = (
    select(
        _row.seq,
        type_coerce(_row.at, BigInteger).label("at"),
        _row.participant_id.label("participant"),
        type_coerce(_row.update, NullType).label("update"),
    )
    .where(_OF_CHUNK)
    .order_by(_row.seq)
)
_STANDING = select(
    _session.id,
    _session.public_id,
    _session.epoch,
    _session.head,
    _session.packed_to,
    _session.status,
).where(_session.id == bindparam("key"), _session.erasing_since.is_(None))
_behind = _session.head - _session.packed_to
_DUE = select(_session.id).where(
    _session.erasing_since.is_(None),
    or_(_behind > 2 * CHUNK, and_(_session.status == SessionStatus.ENDED.value, _behind > 1)),
)
_DUE_OF = _DUE.where(_session.id.in_(bindparam("keys", expanding=True)))
_DUE_WITHIN = _DUE.where(_session.id > bindparam("beyond"), _session.id <= bindparam("until"))
_ADVANCE = (
    update(InterviewSession.__table__)  # type: ignore[arg-type]
    .where(_session.id == bindparam("key"), _session.packed_to == bindparam("before"))
    .values(packed_to=bindparam("to"))
    .returning(_session.id)
)
_KEEP = insert(TimelineChunk.__table__)  # type: ignore[arg-type]
_DROP = delete(TimelineEntry.__table__).where(_OF_CHUNK)  # type: ignore[arg-type]


async def pack_next(database: Database, key: int, recent: Recent) -> bool:
    """Pack the next chunk of a session, if it is due; tell whether it was."""
    for session in await database.fetch(_STANDING, {"key": key}):
        before = session.packed_to
        if _is_due(session.head, before, session.status):
            # The newest entry stays a row: whoever reads knows by the last row how far the log went.
            bounds = {
                "key": key,
                "first": before + 1,
                "last": min(before + CHUNK, session.head - 1),
            }
            edits = await _edits(database, session, bounds["first"], bounds["last"], recent)
            recent.forget(key, bounds["last"])
            size = sum([len(update) for _, _, _, update in edits])
            packed = None
            # a chunk is unpacked in memory: pastes beyond that stay rows
            if edits and size <= MAX_BYTES:
                # What is typed is packed in less time than it takes to hand it to a thread and back.
                packed = (
                    pack(edits) if size <= _AT_ONCE_BYTES else await asyncio.to_thread(pack, edits)
                )
            try:
                return await database.transact(
                    partial(_move, bounds=bounds, packed=packed, count=len(edits))
                )
            except _NotTheSame:
                log.warning(
                    "session %s: the log is not what was recorded; `pizarra timeline verify`",
                    session.public_id,
                )
                return False  # next time from the database: `recent` has forgotten them
    return False


async def _edits(
    database: Database, session: LogOwner, first: int, last: int, recent: Recent
) -> Sequence[Edit]:
    """Return the edits to pack of the entries from `first` to `last`; what is not known here is fetched."""
    edits: list[Edit] = []
    while first <= last:
        known = recent.stretch(session, first, last)
        begin, end = (known[0][0], known[-1][0]) if known else (last + 1, last)
        if begin > first:
            bounds = {"key": session.id, "first": first, "last": begin - 1}
            edits += cast("Sequence[Edit]", await database.fetch(_EDITS, bounds))
        edits += [
            (seq, at, who, update) for seq, at, _, who, update, _ in known if update is not None
        ]
        first = end + 1
    return edits


class _NotTheSame(Exception):
    """There are not as many rows as there are edits in the chunk that was to replace them."""


def _move(
    connection: Connection, bounds: Mapping[str, int], packed: bytes | None, count: int
) -> bool:
    """Put a chunk in the place of its rows; tell whether no other process was faster."""
    before = {"key": bounds["key"], "before": bounds["first"] - 1, "to": bounds["last"]}
    if connection.execute(_ADVANCE, before).one_or_none() is None:
        return False
    if packed is not None:
        values = {
            "session_id": bounds["key"],
            "first": bounds["first"],
            "last": bounds["last"],
            "packed": packed,
        }
        connection.execute(_KEEP, values)
        if connection.execute(_DROP, bounds).rowcount != count:
            raise _NotTheSame  # nothing is dropped that the chunk does not hold
    return True


def _is_due(head: int, packed_to: int, status: str) -> bool:
    if status == SessionStatus.ENDED:
        return head - 1 > packed_to
    return head - packed_to > 2 * CHUNK


class Packer:
    """Packs in the background what is old enough, a chunk at a time."""

    def __init__(self, database: Database, recent: Recent) -> None:
        self._database = database
        self._recent = recent
        self._sweep = Sweep()

    async def pack_due(self) -> int:
        """Pack what is due, of old sessions those whose turn it is (`Sweep`); return how many chunks that made."""
        done, remembered = 0, list(self._recent.logs())
        for start in range(0, len(remembered), _SESSIONS):
            keys = {"keys": remembered[start : start + _SESSIONS]}
            done += await self._pack(await self._database.fetch(_DUE_OF, keys))
        looked_at = set(remembered)
        async for window in self._sweep.round(self._database):
            due = await self._database.fetch(_DUE_WITHIN, window._asdict())
            done += await self._pack([each for each in due if each.id not in looked_at])
        return done

    async def _pack(self, due: Sequence[Row[*tuple[Any, ...]]]) -> int:
        done = 0
        for session in due:
            while await pack_next(self._database, session.id, self._recent):
                done += 1
                await asyncio.sleep(0)  # people who type go first
        return done
