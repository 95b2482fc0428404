"""Coming in by a link: who is known by it, and when its holder has to wait for the host."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.people import add_participant, clean_name
from pizarra.access.tokens import Invitation
from pizarra.answers.codes import Code
from pizarra.errors import Conflict
from pizarra.models import InterviewSession, Participant, ParticipantView, Role, SessionView
from pizarra.models.membership import WAITS

_NUMBER = re.compile(r" \([0-9]{1,4}\)$")
_NAME_LENGTH = 73  # of at most 80, where a number follows
_RANKS = {Role.OBSERVER: 0, Role.CANDIDATE: 1, Role.INTERVIEWER: 2, Role.HOST: 3}


async def came_by(
    db: AsyncSession, session: SessionView, invitation: Invitation
) -> Sequence[Participant]:
    """Return everybody who came in by this very link."""
    query = select(Participant).where(
        Participant.session_id == session.id,
        Participant.invitation == invitation.serial,
        Participant.generation == invitation.generation,
    )
    return (await db.scalars(query.order_by(Participant.id))).all()


def names_of(guests: Sequence[Participant], presented: Collection[str]) -> list[str]:
    """Return the names of those whose credentials were presented: a link's holder is not told who else has it."""
    return sorted(
        {each.name for each in guests if each.public_id in presented and each.removed_at is None}
    )


def must_wait(session: SessionView, invitation: Invitation, guests: Sequence[Participant]) -> bool:
    """Tell whether somebody new has to wait for the host.

    Whoever was taken out of the session, or was given a smaller role, still has the link, and may type any name.
    """
    if session.waiting_room and not invitation.role.may_host:
        return True
    return any(each.removed_at is not None or _is_demoted(each, invitation) for each in guests)


async def join(
    db: AsyncSession,
    session: SessionView,
    name: str,
    invitation: Invitation,
    now: datetime,
    presented: Collection[str],
    present: Collection[int],
    max_people: int,
    max_waiting: int,
) -> tuple[Participant, bool]:
    """Let somebody in by an invitation; return them, and whether they are new.

    The same name by the same link is the same person: they lost the connection, or took another device. Who is there
    at this moment (`present`, by storage's ids) is somebody else of that name, who gets a number. Where people wait
    for the host it takes the credential that they were given too (`presented` are participants' ids).

    Raises:
        InvalidInput: the name is blank. Conflict: the host removed this person, `max_people` came by this link
        already, or `max_waiting` wait.
    """
    # The row lock: somebody who presses twice is one person.
    await db.execute(
        select(InterviewSession.id).where(InterviewSession.id == session.id).with_for_update()
    )
    wanted = clean_name(name)
    guests = await came_by(db, session, invitation)
    waits = must_wait(session, invitation, guests)
    namesakes = [each for each in guests if _is_called(each, wanted)]
    for known in sorted(namesakes, key=lambda each: each.public_id not in presented):
        if known.public_id in presented:
            _require_not_removed(known)
            return known, False
        if not waits and known.id in present:
            continue
        if not waits or _may_return(session, invitation, known, guests):
            _require_not_promoted(known, invitation)
            return known, False
        _require_not_removed(known)
    if len(guests) >= max_people:
        detail = f"{max_people} people came by this link, and nobody new can. Ask the host for another link."
        raise Conflict(detail, bound="max_people_per_link", code=Code.TOO_MANY_PEOPLE)
    if waits and await _count_waiting(db, session, invitation) >= max_waiting:
        detail = (
            f"{max_waiting} people wait for the host already. Ask the host for a link of your own."
        )
        raise Conflict(detail, bound="max_waiting", code=Code.TOO_MANY_WAITING)
    name = wanted if waits else _numbered(wanted, namesakes)
    participant = await add_participant(db, session, name, invitation.role, now, admitted=not waits)
    participant.invitation = invitation.serial
    participant.generation = invitation.generation
    participant.expires_at = invitation.expires_at
    await db.flush()
    return participant, True


def _is_called(person: ParticipantView, name: str) -> bool:
    """Tell whether somebody gave this name, whatever number they got."""
    called, wanted = person.name.casefold(), name.casefold()
    return called == wanted or _NUMBER.sub("", called) == wanted[:_NAME_LENGTH]


def _numbered(name: str, namesakes: Sequence[Participant]) -> str:
    """Return the name as nobody of these has it."""
    taken = {each.name.casefold() for each in namesakes}
    number = 1
    wanted = name
    while wanted.casefold() in taken:
        number += 1
        wanted = f"{name[:_NAME_LENGTH]} ({number})"
    return wanted


async def _count_waiting(db: AsyncSession, session: SessionView, invitation: Invitation) -> int:
    query = (
        select(func.count(Participant.id))
        .join(InterviewSession, InterviewSession.id == Participant.session_id)
        .where(
            Participant.session_id == session.id,
            Participant.invitation == invitation.serial,
            WAITS,  # those who left, too: they may come back all at once
        )
    )
    return await db.scalar(query) or 0


def _may_return(
    session: SessionView,
    invitation: Invitation,
    known: ParticipantView,
    guests: Sequence[Participant],
) -> bool:
    """Tell whether whoever types the name of somebody with a smaller role may be them: it gains nobody anything."""
    return (
        not session.waiting_room
        and _is_demoted(known, invitation)
        and all(each.removed_at is None and each.admitted_at is not None for each in guests)
    )


def _is_demoted(person: ParticipantView, invitation: Invitation) -> bool:
    return _RANKS[Role(person.role)] < _RANKS[invitation.role]


def _require_not_removed(known: ParticipantView) -> None:
    if known.removed_at is not None:
        raise Conflict(
            "The host has taken you out of this session. Ask them for a new link.",
            code=Code.TAKEN_OUT,
        )


def _require_not_promoted(known: ParticipantView, invitation: Invitation) -> None:
    # Others hold this link too: what the host gave one person is not for whoever types their name.
    if _RANKS[Role(known.role)] > _RANKS[invitation.role]:
        raise Conflict(
            f"{known.name} has another role now. Ask the host for a link of your own.",
            code=Code.ANOTHER_ROLE_NOW,
        )
