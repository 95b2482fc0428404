"""Lists of sessions: which are wanted, in which order, and how many there are."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select

from pizarra.database import Database
from pizarra.models import (
    InterviewSession,
    SessionStatus,
    TimelineEntry,
)
from pizarra.models.session import LISTED
from pizarra.storage.prepared import Lazy, Prepared
from pizarra.storage.searching import holds, search_values
from pizarra.storage.sqlite import indexed_by

_TABLE = InterviewSession.__table__
_ENTRIES = TimelineEntry.__table__
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
_MATCHING = or_(holds(_TABLE.c.title), holds(_TABLE.c.candidate_name))
_COUNT = (
    select(func.count())
    .select_from(_TABLE)
    .where(_TABLE.c.rehearsal_of.is_(None), _TABLE.c.erasing_since.is_(None))
    .with_hint(_TABLE, *indexed_by(LISTED))
)
_CODE = select(_TABLE.c.initial_code).where(_TABLE.c.id == bindparam("key"))
_FAR = 1000  # sessions that are passed over on the way to those that are listed


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions to list: of a team, or all; those whose title or candidate has `text` in it; of a status.

    With `planned_from` only those that are planned for then or later, the soonest first.
    """

    team: int | None = None
    text: str | None = None
    status: SessionStatus | None = None
    planned_from: datetime | None = None


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
        values |= search_values(wanted.text.strip())
    if wanted.planned_from is not None:
        values["planned_from"] = wanted.planned_from
    names = ("team", "status", "glob", "planned_from")
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
