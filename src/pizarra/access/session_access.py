"""A session and what somebody may do in it. The other road to a session's row is `replays/service.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.credentials import Caller
from pizarra.access.identity import Actor
from pizarra.access.parts import Parts
from pizarra.access.people import find_or_add_own
from pizarra.access.rules import is_free, is_in, role_of_account, waits
from pizarra.access.tokens import read_access
from pizarra.answers.codes import Code
from pizarra.database import Database
from pizarra.errors import Forbidden, NotFound
from pizarra.kit.ids import is_public_id
from pizarra.kit.tokens import TokenSigner
from pizarra.models import (
    CandidateKeeps,
    InterviewSession,
    Participant,
    ParticipantView,
    Role,
    SessionStatus,
    SessionView,
    tries_question,
)
from pizarra.storage.prepared import Prepared

# the policies that leave the code to candidates
CODE_KEPT = (CandidateKeeps.CODE, CandidateKeeps.TIMELINE)
_SESSION = InterviewSession.__table__
_PARTICIPANT = Participant.__table__
_BY_ID = Prepared(
    select(_SESSION).where(_SESSION.c.public_id == bindparam("session_id")), remembers=500
)
_BY_ROOM = Prepared(select(_SESSION).where(_SESSION.c.room_id == bindparam("room_id")))
_OF_PARTICIPANT = Prepared(
    select(_PARTICIPANT).where(
        _PARTICIPANT.c.public_id == bindparam("participant_id"),
        _PARTICIPANT.c.session_id == bindparam("key"),
    )
)


@dataclass(frozen=True, slots=True)
class Access:
    """A session and what the caller may do in it; `participant` is None for those who need not join."""

    session: SessionView
    role: Role
    participant: ParticipantView | None
    account: Actor | None = None

    @property
    def may_edit(self) -> bool:
        """Whether they may write now."""
        return is_free(self.role, locked=self.session.editing_locked)

    @property
    def may_run(self) -> bool:
        """Whether they may run programs now."""
        return is_free(self.role, locked=self.session.running_locked)

    def label(self, caller: Caller) -> str:
        """Return what the audit calls the caller."""
        return (
            f"person:{self.participant.public_id}" if self.participant is not None else caller.label
        )

    def may_keep(self, *kept: CandidateKeeps) -> bool:
        """Tell whether they may read what these policies leave to invited people once the session has ended."""
        ended = self.session.status == SessionStatus.ENDED
        return not ended or self.role.may_host or self.session.candidate_keeps in kept

    def require(self, *kept: CandidateKeeps) -> None:
        """Refuse an invited person what they may not keep once the session has ended.

        Raises:
            Forbidden: the session's policy does not leave it to them.
        """
        if not self.may_keep(*kept):
            raise Forbidden(
                "The session has ended, and its host keeps this.", code=Code.KEPT_BY_HOST
            )


@dataclass(frozen=True, slots=True)
class HostedAccess(Access):
    """The access of somebody who may change the session: its row is one of the transaction that will."""

    session: InterviewSession


async def find_access(services: Parts, caller: Caller, session_id: str) -> Access:
    """Return the caller's access to a session, for reading: its `session` and `participant` are plain rows.

    Raises:
        NotFound: there is no such session, or it is not for this caller.
    """
    access = None
    known = (
        caller.is_owner
        or caller.account is not None
        or participant_ids(services.signer, caller, session_id)
    )
    if is_public_id(session_id) and known:
        session = await read_session(services.database, session_id)
        access = await _access_to(services, caller, session)
    if access is None:
        raise NotFound(f"Session {session_id} not found", code=Code.SESSION_NOT_FOUND)
    return access


async def read_session(database: Database, session_id: str) -> SessionView | None:
    """Return a session as a plain row, whoever may see it; None when there is none."""
    found: Sequence[Any] = await database.fetch_unchanged(_BY_ID, {"session_id": session_id})
    return found[0] if found else None


async def find_room_access(services: Parts, caller: Caller, room_id: str) -> Access | None:
    """Return the caller's access to the session of a room, or None when there is none for this caller."""
    if not is_public_id(room_id):
        return None
    found: Sequence[Any] = await services.database.fetch_prepared(_BY_ROOM, {"room_id": room_id})
    return await _access_to(services, caller, found[0] if found else None)


