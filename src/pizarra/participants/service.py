"""Inviting, joining, who is in a session, and the places of those who need not join."""

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.accounts.identity import Actor
from pizarra.collab.journal import Entry
from pizarra.database import Database
from pizarra.errors import Conflict, InvalidInput, NotFound
from pizarra.kit.ids import new_public_id
from pizarra.models import CandidateKeeps, InterviewSession, Participant, Role, Signals, StoredInvitation
from pizarra.participants.tokens import Invitation, invitation_from
from pizarra.timeline.log import append_entries

RECORDED = [
    "every edit, with its time and author",
    "every run, with its input, output and result",
    "when you join, leave, or lose the connection",
    "the name you type here",
]
_KEPT = {
    CandidateKeeps.TIMELINE: "Afterwards you may read and download the code and everything recorded here.",
    CandidateKeeps.CODE: "Afterwards you may read and download the code.",
    CandidateKeeps.NOTHING: "Afterwards you cannot read the session any more: take what you need before it ends.",
}
OWNER_NAME = "Host"
_JOINERS = "\u200c\u200d"  # between letters, as Persian has them, and between emoji

_PARTICIPANT = Participant.__table__
_OWNER = select(_PARTICIPANT).where(_PARTICIPANT.c.session_id == bindparam("key"), _PARTICIPANT.c.is_owner).limit(1)
_MEMBER = (
    select(_PARTICIPANT)
    .where(_PARTICIPANT.c.session_id == bindparam("key"), _PARTICIPANT.c.account_id == bindparam("account"))
    .limit(1)
)


_SIGNALS = {
    Signals.ALL: [
        "large pastes, with where they come from",
        "where your cursor goes",
        "when you leave this page and come back",
    ],
    Signals.PASTES: ["large pastes, with where they come from", "where your cursor goes"],
    Signals.NONE: [],
}


def recorded_in(session: InterviewSession) -> list[str]:
    """Return what is said to people, before they join, about what is kept."""
    return [*RECORDED, *_SIGNALS[Signals(session.signals)]]


def kept_afterwards(session: InterviewSession) -> str:
    """Return what is said to people, before they join, about the time after."""
    return _KEPT[CandidateKeeps(session.candidate_keeps)]


