"""Snapshots of documents as storage keeps them: a few new ones, and one in a while of what came before."""

import asyncio
import zlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from pizarra.collab.journal import JournalUnavailable
from pizarra.database import Database
from pizarra.models import InterviewSession, Snapshot
from pizarra.storage.failures import DATABASE_ERRORS

_SNAPSHOTS_KEPT = 3
_CHECKPOINT_EVERY = 4096  # entries
# entries: beyond it checkpoints are twice as far apart, beyond twice that four times
_LONG = 131_072


async def save_snapshot(
    database: Database,
    key: int,
    seq: int,
    state: bytes,
    owners: Mapping[int, int | None],
    now: datetime,
) -> None:
    """Keep a snapshot and forget the oldest beyond a few; one in a while stays, so that any instant opens soon."""
    packed = await asyncio.to_thread(zlib.compress, state, 1)  # it may have megabytes
    row = {
        "session_id": key,
        "seq": seq,
        "state": packed,
        "owners": {str(id_): who for id_, who in owners.items()},
    }
    try:
        async with database.write() as db:
            if (
                await db.get(InterviewSession, key) is None
                or await db.get(Snapshot, (key, seq)) is not None
            ):
                return
            await db.execute(insert(Snapshot).values(**row, created_at=now))
            kept = (
                select(Snapshot.seq).where(Snapshot.session_id == key).order_by(Snapshot.seq.desc())
            ).limit(_SNAPSHOTS_KEPT)
            oldest = min((await db.scalars(kept)).all())
            mine = Snapshot.session_id == key
            checkpoints = (
                select(func.min(Snapshot.seq)).where(mine).group_by(Snapshot.seq // _spacing(seq))
            )
            stale = delete(Snapshot).where(
                mine, Snapshot.seq < oldest, Snapshot.seq.not_in(checkpoints)
            )
            await db.execute(stale)
    except DATABASE_ERRORS as error:
        raise JournalUnavailable(type(error).__name__) from error


def _spacing(head: int) -> int:
    """Return how far apart checkpoints are: each is as large as the document, so long logs have them farther apart."""
    return _CHECKPOINT_EVERY << (head // _LONG).bit_length()
