"""Inviting, joining, and the owner's place in a session."""

from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.database import Database
from pizarra.errors import InvalidInput, NotFound
from pizarra.kit.ids import new_public_id
from pizarra.models import InterviewSession, Participant, Role
from pizarra.participants.tokens import Invitation

RECORDED = [
    "every edit, with its time and author",
    "every run, with its input, output and result",
    "when you join, leave, or lose the connection",
    "the name you type here",
]
OWNER_NAME = "Host"

_PARTICIPANT = Participant.__table__
_OWNER = select(_PARTICIPANT).where(_PARTICIPANT.c.session_id == bindparam("key"), _PARTICIPANT.c.is_owner).limit(1)


async def find_invited(db: AsyncSession, invitation: Invitation | None, now: datetime) -> InterviewSession:
    """Return the session an invitation opens.

    Raises:
        NotFound: the link is forged, expired, revoked, or its session is gone; they look alike.
    """
    if invitation is not None and invitation.expires_at > now:
        row = await db.execute(
            select(InterviewSession).where(
                InterviewSession.public_id == invitation.session_id,
                InterviewSession.invitation_generation == invitation.generation,
            )
        )
        session = row.scalar_one_or_none()
        if session is not None:
            return session
    raise NotFound("This invitation does not open anything (any more). Ask for a new link.")


async def add_participant(
    db: AsyncSession, session: InterviewSession, name: str, role: Role, now: datetime, *, is_owner: bool = False
) -> Participant:
    """Add a person to a session.

    Raises:
        InvalidInput: the name is blank.
    """
    name = " ".join(name.split())
    if not name:
        raise InvalidInput("name: type a name, so that others know who writes")
    participant = Participant(
        public_id=new_public_id(),
        session_id=session.id,
        name=name,
        role=role.value,
        is_owner=is_owner,
        created_at=now,
    )
    db.add(participant)
    await db.flush()
    return participant


async def find_owner(database: Database, session: InterviewSession) -> Participant | None:
    """Return the owner's participant, as a plain row, if the owner has been in the session."""
    rows = await database.fetch(_OWNER, {"key": session.id})
    return cast("Participant", rows[0]) if rows else None


async def find_or_add_owner(db: AsyncSession, session: InterviewSession, now: datetime) -> Participant:
    """Return the owner's participant; the owner takes part without joining."""
    # The row lock: two sockets of the owner that open at the same time must find one participant.
    await db.execute(select(InterviewSession.id).where(InterviewSession.id == session.id).with_for_update())
    row = await db.execute(
        select(Participant).where(Participant.session_id == session.id, Participant.is_owner).limit(1)
    )
    owner = row.scalar_one_or_none()
    return owner or await add_participant(db, session, OWNER_NAME, Role.HOST, now, is_owner=True)
