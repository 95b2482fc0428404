"""Seals what was recorded, and looks later whether it is still that.

Now and then, and whenever a log is taken away, the chain's last hash is kept together with a keyed hash of it. Whoever
changes an entry in the database would have to change all later seals too, and lacks the key. What this process recorded
since the last seal is sealed as it was recorded, not as the database says by then.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from pizarra.cluster.advisory_locks import AdvisoryLock, Chore, if_free
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner
from pizarra.models import InterviewSession, Seal, SessionView
from pizarra.storage.failures import DATABASE_ERRORS, says_full
from pizarra.storage.prepared import Prepared
from pizarra.timeline.append.recent import Recent
from pizarra.timeline.chunks import BrokenChunk
from pizarra.timeline.integrity.chain import Log, first_link
from pizarra.timeline.read.pages import LogOwner, pages
from pizarra.timeline.read.sweep import Sweep, Window

log = logging.getLogger(__name__)

_SESSIONS = 200  # asked for at once
_AT_ONCE = 16  # sealed: of each a page of its log is in memory
LOGS: tuple[Log, ...] = ("shared", "private")
_session = InterviewSession.__table__.c
_seal = Seal.__table__.c
# Built once: while people type, this is done every few seconds for a few hundred entries.
_SEALS = (
    select(_seal.seq, _seal.link, _seal.mark)
    .where(_seal.session_id == bindparam("key"), _seal.log == bindparam("which"))
    .order_by(_seal.seq.desc())
)
_NEWEST = Prepared(_SEALS.limit(1))
_KEEP = Prepared(insert(Seal.__table__), [each.key for each in _seal])  # type: ignore[arg-type]
_SEALED = (
    select(func.coalesce(func.max(_seal.seq), 0))
    .where(_seal.session_id == _session.id, _seal.log == bindparam("which"))
    .scalar_subquery()
)
_DUE = {
    which: select(_session.id, _session.public_id, _session.epoch, head.label("head")).where(
        head > _SEALED, _session.erasing_since.is_(None)
    )
    for which, head in zip(LOGS, (_session.head, _session.private_head), strict=True)
}
_DUE_OF = _DUE["shared"].where(_session.id.in_(bindparam("keys", expanding=True)))
_DUE_WITHIN = {
    which: due.where(_session.id > bindparam("beyond"), _session.id <= bindparam("until"))
    for which, due in _DUE.items()
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What looking at one log came to: how far it is sealed and true, and what is wrong."""

    session_id: str
    log: Log
    entries: int
    sealed: int
    link: str
    problem: str | None


def mark_of(signer: TokenSigner, session_id: str, which: Log, seq: int, link: str) -> str:
    """Return the keyed hash of a seal."""
    return signer.sign("seal", f"{session_id}.{which}.{seq}.{link}").rpartition(".")[2]


async def seal(
    database: Database,
    signer: TokenSigner,
    session: LogOwner,
    which: Log,
    now: datetime,
    recent: Recent,
    until: int | None = None,
    *,
    needs_room: bool = True,
) -> tuple[int, str]:
    """Seal what a log has now, or had at entry `until`; return the seq of its last entry and the chain's hash there.

    Whoever takes a log away is told its end also when the disk is full and has no room for the seal (`needs_room` off).
    """
    start, link = 0, first_link(which, session.public_id)
    for newest in await database.fetch_prepared(_NEWEST, {"key": session.id, "which": which}):
        start, link = newest.seq, newest.link
    seq = start
    async for page in pages(database, session, which, start, until, recent.read):
        for each in page.links(link):
            seq, link = each
    if seq > start:
        mark = mark_of(signer, session.public_id, which, seq, link)
        values = {
            "session_id": session.id,
            "log": which,
            "seq": seq,
            "link": link,
            "mark": mark,
            "at": now,
        }
        try:
            await database.transact_shared(lambda write: write(_KEEP, values))
        except IntegrityError:
            pass  # somebody else has sealed the same, or the session is gone
        except DATABASE_ERRORS as error:
            if needs_room or not says_full(error):
                raise
            log.warning(
                "session %s: the disk is full, its log is not sealed yet", session.public_id
            )
    return seq, link