async def find_named(
    services: Parts, caller: Caller, session_id: str
) -> tuple[ParticipantView, SessionView] | None:
    """Return whom the caller's credentials name in a session, whether they are in, waiting, or out."""
    named = participant_ids(services.signer, caller, session_id) if is_public_id(session_id) else []
    if not named:
        return None
    for session in await services.database.fetch_prepared(_BY_ID, {"session_id": session_id}):
        for participant_id in named:
            known = {"participant_id": participant_id, "key": session.id}
            for person in await services.database.fetch_prepared(_OF_PARTICIPANT, known):
                return person, session
    return None


async def _access_to(services: Parts, caller: Caller, session: SessionView | None) -> Access | None:
    if session is None:
        return None
    if caller.is_owner:
        return Access(session, Role.CANDIDATE if tries_question(session) else Role.HOST, None)
    # What was presented for this very request, then who signed in, then what this browser joined once.
    access = await _as_participant(services, caller.credentials, session)
    if access is None and caller.account is not None:
        role = role_of(caller.account, session)
        access = Access(session, role, None, caller.account) if role is not None else None
    if access is None:
        access = await _as_participant(services, caller.cookies, session)
    return access


def role_of(actor: Actor, session: SessionView) -> Role | None:
    """Return what an account is in a session; None when it is another team's."""
    return role_of_account(
        actor.id,
        actor.role,
        actor.team_id,
        may_write=actor.may_write,
        session_team=session.team_id,
        created_by=session.created_by,
        tries_question=tries_question(session),
    )


async def _as_participant(
    services: Parts, credentials: Sequence[str], session: SessionView
) -> Access | None:
    for participant_id in _named(services.signer, credentials, session.public_id):
        known = {"participant_id": participant_id, "key": session.id}
        for row in await services.database.fetch_prepared(_OF_PARTICIPANT, known):
            participant: ParticipantView = row
            if is_in(participant, session.invitation_generation, services.clock()):
                return Access(session, Role(participant.role), participant)
    return None


def state_of(
    now: datetime, participant: ParticipantView, session: SessionView
) -> Literal["in", "waiting", "out"]:
    """Return where somebody is: they may come in, wait for the host, or are out for good."""
    if is_in(participant, session.invitation_generation, now):
        return "in"
    return "waiting" if waits(participant, session.invitation_generation, now) else "out"


def participant_ids(signer: TokenSigner, caller: Caller, session_id: str) -> list[str]:
    """Return whom the caller's genuine credentials for a session name."""
    return _named(signer, (*caller.credentials, *caller.cookies), session_id)


def _named(signer: TokenSigner, credentials: Sequence[str], session_id: str) -> list[str]:
    known = [read_access(signer, credential) for credential in credentials]
    return [access[0] for access in known if access is not None and access[1] == session_id]


async def find_host(services: Parts, caller: Caller, session_id: str) -> Access:
    """Return the access of somebody who may change a session, for reading.

    Raises:
        NotFound: it is not for this caller. Forbidden: a candidate or observer.
    """
    access = await find_access(services, caller, session_id)
    if not access.role.may_host:
        raise Forbidden("Only interviewers can change the session.", code=Code.INTERVIEWERS_ONLY)
    return access


async def find_hosted(
    db: AsyncSession, services: Parts, caller: Caller, session_id: str
) -> HostedAccess:
    """Return the access of somebody who may change a session, with its row in the transaction `db`.

    Raises:
        NotFound: it is not for this caller. Forbidden: a candidate or observer.
    """
    access = await find_host(services, caller, session_id)
    session = await db.get(InterviewSession, access.session.id, with_for_update=True)
    if session is None or session.erasing_since is not None:
        raise NotFound(f"Session {session_id} not found", code=Code.SESSION_NOT_FOUND)
    return HostedAccess(session, access.role, access.participant, access.account)


async def own_participant(db: AsyncSession, access: Access, now: datetime) -> ParticipantView:
    """Return who the caller is in the session; somebody who needs no invitation gets a place in it now."""
    if access.participant is not None:
        return access.participant
    return await find_or_add_own(db, access.session, access.account, access.role, now)
