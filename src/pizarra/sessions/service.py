"""What can be done with a session."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import Actor
from pizarra.access.requirements import require_open
from pizarra.answers.codes import Code
from pizarra.cluster.places import new_room_id
from pizarra.collab.journal import EditEntry, EventEntry
from pizarra.database import Write
from pizarra.errors import Conflict
from pizarra.http.etags import version_of
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import visible
from pizarra.models import (
    InterviewSession,
    Language,
    SessionStatus,
    SessionView,
)
from pizarra.sessions.schemas import DEFAULT_TITLE, SessionCreate
from pizarra.sessions.starts import Start
from pizarra.storage.prepared import Prepared
from pizarra.timeline.append.log import append_entries, write_first_entry
from pizarra.timeline.entries.shared import LanguageChosen, Locked, SessionEnded, SessionReopened
from pizarra.timeline.thinking import thinking_entry

_TABLE = InterviewSession.__table__
# What a session is made with; the other columns have their defaults.
_MADE_WITH = (
    *("public_id", "room_id", "title", "language", "initial_code", "status", "created_at"),
    *("ended_at", "starts_at", "epoch", "head", "invitation_generation", "team_id", "created_by"),
    *("waiting_room", "editing_locked", "running_locked", "candidate_keeps", "candidate_name"),
    *("signals", "rules", "rubric", "thinking_until", "clock_shown", "private_head"),
    *("rehearsal_of", "last_at"),
)
_INSERT = Prepared(insert(_TABLE).returning(_TABLE.c.id), _MADE_WITH)  # type: ignore[arg-type]
_NOTHING = dict.fromkeys(column.name for column in _TABLE.c)


def create_session(
    write: Write,
    payload: SessionCreate,
    start: Start,
    now: datetime,
    by: Actor | None = None,
    rehearsal_of: int | None = None,
) -> SessionView:
    """Create a session whose document starts with one file; that edit is entry 1 of its timeline.

    Returns a plain row. Nothing of it holds before the transaction of `write` is committed.
    """
    session_id = new_public_id()
    columns = {
        "public_id": session_id,
        "room_id": new_room_id(session_id),
        "title": visible(payload.title or "") or DEFAULT_TITLE,
        "language": start.language,
        "initial_code": start.code,
        "status": SessionStatus.OPEN.value,
        "created_at": now,
        "ended_at": None,
        "starts_at": payload.starts_at,
        "epoch": new_public_id(),
        "head": 1,
        "last_at": now,
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
        "rubric": [each.strip() for each in payload.rubric] if payload.rubric is not None else None,
        "thinking_until": None,
        "clock_shown": False,
        "private_head": 0,
        "rehearsal_of": rehearsal_of,
    }
    key = write(_INSERT, columns)[0].id
    write_first_entry(write, key, EditEntry(None, start.update), now)
    made: Any = SimpleNamespace(**{**_NOTHING, **columns, "id": key})
    created: SessionView = made
    return created


async def own_row(db: AsyncSession, made: SessionView) -> InterviewSession:
    """Return the row of a session that this transaction has made, to be changed further."""
    return await db.get_one(InterviewSession, made.id, with_for_update=True)


def version_of_session(session: SessionView) -> str:
    """Return the version of what can be changed in a session."""
    return version_of(
        session.title,
        session.language,
        session.status,
        session.waiting_room,
        session.candidate_name,
        session.editing_locked,
        session.running_locked,
        session.rubric,
        session.thinking_until,
        session.starts_at,
    )


def rename_session(session: InterviewSession, title: str) -> None:
    """Give a session another title."""
    session.title = visible(title) or DEFAULT_TITLE


async def end_session(
    db: AsyncSession, session: InterviewSession, now: datetime, by: int | None
) -> None:
    """Close a session for writing.

    Raises:
        Conflict: it has ended already.
    """
    if session.status == SessionStatus.ENDED:
        raise Conflict("The session has already ended.", code=Code.SESSION_ENDED)
    session.status = SessionStatus.ENDED.value
    session.ended_at = now
    await db.flush()
    await append_entries(db, session.id, [EventEntry(by, SessionEnded())], now)


async def reopen_session(
    db: AsyncSession, session: InterviewSession, now: datetime, by: int | None
) -> None:
    """Let people write again.

    Raises:
        Conflict: it is open.
    """
    if session.status == SessionStatus.OPEN:
        raise Conflict("The session is already open.", code=Code.SESSION_OPEN)
    session.status = SessionStatus.OPEN.value
    session.ended_at = None
    await db.flush()
    await append_entries(db, session.id, [EventEntry(by, SessionReopened())], now)


async def set_locks(
    db: AsyncSession,
    session: InterviewSession,
    now: datetime,
    by: int | None,
    *,
    editing: bool,
    running: bool,
) -> bool:
    """Lock or unlock candidates' editing and running, and note it on the timeline; return whether anything changed."""
    if (session.editing_locked, session.running_locked) == (editing, running):
        return False
    session.editing_locked, session.running_locked = editing, running
    await db.flush()
    await append_entries(
        db, session.id, [EventEntry(by, Locked(editing=editing, running=running))], now
    )
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


async def set_language(
    db: AsyncSession, session_key: int, language: Language, now: datetime, by: int | None
) -> bool:
    """Note the chosen language in the session and on the timeline; return whether it changed."""
    session = await db.get(InterviewSession, session_key)
    if session is None or session.language == language.value:
        return False
    session.language = language.value
    await db.flush()
    await append_entries(
        db, session_key, [EventEntry(by, LanguageChosen(language=language.value))], now
    )
    return True