async def verify(
    database: Database, signer: TokenSigner, session: SessionView, which: Log
) -> Finding:
    """Compute a log's chain anew and compare it with every seal."""
    found = await database.fetch(_SEALS, {"key": session.id, "which": which})
    seals = {seq: (link, mark) for seq, link, mark in reversed(found)}
    link, expected, problem = first_link(which, session.public_id), 0, None
    for seq, (sealed, mark) in seals.items():
        if mark_of(signer, session.public_id, which, seq, sealed) != mark:
            problem = problem or f"the seal at entry {seq} was not made with this server's key"
    try:
        async for page in pages(database, session, which):
            for seq, following in page.links(link):
                expected, link = expected + 1, following
                if seq != expected:
                    problem = problem or f"entry {expected} is missing"
                    expected = seq
                if (sealed_here := seals.get(expected)) is not None and sealed_here[0] != link:
                    problem = problem or f"something up to entry {expected} was changed"
    except BrokenChunk:
        problem = problem or f"what follows entry {expected} was changed and cannot be read"
    had = max(max(seals, default=0), session.head if which == "shared" else session.private_head)
    if expected < had:
        problem = problem or f"the log ends at entry {expected}, and had {had}"
    return Finding(session.public_id, which, expected, max(seals, default=0), link, problem)


class Sealer:
    """Seals in the background what has changed."""

    def __init__(
        self, database: Database, signer: TokenSigner, clock: Clock, recent: Recent
    ) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._recent = recent
        self._turn = asyncio.Lock()
        self._sweep = Sweep()

    async def seal_due(self) -> int:
        """Seal the logs that have more than their last seal; return how many those were.

        Of several processes each seals what it remembers, as the better witness, and one of them the rest: what others
        wrote, and private logs. Where very much is stored, what is old waits for its turn (`Sweep`).
        """
        async with (
            self._turn,  # two at once would read the same
            if_free(self._database, AdvisoryLock.CHORE, Chore.SEALING) as all_others,
        ):
            return await self._seal_due(all_others=all_others)

    async def _seal_due(self, *, all_others: bool) -> int:
        done = await self._seal_remembered()
        if all_others:
            async for window in self._sweep.round(self._database):
                for which in LOGS:
                    done += await self._seal(which, await self._within(which, window))
        return done

    async def _seal_remembered(self) -> int:
        done, remembered = 0, list(self._recent.logs())
        for start in range(0, len(remembered), _SESSIONS):
            keys = remembered[start : start + _SESSIONS]
            due = await self._database.fetch(_DUE_OF, {"which": "shared", "keys": keys})
            for key in set(keys).difference([session.id for session in due]):
                self._recent.forget(key)  # nobody writes in it, or it is gone
            done += await self._seal("shared", due)
        return done

    async def _within(self, which: Log, window: Window) -> Sequence[Row[*tuple[Any, ...]]]:
        return await self._database.fetch(_DUE_WITHIN[which], {"which": which, **window._asdict()})

    async def _seal(self, which: Log, due: Sequence[Row[*tuple[Any, ...]]]) -> int:
        async def seal_one(session: Row[*tuple[Any, ...]]) -> bool:
            with contextlib.suppress(BrokenChunk):  # `verify` says so
                now, head = self._clock(), session.head
                await seal(self._database, self._signer, session, which, now, self._recent, head)
                return True
            return False

        # On SQLite they share a commit. On PostgreSQL each would take one of the connections that people wait for.
        at_once = _AT_ONCE if self._database.is_sqlite else 1
        done = 0
        for start in range(0, len(due), at_once):
            done += sum(await asyncio.gather(*map(seal_one, due[start : start + at_once])))
        return done