async def create_invitation(
    db: AsyncSession, session: InterviewSession, role: Role, now: datetime, days: int
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


async def list_invitations(db: AsyncSession, session: InterviewSession) -> Sequence[StoredInvitation]:
    """Return the invitations beside the share link that rotation has not ended."""
    query = select(StoredInvitation).where(
        StoredInvitation.session_id == session.id, StoredInvitation.generation == session.invitation_generation
    )
    return (await db.scalars(query.order_by(StoredInvitation.id))).all()


async def count_uses(db: AsyncSession, session: InterviewSession) -> dict[str, int]:
    """Return serial → how many people came in by that invitation."""
    rows = await db.execute(
        select(Participant.invitation, func.count())
        .where(Participant.session_id == session.id, Participant.generation == session.invitation_generation)
        .group_by(Participant.invitation)
    )
    return {serial: count for serial, count in rows if serial is not None}


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


async def names_of_guests(db: AsyncSession, session: InterviewSession, invitation: Invitation) -> list[str]:
    """Return the names of those who came in by this very link: its holder may be one of them, on another device."""
    query = select(Participant.name).where(
        Participant.session_id == session.id,
        Participant.invitation == invitation.serial,
        Participant.generation == invitation.generation,
        Participant.role == invitation.role.value,
        Participant.removed_at.is_(None),
    )
    return sorted(set(await db.scalars(query.limit(20))))


async def join(
    db: AsyncSession, session: InterviewSession, name: str, invitation: Invitation, now: datetime
) -> tuple[Participant, bool]:
    """Let somebody in by an invitation; return them, and whether they are new.

    The same name by the same link is the same person: they lost the connection, or took another device.

    Raises:
        InvalidInput: the name is blank. Conflict: the host removed this person.
    """
    # The row lock: somebody who presses twice is one person.
    await db.execute(select(InterviewSession.id).where(InterviewSession.id == session.id).with_for_update())
    wanted = _clean(name)
    query = select(Participant).where(
        Participant.session_id == session.id,
        Participant.invitation == invitation.serial,
        Participant.generation == invitation.generation,
    )
    for known in await db.scalars(query):
        if known.name.casefold() == wanted.casefold():
            if known.removed_at is not None:
                raise Conflict("The host has taken you out of this session. Ask them for a new link.")
            if Role(known.role).may_host and not invitation.role.may_host:
                # Others hold this link too: what the host gave one person is not for whoever types their name.
                raise Conflict(f"{known.name} has another role now. Ask the host for a link of your own.")
            return known, False
    waits = session.waiting_room and not invitation.role.may_host
    participant = await add_participant(db, session, wanted, invitation.role, now, admitted=not waits)
    participant.invitation = invitation.serial
    participant.generation = invitation.generation
    participant.expires_at = invitation.expires_at
    await db.flush()
    return participant, True


async def add_participant(
    db: AsyncSession,
    session: InterviewSession,
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
        name=_clean(name),
        role=role.value,
        is_owner=is_owner,
        created_at=now,
        account_id=account_id,
        invitation=None,
        generation=session.invitation_generation,
        expires_at=None,
        admitted_at=now if admitted else None,
        removed_at=None,
    )
    db.add(participant)
    await db.flush()
    return participant


def _clean(name: str) -> str:
    # Marks that nobody sees could make one name look like another's; those that join emoji and letters stay.
    seen = "".join(each for each in name if each in _JOINERS or unicodedata.category(each) != "Cf")
    cleaned = " ".join(seen.split())
    if not cleaned:
        raise InvalidInput("name: type a name, so that others know who writes")
    return cleaned


# Who needs no invitation


async def find_own(database: Database, session: InterviewSession, actor: Actor | None) -> Participant | None:
    """Return the owner's or an account's participant, as a plain row, if they have been in the session."""
    if actor is None:
        rows = await database.fetch(_OWNER, {"key": session.id})
    else:
        rows = await database.fetch(_MEMBER, {"key": session.id, "account": actor.id})
    return cast("Participant", rows[0]) if rows else None


async def find_or_add_own(
    db: AsyncSession, session: InterviewSession, actor: Actor | None, role: Role, now: datetime
) -> Participant:
    """Return the owner's or an account's participant; they take part without joining."""
    # The row lock: two sockets that open at the same time must find one participant.
    await db.execute(select(InterviewSession.id).where(InterviewSession.id == session.id).with_for_update())
    mine = Participant.is_owner if actor is None else Participant.account_id == actor.id
    found: Participant | None = await db.scalar(
        select(Participant).where(Participant.session_id == session.id, mine).limit(1)
    )
    if found is not None:
        return found
    if actor is None:
        return await add_participant(db, session, OWNER_NAME, Role.HOST, now, is_owner=True)
    return await add_participant(db, session, actor.display_name, role, now, account_id=actor.id)


# Who is in


async def list_people(db: AsyncSession, session: InterviewSession) -> Sequence[Participant]:
    """Return everybody who ever was in a session or waits, in the order of their coming."""
    query = select(Participant).where(Participant.session_id == session.id).order_by(Participant.id)
    return (await db.scalars(query)).all()


async def list_waiting(db: AsyncSession, session_key: int) -> Sequence[Participant]:
    """Return who is in the waiting room."""
    query = (
        select(Participant)
        .join(InterviewSession, InterviewSession.id == Participant.session_id)
        .where(
            Participant.session_id == session_key,
            Participant.admitted_at.is_(None),
            Participant.removed_at.is_(None),
            Participant.generation == InterviewSession.invitation_generation,
        )
    )
    return (await db.scalars(query.order_by(Participant.id))).all()


async def get_invited(db: AsyncSession, session: InterviewSession, participant_id: str) -> Participant:
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
        raise NotFound(f"Person {participant_id} not found")
    if found.is_owner or found.account_id is not None:
        raise Conflict("This person needs no invitation here: only their account can be changed.")
    return found


async def admit(db: AsyncSession, person: Participant, now: datetime) -> None:
    """Let somebody in who waits. Admitting twice is fine."""
    person.admitted_at = person.admitted_at or now
    await db.flush()


async def change_role(
    db: AsyncSession, session: InterviewSession, person: Participant, role: Role, now: datetime, by: int | None
) -> None:
    """Give somebody another role, and note it on the timeline."""
    person.role = role.value
    await db.flush()
    data = {"participant_id": person.public_id, "name": person.name, "role": role.value}
    await append_entries(db, session.id, [Entry("role", by, data=data)], now)


async def remove(
    db: AsyncSession, session: InterviewSession, person: Participant, now: datetime, by: int | None
) -> None:
    """Take somebody out for good, and note it on the timeline."""
    person.removed_at = now
    await db.flush()
    if person.admitted_at is not None:
        data = {"participant_id": person.public_id, "name": person.name}
        await append_entries(db, session.id, [Entry("removed", by, data=data)], now)
