"""What can be done with a session."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.accounts.identity import Actor
from pizarra.audit.service import forget_addresses, note
from pizarra.collab.document import starting_update
from pizarra.collab.journal import Entry
from pizarra.database import Database
from pizarra.errors import Conflict, InvalidInput
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import with_lf
from pizarra.models import Base, InterviewSession, Language, Participant, Run, SessionStatus, TimelineEntry
from pizarra.sandbox.languages import languages
from pizarra.sessions.schemas import DEFAULT_TITLE, SessionCreate
from pizarra.timeline.log import append_entries, write_entries

_TABLE = InterviewSession.__table__
_ENTRIES = TimelineEntry.__table__
_INSERT = insert(_TABLE).returning(_TABLE.c.id)  # type: ignore[arg-type]
_LAST = (
    select(_ENTRIES.c.at)
    .where(_ENTRIES.c.session_id == _TABLE.c.id, _ENTRIES.c.seq == _TABLE.c.head)
    .scalar_subquery()
    .label("last_activity_at")
)
_NEWEST = (
    select(_TABLE, _LAST)
    .where(_TABLE.c.rehearsal_of.is_(None))
    .order_by(_TABLE.c.id.desc())
    .offset(bindparam("skip"))
    .limit(bindparam("limit"))
)
_OF_TEAM = _TABLE.c.team_id == bindparam("team")
_OF_STATUS = _TABLE.c.status == bindparam("status")
_MATCHING = or_(
    func.lower(_TABLE.c.title).like(bindparam("like"), escape="\\"),
    func.lower(_TABLE.c.candidate_name).like(bindparam("like"), escape="\\"),
)


def create_session(
    connection: Connection,
    payload: SessionCreate,
    now: datetime,
    max_text_bytes: int,
    by: Actor | None = None,
    rehearsal_of: int | None = None,
) -> InterviewSession:
    """Create a session whose document starts with one file; that edit is entry 1 of its timeline.

    Raises:
        InvalidInput: the starter code is longer than a document may be.
    """
    spec = languages()[payload.language.value]
    code = spec.starter if payload.initial_code is None else with_lf(payload.initial_code)
    if len(code.encode()) > max_text_bytes:
        raise InvalidInput(f"initial_code: must not have more than {max_text_bytes:,} bytes")
    columns = {
        "public_id": new_public_id(),
        "room_id": new_public_id(),
        "title": (payload.title or "").strip() or DEFAULT_TITLE,
        "language": payload.language.value,
        "initial_code": code,
        "status": SessionStatus.OPEN.value,
        "created_at": now,
        "ended_at": None,
        "epoch": new_public_id(),
        "head": 1,
        "invitation_generation": 0,
        "team_id": by.team_id if by is not None else None,
        "created_by": by.id if by is not None else None,
        "waiting_room": payload.waiting_room,
        "editing_locked": False,
        "running_locked": False,
        "candidate_keeps": payload.candidate_keeps.value,
        "candidate_name": (payload.candidate_name or "").strip() or None,
        "signals": payload.signals.value,
        "rules": payload.rules.strip(),
        "rubric": payload.rubric,
        "thinking_until": None,
        "private_head": 0,
        "rehearsal_of": rehearsal_of,
    }
    key = connection.execute(_INSERT, columns).scalar_one()
    update = starting_update(spec.main, spec.id, code)
    write_entries(connection, key, 1, [Entry("edit", None, update=update)], now)
    return InterviewSession(id=key, **columns)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions to list: of a team, or all; those whose title or candidate has `text` in it; of a status."""

    team: int | None = None
    text: str | None = None
    status: SessionStatus | None = None


async def list_sessions(
    database: Database, skip: int, limit: int, wanted: Wanted
) -> Sequence[tuple[InterviewSession, datetime]]:
    """Return sessions as plain rows, newest first, and when something last happened in each."""
    query, values = _NEWEST, dict[str, object](skip=skip, limit=limit)
    if wanted.team is not None:
        query, values["team"] = query.where(_OF_TEAM), wanted.team
    if wanted.status is not None:
        query, values["status"] = query.where(_OF_STATUS), wanted.status.value
    if wanted.text is not None and wanted.text.strip():
        escaped = re.sub(r"([\\%_])", r"\\\1", wanted.text.strip().lower())
        query, values["like"] = query.where(_MATCHING), f"%{escaped}%"
    rows = await database.fetch(query, values)
    return [(cast("InterviewSession", row), row.last_activity_at) for row in rows]


