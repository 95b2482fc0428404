"""Who is in a session, and the places of those who need not join."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.identity import Actor
from pizarra.answers.codes import Code
from pizarra.database import Database, Read
from pizarra.errors import InvalidInput
from pizarra.kit.ids import new_public_id
from pizarra.kit.text import visible
from pizarra.models import (
    InterviewSession,
    Participant,
    ParticipantView,
    Role,
    SessionView,
)
from pizarra.models.membership import IS_AT_THE_DOOR
from pizarra.storage.prepared import Prepared

OWNER_NAME = "Host"

_PARTICIPANT = Participant.__table__

_OWNER = Prepared(
    select(_PARTICIPANT)
    .where(_PARTICIPANT.c.session_id == bindparam("key"), _PARTICIPANT.c.is_owner)
    .limit(1)
)

_MEMBER = Prepared(
    select(_PARTICIPANT)
    .where(
        _PARTICIPANT.c.session_id == bindparam("key"),
        _PARTICIPANT.c.account_id == bindparam("account"),
    )
    .limit(1)
)

_WAITING = Prepared(
    select(_PARTICIPANT)
    .join(InterviewSession, InterviewSession.id == _PARTICIPANT.c.session_id)
    .where(_PARTICIPANT.c.session_id == bindparam("key"), IS_AT_THE_DOOR)
    .order_by(_PARTICIPANT.c.id)
)


async def add_participant(
    db: AsyncSession,
    session: SessionView,
    name: str,
    role: Role,
    now: datetime,
    *,
    is_owner: bool = False,
    account_id: int | None = None,
    admitted: bool = True,
) -> Participant:
    """Add a person to a session.

    Raises:
        InvalidInput: the name is blank.
    """
    participant = Participant(
        public_id=new_public_id(),
        session_id=session.id,
        name=clean_name(name),
        role=role.value,
        is_owner=is_owner,
        created_at=now,
        account_id=account_id,
        invitation=None,
        generation=session.invitation_generation,
        expires_at=None,
        admitted_at=now if admitted else None,
        removed_at=None,
        left_at=None,
    )
    db.add(participant)
    await db.flush()
    return participant


def clean_name(name: str) -> str:
    cleaned = visible(name)
    if not cleaned:
        raise InvalidInput(
            "name: type a name, so that others know who writes", code=Code.NAME_MISSING
        )
    return cleaned


async def find_own(
    database: Database, session: SessionView, actor: Actor | None
) -> ParticipantView | None:
    """Return the owner's or an account's participant, as a plain row, if they have been in the session."""
    if actor is None:
        rows = await database.fetch_prepared(_OWNER, {"key": session.id})
    else:
        rows = await database.fetch_prepared(_MEMBER, {"key": session.id, "account": actor.id})
    found: Sequence[Any] = rows
    return found[0] if found else None


async def find_or_add_own(
    db: AsyncSession, session: SessionView, actor: Actor | None, role: Role, now: datetime
) -> Participant:
    """Return the owner's or an account's participant; they take part without joining."""
    # The row lock: two sockets that open at the same time must find one participant.
    await db.execute(
        select(InterviewSession.id).where(InterviewSession.id == session.id).with_for_update()
    )
    mine = Participant.is_owner if actor is None else Participant.account_id == actor.id
    found: Participant | None = await db.scalar(
        select(Participant).where(Participant.session_id == session.id, mine).limit(1)
    )
    if found is not None:
        return found
    if actor is None:
        return await add_participant(db, session, OWNER_NAME, role, now, is_owner=True)
    return await add_participant(db, session, actor.display_name, role, now, account_id=actor.id)


async def list_people(db: AsyncSession, session: SessionView) -> Sequence[Participant]:
    """Return everybody who ever was in a session or waits, in the order of their coming."""
    query = select(Participant).where(Participant.session_id == session.id).order_by(Participant.id)
    return (await db.scalars(query)).all()


async def list_waiting(read: Read, session_key: int) -> Sequence[ParticipantView]:
    """Return who is in the waiting room, as plain rows."""
    return await read(_WAITING, {"key": session_key})
