"""Inviting and joining, and what hosts do with those who came."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.rules import waits
from pizarra.access.tokens import Invitation, invitation_from
from pizarra.answers.codes import Code
from pizarra.collab.journal import EventEntry
from pizarra.errors import Conflict, NotFound
from pizarra.models import (
    CandidateKeeps,
    Participant,
    Role,
    SessionView,
    Signals,
    StoredInvitation,
)
from pizarra.timeline.append.log import append_entries
from pizarra.timeline.entries.shared import Removed, RoleChanged

RECORDED = [
    "every edit, with its time and author",
    "every run, with its input, output and result",
    "what you write to everybody",
    "when you join, leave, or lose the connection",
    "the name you type here",
]
_KEPT = {
    CandidateKeeps.TIMELINE: "Afterwards you may read and download the code and everything recorded here.",
    CandidateKeeps.CODE: "Afterwards you may read and download the code.",
    CandidateKeeps.NOTHING: "Afterwards you cannot read the session any more: take what you need before it ends.",
}


_SIGNALS = {
    Signals.ALL: [
        "large pastes, with where they come from",
        "where your cursor goes",
        "when you leave this page and come back",
    ],
    Signals.PASTES: ["large pastes, with where they come from", "where your cursor goes"],
    Signals.NONE: [],
}


def recorded_in(session: SessionView) -> list[str]:
    """Return what is said to people, before they join, about what is kept."""
    return [*RECORDED, *_SIGNALS[Signals(session.signals)]]


def kept_afterwards(session: SessionView) -> str:
    """Return what is said to people, before they join, about the time after."""
    return _KEPT[CandidateKeeps(session.candidate_keeps)]


async def create_invitation(
    db: AsyncSession, session: SessionView, role: Role, now: datetime, days: int
) -> Invitation:
    """Make an invitation beside the share link."""
    invitation = invitation_from(session, role, now, days, secrets.token_hex(4))
    db.add(
        StoredInvitation(
            session_id=session.id,
            serial=invitation.serial,
            role=role.value,
            generation=invitation.generation,
            created_at=now,
            expires_at=invitation.expires_at,
        )
    )
    await db.flush()
    return invitation


async def list_invitations(db: AsyncSession, session: SessionView) -> Sequence[StoredInvitation]:
    """Return the invitations beside the share link that rotation has not ended."""
    query = select(StoredInvitation).where(
        StoredInvitation.session_id == session.id,
        StoredInvitation.generation == session.invitation_generation,
    )
    return (await db.scalars(query.order_by(StoredInvitation.id))).all()


async def count_uses(db: AsyncSession, session: SessionView) -> dict[str, int]:
    """Return serial → how many people came in by that invitation."""
    rows = await db.execute(
        select(Participant.invitation, func.count())
        .where(
            Participant.session_id == session.id,
            Participant.generation == session.invitation_generation,
        )
        .group_by(Participant.invitation)
    )
    return {serial: count for serial, count in rows if serial is not None}


async def get_invited(db: AsyncSession, session: SessionView, participant_id: str) -> Participant:
    """Return somebody who was invited, to be changed.

    Raises:
        NotFound: there is nobody. Conflict: it is somebody who needs no invitation.
    """
    found: Participant | None = await db.scalar(
        select(Participant)
        .where(Participant.session_id == session.id, Participant.public_id == participant_id)
        .with_for_update()
    )
    if found is None or found.removed_at is not None:
        raise NotFound(f"Person {participant_id} not found", code=Code.PERSON_NOT_FOUND)
    if found.is_owner or found.account_id is not None:
        raise Conflict(
            "This person needs no invitation here: only their account can be changed.",
            code=Code.PERSON_NOT_INVITED,
        )
    return found


async def admit(db: AsyncSession, session: SessionView, person: Participant, now: datetime) -> None:
    """Let somebody in who waits.

    Raises:
        Conflict: they would not be in.
    """
    if not waits(person, session.invitation_generation, now):
        raise Conflict(
            f"The link that {person.name} came by does not hold any more. Send them a new one.",
            code=Code.PERSON_OUT,
        )
    person.admitted_at = now
    await db.flush()


async def change_role(
    db: AsyncSession,
    session: SessionView,
    person: Participant,
    role: Role,
    now: datetime,
    by: int | None,
) -> None:
    """Give somebody another role, and note it on the timeline."""
    person.role = role.value
    await db.flush()
    told = RoleChanged(participant_id=person.public_id, name=person.name, role=role.value)
    await append_entries(db, session.id, [EventEntry(by, told)], now)


async def remove(
    db: AsyncSession, session: SessionView, person: Participant, now: datetime, by: int | None
) -> None:
    """Take somebody out for good, and note it on the timeline."""
    person.removed_at = now
    await db.flush()
    if person.admitted_at is not None:
        told = Removed(participant_id=person.public_id, name=person.name)
        await append_entries(db, session.id, [EventEntry(by, told)], now)