async def rename_session(session: InterviewSession, title: str) -> None:
    """Give a session another title."""
    session.title = title.strip() or DEFAULT_TITLE


def require_open(session: InterviewSession, action: str) -> None:
    """Refuse `action` on a session that has ended.

    Raises:
        Conflict: it has.
    """
    if session.status == SessionStatus.ENDED:
        raise Conflict(f"The session has ended. Reopen it to {action}.")


async def end_session(db: AsyncSession, session: InterviewSession, now: datetime, by: int | None) -> None:
    """Close a session for writing.

    Raises:
        Conflict: it has ended already.
    """
    if session.status == SessionStatus.ENDED:
        raise Conflict("The session has already ended.")
    session.status = SessionStatus.ENDED.value
    session.ended_at = now
    await db.flush()
    await append_entries(db, session.id, [Entry("session.ended", by, data={})], now)


async def reopen_session(db: AsyncSession, session: InterviewSession, now: datetime, by: int | None) -> None:
    """Let people write again.

    Raises:
        Conflict: it is open.
    """
    if session.status == SessionStatus.OPEN:
        raise Conflict("The session is already open.")
    session.status = SessionStatus.OPEN.value
    session.ended_at = None
    await db.flush()
    await append_entries(db, session.id, [Entry("session.reopened", by, data={})], now)


async def set_locks(
    db: AsyncSession, session: InterviewSession, now: datetime, by: int | None, *, editing: bool, running: bool
) -> bool:
    """Lock or unlock candidates' editing and running, and note it on the timeline; return whether anything changed."""
    if (session.editing_locked, session.running_locked) == (editing, running):
        return False
    session.editing_locked, session.running_locked = editing, running
    await db.flush()
    await append_entries(db, session.id, [Entry("lock", by, data={"editing": editing, "running": running})], now)
    return True


async def set_thinking(
    db: AsyncSession, session: InterviewSession, now: datetime, by: int | None, seconds: int
) -> datetime | None:
    """Begin private thinking time, or end it with 0 seconds; return until when it is."""
    require_open(session, "give thinking time")
    session.thinking_until = now + timedelta(seconds=seconds) if seconds else None
    await db.flush()
    await append_entries(db, session.id, [thinking_entry(by, session.thinking_until)], now)
    return session.thinking_until


def thinking_entry(by: int | None, until: datetime | None) -> Entry:
    """Return the timeline's word for private thinking time that begins or ends."""
    return Entry("thinking", by, data={"until": until.isoformat() if until is not None else None})


async def erase_session(
    db: AsyncSession, session: InterviewSession, now: datetime, *, actor: str, address: str, why: str
) -> None:
    """Erase a session with its timeline, people, runs and snapshots, and leave a receipt: counts, no content."""

    async def count(table: type[Base]) -> int:
        key = table.__table__.c.session_id
        return int(await db.scalar(select(func.count()).select_from(table).where(key == session.id)) or 0)

    counts = {
        "entries": session.head,
        "private": session.private_head,
        "runs": await count(Run),
        "people": await count(Participant),
        "why": why,
    }
    created = session.created_at.isoformat()
    note(
        db, now, "session.erased", actor=actor, address=address, target=session.public_id, created_at=created, **counts
    )
    await forget_addresses(db, session.public_id)
    await db.execute(delete(InterviewSession).where(InterviewSession.id == session.id))


async def set_language(db: AsyncSession, session_key: int, language: Language, now: datetime, by: int | None) -> bool:
    """Note the chosen language in the session and on the timeline; return whether it changed."""
    session = await db.get(InterviewSession, session_key)
    if session is None or session.language == language.value:
        return False
    session.language = language.value
    await db.flush()
    await append_entries(db, session_key, [Entry("language", by, data={"language": language.value})], now)
    return True
