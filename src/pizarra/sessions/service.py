"""What can be done with a session."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import Actor
from pizarra.access.requirements import require_open
from pizarra.answers.codes import Code
from pizarra.cluster.places import new_room_id
from pizarra.collab.journal import EditEntry, EventEntry
from pizarra.collab.state.document import starting_update
from pizarra.database import Database, Write
from pizarra.errors import Conflict, InvalidInput
from pizarra.http.etags import version_of
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import visible, with_lf
from pizarra.models import (
    InterviewSession,
    Language,
    Plan,
    SessionStatus,
    SessionView,
    TimelineEntry,
)
from pizarra.models.session import LISTED
from pizarra.problems.content import Content
from pizarra.problems.plans import Step
from pizarra.problems.posing import beside_of, language_of_file, starter_of
from pizarra.sandbox.languages import languages
from pizarra.sessions.schemas import DEFAULT_TITLE, SessionCreate
from pizarra.storage.prepared import Lazy, Prepared
from pizarra.storage.sqlite import indexed_by
from pizarra.timeline.append.log import append_entries, write_first_entry
from pizarra.timeline.entries.shared import LanguageChosen, Locked, SessionEnded, SessionReopened
from pizarra.timeline.thinking import thinking_entry

_TABLE = InterviewSession.__table__
_ENTRIES = TimelineEntry.__table__
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
_LAST = (
    select(_ENTRIES.c.at)
    .where(_ENTRIES.c.session_id == _TABLE.c.id, _ENTRIES.c.seq == _TABLE.c.head)
    .scalar_subquery()
    .label("last_activity_at")
)
_LISTED = [
    _TABLE.c[name]
    for name in (
        *("id", "public_id", "room_id", "title", "language", "status", "created_at", "ended_at"),
        *("starts_at", "team_id", "created_by", "waiting_room", "editing_locked", "running_locked"),
        *("candidate_keeps", "candidate_name", "signals", "rules", "rubric", "thinking_until"),
        *("clock_started_at", "rehearsal_of", "invitation_generation"),
    )
]
_NEWEST = (
    select(*_LISTED, _LAST)
    .where(_TABLE.c.rehearsal_of.is_(None), _TABLE.c.erasing_since.is_(None))
    .order_by(_TABLE.c.id.desc())
    .offset(bindparam("skip"))
    .limit(bindparam("limit"))
)
_SOONEST = _NEWEST.order_by(None).order_by(_TABLE.c.starts_at, _TABLE.c.id)
_PLANNED = _TABLE.c.starts_at >= bindparam("planned_from")
_OF_TEAM = _TABLE.c.team_id == bindparam("team")
_OF_STATUS = _TABLE.c.status == bindparam("status")
_MATCHING = or_(
    func.lower(_TABLE.c.title).like(bindparam("like"), escape="\\"),
    func.lower(_TABLE.c.candidate_name).like(bindparam("like"), escape="\\"),
)


_FAR = 1000  # sessions that are passed over on the way to those that are listed


class Start(NamedTuple):
    """What a session begins with: its language, the text of its first file, and the edit that writes it."""

    language: str
    code: str
    update: bytes


def about_question(wanted: SessionCreate, content: Content) -> SessionCreate:
    """Return what a session about a question begins with, where nothing else is asked for.

    Raises:
        InvalidInput: the question cannot be solved in the language that is asked for.
    """
    usual = Language.PYTHON if Language.PYTHON in content.languages else content.languages[0]
    language = wanted.language or usual
    if language not in content.languages:
        known = ", ".join(each.value for each in content.languages)
        raise InvalidInput(
            f"language: this question can be solved in {known}", code=Code.LANGUAGE_NOT_OF_QUESTION
        )
    code = wanted.initial_code
    return wanted.model_copy(
        update={
            "language": language,
            "initial_code": starter_of(content, language.value) if code is None else code,
            "title": wanted.title or content.title,
            "rubric": wanted.rubric or content.rubric or None,
        }
    )


def about_plan(wanted: SessionCreate, plan: Plan, steps: Sequence[Step]) -> SessionCreate:
    """Return what a session with a plan begins with, where nothing else is asked for; its first question says the rest.

    The language is one that all its questions can be solved in, where there is one. What the plan is called is for
    interviewers: the session is called as its first question.
    """
    languages = [set(each.question.languages) for each in steps]
    common = [each for each in Language if each.value in set.intersection(*languages)]
    usual = Language.PYTHON if Language.PYTHON in common else next(iter(common), None)
    return wanted.model_copy(
        update={
            "language": wanted.language or usual,
            "rubric": wanted.rubric or plan.rubric or None,
        }
    )


def start_of(payload: SessionCreate, max_text_bytes: int, question: Content | None = None) -> Start:
    """Return what a session is to begin with. Starter code may be long: no transaction waits for this.

    Raises:
        InvalidInput: the starter code, with what a project has beside it, is longer than a document may be.
    """
    spec = languages()[(payload.language or Language.PYTHON).value]
    code = spec.starter if payload.initial_code is None else with_lf(payload.initial_code)
    beside = {
        path: (language_of_file(path), text)
        for path, text in (beside_of(question, spec.id) if question is not None else {}).items()
    }
    size = len(code.encode()) + sum(len(text.encode()) for _, text in beside.values())
    if size > max_text_bytes:
        raise InvalidInput(
            f"initial_code: must not have more than {max_text_bytes:,} bytes",
            bound="max_text_bytes",
            code=Code.CODE_TOO_LONG,
        )
    if payload.initial_code is None:
        return _template(spec.id)
    return Start(spec.id, code, starting_update(spec.main, spec.id, code, beside))


@cache
def _template(language: str) -> Start:
    """Return the beginning with a language's template: the same edit in every such session of this process."""
    spec = languages()[language]
    return Start(spec.id, spec.starter, starting_update(spec.main, spec.id, spec.starter))


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions to list: of a team, or all; those whose title or candidate has `text` in it; of a status.

    With `planned_from` only those that are planned for then or later, the soonest first.
    """

    team: int | None = None
    text: str | None = None
    status: SessionStatus | None = None
    planned_from: datetime | None = None


_COUNT = (
    select(func.count())
    .select_from(_TABLE)
    .where(_TABLE.c.rehearsal_of.is_(None), _TABLE.c.erasing_since.is_(None))
    .with_hint(_TABLE, *indexed_by(LISTED))
)
_CODE = select(_TABLE.c.initial_code).where(_TABLE.c.id == bindparam("key"))


class _Filters(NamedTuple):
    """Which of the conditions of a list there are; each has its statement."""

    team: bool
    status: bool
    text: bool
    planned: bool

    @property
    def looks_at_all(self) -> bool:
        """Whether every session may have to be looked at to find a few: no index has them in order."""
        return self.text or self.status or self.planned

    def on(self, query: Select[Any]) -> Select[Any]:
        """Return a query of the sessions that are wanted alone."""
        conditions = zip((_OF_TEAM, _OF_STATUS, _MATCHING, _PLANNED), self, strict=True)
        return query.where(*(condition for condition, is_set in conditions if is_set))


@cache
def _listing(filters: _Filters) -> Prepared:
    return Prepared(filters.on(_SOONEST if filters.planned else _NEWEST))


@cache
def _counting(filters: _Filters) -> Prepared:
    return Prepared(filters.on(_COUNT))


def _values(wanted: Wanted) -> tuple[_Filters, dict[str, object]]:
    """Return which conditions a list has, and their values."""
    values: dict[str, object] = {}
    if wanted.team is not None:
        values["team"] = wanted.team
    if wanted.status is not None:
        values["status"] = wanted.status.value
    if wanted.text is not None and wanted.text.strip():
        escaped = re.sub(r"([\\%_])", r"\\\1", wanted.text.strip().lower())
        values["like"] = f"%{escaped}%"
    if wanted.planned_from is not None:
        values["planned_from"] = wanted.planned_from
    names = ("team", "status", "like", "planned_from")
    return _Filters(*(name in values for name in names)), values


async def list_sessions(database: Database, skip: int, limit: int, wanted: Wanted) -> Lazy:
    """Return sessions, newest first: rows without their code, with `last_activity_at`, when something happened last."""
    filters, values = _values(wanted)
    looks_far = skip > _FAR or filters.looks_at_all
    fetch = database.fetch_lazily_aside if looks_far else database.fetch_lazily
    return await fetch(_listing(filters), {**values, "skip": skip, "limit": limit})


async def count_sessions(database: Database, wanted: Wanted) -> int:
    """Return how many sessions there are in such a list."""
    filters, values = _values(wanted)
    if filters.looks_at_all:
        return int((await database.fetch_lazily_aside(_counting(filters), values)).rows[0][0])
    rows = await database.fetch_unchanged(_counting(filters), values)
    return int(rows[0][0])


async def read_initial_code(database: Database, session_key: int) -> str:
    """Return what a session's first file had at the start; nothing when the session is gone."""
    rows = await database.fetch(_CODE, {"key": session_key})
    return str(rows[0].initial_code) if rows else ""


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


async def rename_session(session: InterviewSession, title: str) -> None:
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
