"""Branches, as the timeline has them: an entry `branch` says that what follows belongs to another line of work.

Nothing is copied and nothing taken away. Opening a branch, or going back to one, is an edit that brings the code of
another instant; it stands right after its entry, so what everybody typed before is on the line that was left.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import bindparam, literal_column, select

from pizarra.access.parts import RoomParts
from pizarra.access.requirements import require_open
from pizarra.answers.codes import Code
from pizarra.cluster.advisory_locks import AdvisoryLock, in_turn
from pizarra.collab.journal import EventEntry, JournalError, JournalUnavailable
from pizarra.collab.room import DocumentFull, RoomGone
from pizarra.collab.state.document import Document
from pizarra.control import Branch as Shown
from pizarra.control import BranchChanged
from pizarra.database import Database, Read, reading_in
from pizarra.errors import Conflict, NotFound, Unavailable
from pizarra.models import InterviewSession, Participant, SessionView, TimelineEntry
from pizarra.models.timeline import BRANCHES
from pizarra.storage.prepared import Prepared
from pizarra.storage.sqlite import indexed_by
from pizarra.timeline.entries.shared import Branched
from pizarra.timeline.read.documents import read_document

MAIN = 0
# By session, one after another: each must know where the one before it left it. No row's lock would do: the room is
# asked to settle, and writes that row, meanwhile. Those of one process wait here: one of them asks the database.
_turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of work. `last_seq` is its newest entry when it was left, None where the session is now."""

    branch_id: int
    name: str
    begun_from: int
    opened_at: datetime
    participant_id: str | None
    last_seq: int | None


_ENTRY = TimelineEntry.__table__.c
_BRANCHES = Prepared(
    select(_ENTRY.seq, _ENTRY.at, _ENTRY.data, Participant.public_id)
    .outerjoin(Participant, Participant.id == _ENTRY.participant_id)
    # Written out: the index of these few entries serves no query whose kind is a parameter.
    .where(_ENTRY.session_id == bindparam("key"), _ENTRY.kind == literal_column("'branch'"))
    .with_hint(TimelineEntry.__table__, *indexed_by(BRANCHES))
    .order_by(_ENTRY.seq)
)


async def list_branches(read: Read, session: SessionView) -> list[Branch]:
    """Return the main line and every branch, in the order of their opening."""
    found = {MAIN: Branch(MAIN, "", 0, session.created_at, None, None)}
    here = MAIN
    for seq, at, data, who in await read(_BRANCHES, {"key": session.id}):
        found[here] = replace(found[here], last_seq=seq - 1)
        here = _line_of(seq, data, found)
        name, since = data.get("name"), data.get("from")
        made = Branch(here, str(name or ""), since if isinstance(since, int) else 0, at, who, None)
        found[here] = replace(found.get(here, made), last_seq=None)
    return list(found.values())


def _line_of(seq: int, data: Mapping[str, Any], known: Mapping[int, Branch]) -> int:
    """Return the line that an entry leads to. What was imported may be anything: it leads to a line of its own."""
    resumes = data.get("resumes")
    return resumes if isinstance(resumes, int) and resumes in known else seq


def current(branches: list[Branch]) -> Branch:
    """Return where the session is."""
    return next(branch for branch in branches if branch.last_seq is None)


def to_message(branch: Branch) -> Shown | None:
    """Return what everybody's page shows of where the session is; nothing on the main line."""
    return None if branch.branch_id == MAIN else Shown(branch_id=branch.branch_id, name=branch.name)


async def open_branch(
    services: RoomParts, session: SessionView, by: int | None, name: str, at: int | None
) -> Branch:
    """Begin a branch with the code of entry `at`, or with the code as it is.

    Raises:
        Conflict: there is no entry `at`, the session has ended or has too many branches, or the document is full.
    """
    require_open(session, "open a branch")
    if at is not None and not 1 <= at <= session.head:
        raise Conflict(
            f"There is no entry {at}: the timeline goes from 1 to {session.head}.",
            code=Code.ENTRY_NOT_THERE_YET,
        )
    async with _turn_of(services.database, session):
        async with services.database.read() as db:
            branches = await list_branches(reading_in(db), session)
            if len(branches) > services.settings.max_branches:
                raise Conflict(
                    f"This session has {services.settings.max_branches} branches, which is the limit.",
                    bound="max_branches",
                    code=Code.TOO_MANY_BRANCHES,
                )
            wanted = await read_document(db, services.hub, session, at) if at is not None else None
        since = at if at is not None else await _head(services, session)
        told = Branched.model_validate({"name": name, "from": since})
        return await _turn(services, session, by, told, wanted)


async def resume_branch(
    services: RoomParts, session: SessionView, by: int | None, branch_id: int
) -> Branch:
    """Go back to a branch, or to the main line: its code is as it was when it was left.

    Raises:
        NotFound: there is no such branch.
        Conflict: the session is there already, has ended, or the document is full.
    """
    require_open(session, "change branches")
    async with _turn_of(services.database, session):
        async with services.database.read() as db:
            branches = await list_branches(reading_in(db), session)
            branch = next((each for each in branches if each.branch_id == branch_id), None)
            if branch is None:
                raise NotFound(f"Branch {branch_id} not found", code=Code.BRANCH_NOT_FOUND)
            if branch.last_seq is None:
                raise Conflict("The session is there already.", code=Code.BRANCH_IS_CURRENT)
            wanted = await read_document(db, services.hub, session, branch.last_seq)
        told = Branched.model_validate(
            {"name": branch.name, "from": branch.last_seq, "resumes": branch_id}
        )
        return await _turn(services, session, by, told, wanted)


@contextlib.asynccontextmanager
async def _turn_of(database: Database, session: SessionView) -> AsyncIterator[None]:
    """Let nobody else, in whatever process, change the branch of a session meanwhile."""
    async with (
        _turns.setdefault(session.id, asyncio.Lock()),
        in_turn(database, AdvisoryLock.BRANCH, session.id),
    ):
        yield


async def _head(services: RoomParts, session: SessionView) -> int:
    room = services.hub.loaded(session.room_id)
    if room is not None:
        await room.settled()
    async with services.database.read() as db:
        head = await db.scalar(
            select(InterviewSession.head).where(InterviewSession.id == session.id)
        )
    return head or 0


async def _turn(
    services: RoomParts,
    session: SessionView,
    by: int | None,
    told: Branched,
    wanted: Document | None,
) -> Branch:
    def bring(document: Document) -> None:
        if wanted is not None:
            document.restore(wanted)

    try:
        await services.hub.change(session.room_id, bring, EventEntry(by, told))
    except DocumentFull as error:
        raise Conflict(
            f"The code of that instant does not fit: {error}.", code=Code.BRANCH_DOES_NOT_FIT
        ) from error
    except JournalError as error:
        raise Conflict("The session has ended.", code=Code.SESSION_ENDED) from error
    except (RoomGone, JournalUnavailable) as error:
        raise Unavailable(
            "The document could not be written. Try again.", code=Code.DOCUMENT_NOT_WRITTEN
        ) from error
    branch = current(await list_branches(services.database.fetch_prepared, session))
    room = services.hub.loaded(session.room_id)
    if room is not None:
        room.broadcast.tell(BranchChanged(branch=to_message(branch)).encode())
    return branch
