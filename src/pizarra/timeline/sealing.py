"""Seals what was recorded, and looks later whether it is still that.

Now and then, and whenever a log is taken away, the chain's last hash is kept together with a keyed hash of it. Whoever
changes an entry in the database would have to change all later seals too, and lacks the key. What was recorded since
the last seal is not covered yet.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select
from sqlalchemy.exc import IntegrityError

from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner
from pizarra.models import InterviewSession, Seal
from pizarra.notes.service import list_private
from pizarra.timeline.chain import Log, first_link, next_edit_link, next_link
from pizarra.timeline.chunks import BrokenChunk
from pizarra.timeline.service import Recorded, read_entries

_PAGE = 512
_SESSIONS = 200  # looked at in one round
LOGS: tuple[Log, ...] = ("shared", "private")


@dataclass(frozen=True, slots=True)
class Finding:
    """What looking at one log came to: how far it is sealed and true, and what is wrong."""

    session_id: str
    log: Log
    entries: int
    sealed: int
    link: str
    problem: str | None


async def read_log(
    database: Database, session: InterviewSession, which: Log, after: int = 0, until: int | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Yield a log's entries beyond `after` (up to `until`) as the API shows them, page by page."""
    async for page in _pages(database, session, which, after, until):
        for entry in page:
            yield entry.as_json()


async def _pages(
    database: Database, session: InterviewSession, which: Log, after: int, until: int | None
) -> AsyncIterator[list[Recorded]]:
    """Yield pages. No database session is held between them: whoever reads may be slow."""
    while until is None or after < until:
        size = _PAGE if until is None else min(_PAGE, until - after)
        async with database.read() as db:
            if which == "shared":
                page = await read_entries(db, session.id, after, size, None)
            else:
                private = await list_private(db, session, after, size)
                page = [Recorded(each.seq, each.at, each.kind, each.participant_id, each.data) for each in private]
        yield page
        if len(page) < size:
            return
        after = page[-1].seq


def _link_after(link: str, entry: Recorded) -> str:
    if entry.kind == "edit":
        return next_edit_link(link, entry.seq, entry.at_text(), entry.participant_id, entry.data["update"])
    return next_link(link, entry.as_json())


def mark_of(signer: TokenSigner, session_id: str, which: Log, seq: int, link: str) -> str:
    """Return the keyed hash of a seal."""
    return signer.sign("seal", f"{session_id}.{which}.{seq}.{link}").rpartition(".")[2]


async def seal(
    database: Database, signer: TokenSigner, session: InterviewSession, which: Log, now: datetime
) -> tuple[int, str]:
    """Seal what a log has now; return the seq of its last entry and the chain's hash there."""
    async with database.read() as db:
        row = await db.execute(_of(session, which).order_by(Seal.seq.desc()).limit(1))
        start, link, _ = row.one_or_none() or (0, first_link(which, session.public_id), "")
    seq = start
    async for page in _pages(database, session, which, start, None):
        for entry in page:
            link, seq = _link_after(link, entry), entry.seq
    if seq > start:
        mark = mark_of(signer, session.public_id, which, seq, link)
        values = {"session_id": session.id, "log": which, "seq": seq, "link": link, "mark": mark, "at": now}
        with contextlib.suppress(IntegrityError):  # somebody else has sealed the same, or the session is gone
            async with database.write() as db:
                await db.execute(insert(Seal).values(values))
    return seq, link


def _of(session: InterviewSession, which: Log) -> Select[int, str, str]:
    return select(Seal.seq, Seal.link, Seal.mark).where(Seal.session_id == session.id, Seal.log == which)


async def verify(database: Database, signer: TokenSigner, session: InterviewSession, which: Log) -> Finding:
    """Compute a log's chain anew and compare it with every seal."""
    async with database.read() as db:
        seals = {seq: (link, mark) for seq, link, mark in await db.execute(_of(session, which))}
    link, expected, problem = first_link(which, session.public_id), 0, None
    for seq, (sealed, mark) in seals.items():
        if mark_of(signer, session.public_id, which, seq, sealed) != mark:
            problem = problem or f"the seal at entry {seq} was not made with this server's key"
    try:
        async for page in _pages(database, session, which, 0, None):
            for entry in page:
                expected += 1
                if entry.seq != expected:
                    problem = problem or f"entry {expected} is missing"
                    expected = entry.seq
                link = _link_after(link, entry)
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

    def __init__(self, database: Database, signer: TokenSigner, clock: Clock) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock

    async def seal_due(self) -> int:
        """Seal every log that has more than its last seal; return how many those were."""
        done = 0
        for which in LOGS:
            head = InterviewSession.head if which == "shared" else InterviewSession.private_head
            newest = (
                select(func.coalesce(func.max(Seal.seq), 0))
                .where(Seal.session_id == InterviewSession.id, Seal.log == which)
                .scalar_subquery()
            )
            async with self._database.read() as db:
                due = list(await db.scalars(select(InterviewSession).where(head > newest).limit(_SESSIONS)))
            for session in due:
                with contextlib.suppress(BrokenChunk):  # `verify` says so
                    await seal(self._database, self._signer, session, which, self._clock())
                    done += 1
        return done
