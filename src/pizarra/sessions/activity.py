"""How busy sessions were over their time, as bars of a small picture: the seals say how much was recorded when."""

import asyncio
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import bindparam, select, type_coerce
from sqlalchemy.types import BigInteger

from pizarra.database import Database
from pizarra.models import Seal

BARS = 24
# µs; what was longer, the night before the interview, is drawn as this
_LONGEST_PAUSE = 600_000_000
_AT_ONCE = 10  # sessions: three hours have 360 seals, and people who type do not wait for them
_seal = Seal.__table__.c
_SEALS = (
    select(_seal.session_id, _seal.seq, type_coerce(_seal.at, BigInteger).label("at"))
    .where(_seal.log == "shared", _seal.session_id.in_(bindparam("keys", expanding=True)))
    .order_by(_seal.session_id, _seal.seq)
)


async def read_activity(database: Database, keys: Sequence[int]) -> dict[int, list[int]]:
    """Return for each session that was sealed more than once how many entries fall on each bar, from first to last."""
    found = {}
    for start in range(0, len(keys), _AT_ONCE):
        rows = await database.fetch(_SEALS, {"keys": keys[start : start + _AT_ONCE]})
        for key, seals in groupby(rows, lambda row: row.session_id):
            if bars := bars_of([(row.seq, row.at) for row in seals]):
                found[key] = bars
        await asyncio.sleep(0)
    return found


def bars_of(seals: Sequence[tuple[int, int]]) -> list[int]:
    """Return entries per bar from the seals' `seq` and time (µs), in order; nothing where there is only one instant."""
    steps: list[tuple[int, int]] = []
    clock, last, before = 0, 0, None
    for seq, at in seals:
        clock += min(at - before, _LONGEST_PAUSE) if before is not None else 0
        steps.append((clock, seq - last))
        last, before = seq, at
    if clock <= 0:
        return []
    bars = [0] * BARS
    for when, entries in steps:
        bars[min(BARS - 1, int(when / clock * BARS))] += entries
    return bars
