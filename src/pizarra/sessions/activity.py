"""How busy sessions were over their time, as bars of a small picture: the seals say how much was recorded when."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import bindparam, select

from pizarra.database import Database
from pizarra.models import Seal

BARS = 24
_LONGEST_PAUSE = 600.0  # s; what was longer, the night before the interview, is drawn as this
_seal = Seal.__table__.c
_SEALS = (
    select(_seal.session_id, _seal.seq, _seal.at)
    .where(_seal.log == "shared", _seal.session_id.in_(bindparam("keys", expanding=True)))
    .order_by(_seal.session_id, _seal.seq)
)


async def read_activity(database: Database, keys: Iterable[int]) -> dict[int, list[int]]:
    """Return for each session that was sealed more than once how many entries fall on each bar, from first to last."""
    wanted = list(keys)
    rows = await database.fetch(_SEALS, {"keys": wanted}) if wanted else []
    found = {key: bars_of([(row.seq, row.at) for row in seals]) for key, seals in groupby(rows, lambda row: row[0])}
    return {key: bars for key, bars in found.items() if bars}


def bars_of(seals: Sequence[tuple[int, datetime]]) -> list[int]:
    """Return entries per bar from the seals' `seq` and time, in order; nothing where there is only one instant."""
    steps: list[tuple[float, int]] = []
    clock, last, before = 0.0, 0, None
    for seq, at in seals:
        clock += min((at - before).total_seconds(), _LONGEST_PAUSE) if before is not None else 0.0
        steps.append((clock, seq - last))
        last, before = seq, at
    if clock <= 0:
        return []
    bars = [0] * BARS
    for when, entries in steps:
        bars[min(BARS - 1, int(when / clock * BARS))] += entries
    return bars
