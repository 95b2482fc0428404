"""Authorised objects as parameters. There is no other road from a request to a session's row."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from fastapi import Depends, Path, Request
from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from pizarra.accounts.identity import Actor, find_actor
from pizarra.errors import Forbidden, NotFound, Unauthorized
from pizarra.kit.ids import is_public_id
from pizarra.models import CandidateKeeps, InterviewSession, Participant, Role, SessionStatus
from pizarra.participants.service import find_or_add_own
from pizarra.participants.standing import is_in, role_of_account
from pizarra.participants.tokens import read_access
from pizarra.participants.trust import Caller, identify
from pizarra.services import Services, services_of


async def get_services(request: Request) -> Services:
    """Give the services behind a request."""
    return services_of(request)


ServicesDep = Annotated[Services, Depends(get_services)]


async def get_read_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Give a database session for reading."""
    async with services_of(request).database.read() as db:
        yield db


async def get_write_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Give a database session that is committed before the answer leaves."""
    async with services_of(request).database.write() as db:
        yield db


# scope="function": a commit that fails must be able to turn the answer into a 5xx.
ReadSession = Annotated[AsyncSession, Depends(get_read_session, scope="function")]
WriteSession = Annotated[AsyncSession, Depends(get_write_session, scope="function")]


@dataclass(frozen=True, slots=True)
class Access:
    """A session and what the caller may do in it; `participant` is None for those who need not join."""

    session: InterviewSession
    role: Role
    participant: Participant | None
    account: Actor | None = None

    @property
    def may_edit(self) -> bool:
        """Whether they may write now."""
        return self.role.may_edit and not (self.session.editing_locked and self.role is Role.CANDIDATE)

    @property
    def may_run(self) -> bool:
        """Whether they may run programs now."""
        return self.role.may_edit and not (self.session.running_locked and self.role is Role.CANDIDATE)

    def label(self, caller: Caller) -> str:
        """Return what the audit calls the caller."""
        return f"person:{self.participant.public_id}" if self.participant is not None else caller.label

    def require(self, *kept: CandidateKeeps) -> None:
        """Refuse an invited person what they may not keep once the session has ended.

        Raises:
            Forbidden: the session's policy does not leave it to them.
        """
        ended = self.session.status == SessionStatus.ENDED
        if ended and not self.role.may_host and self.session.candidate_keeps not in kept:
            raise Forbidden("The session has ended, and its host keeps this.")


async def get_caller(request: Request) -> Caller:
    """Tell who a request comes from."""
    return await caller_of(request)


async def caller_of(connection: HTTPConnection, token: str | None = None) -> Caller:
    """Tell who a request or a socket comes from; `token` is what a socket's address carries.

    Raises:
        Forbidden: an API token that only reads is used to change something.
    """
    services = services_of(connection)
    settings = services.settings
    caller = identify(connection, settings.own_origins, trusts_local=settings.trusts_local, query_token=token)
    if settings.trusts_local or (caller.sign_in is None and caller.bearer is None):
        return caller
    actor = await find_actor(services.database, services.clock(), sign_in=caller.sign_in, bearer=caller.bearer)
    if actor is None:
        return caller
    if not actor.may_write and connection.scope.get("method", "GET") not in ("GET", "HEAD"):
        raise Forbidden("This API token may only read. Make one with the scope `write`.")
    return replace(caller, account=actor)


CallerDep = Annotated[Caller, Depends(get_caller)]


# The dependencies below ask `caller_of` themselves: each step of FastAPI's resolution costs as much as a query.
async def get_interviewer(request: Request) -> Caller:
    """Give somebody who has sessions of their own: the owner of this computer, or an account.

    Raises:
        Unauthorized: nobody we know. Forbidden: a participant of some session.
    """
    caller = await caller_of(request)
    if caller.is_owner or caller.account is not None:
        return caller
    if caller.credentials or caller.cookies:
        raise Forbidden(
            "Only interviewers can list or create sessions. Leave the session you joined in this browser first."
        )
    raise Unauthorized("Sign in to see your sessions. To take part in one, open the invitation you were sent.")


Interviewer = Annotated[Caller, Depends(get_interviewer)]


_SESSION = InterviewSession.__table__
_PARTICIPANT = Participant.__table__
_BY_ID = select(_SESSION).where(_SESSION.c.public_id == bindparam("session_id"))
_BY_ROOM = select(_SESSION).where(_SESSION.c.room_id == bindparam("room_id"))
_OF_PARTICIPANT = select(_PARTICIPANT).where(
    _PARTICIPANT.c.public_id == bindparam("participant_id"), _PARTICIPANT.c.session_id == bindparam("key")
)


async def find_access(services: Services, caller: Caller, session_id: str) -> Access:
    """Return the caller's access to a session, for reading: its `session` and `participant` are plain rows.

    Raises:
        NotFound: there is no such session, or it is not for this caller.
    """
    access = None
    known = caller.is_owner or caller.account is not None or _participant_ids(services, caller, session_id)
    if is_public_id(session_id) and known:
        sessions = await services.database.fetch(_BY_ID, {"session_id": session_id})
        access = await _access_to(services, caller, sessions)
    if access is None:
        raise NotFound(f"Session {session_id} not found")
    return access


async def find_room_access(services: Services, caller: Caller, room_id: str) -> Access | None:
    """Return the caller's access to the session of a room, or None when there is none for this caller."""
    if not is_public_id(room_id):
        return None
    return await _access_to(services, caller, await services.database.fetch(_BY_ROOM, {"room_id": room_id}))


async def find_named(
    services: Services, caller: Caller, session_id: str
) -> tuple[Participant, InterviewSession] | None:
    """Return whom the caller's credentials name in a session, whether they are in, waiting, or out."""
    named = _participant_ids(services, caller, session_id) if is_public_id(session_id) else []
    if not named:
        return None
    for session in await services.database.fetch(_BY_ID, {"session_id": session_id}):
        for participant_id in named:
            known = {"participant_id": participant_id, "key": session.id}
            for person in await services.database.fetch(_OF_PARTICIPANT, known):
                return cast("Participant", person), cast("InterviewSession", session)
    return None


async def _access_to(services: Services, caller: Caller, sessions: Sequence[Row[Any]]) -> Access | None:
    if not sessions:
        return None
    session = cast("InterviewSession", sessions[0])
    if caller.is_owner:
        return Access(session, Role.HOST, None)
    # What was presented for this very request, then who signed in, then what this browser joined once.
    access = await _as_participant(services, caller.credentials, session)
    if access is None and caller.account is not None:
        role = role_of(caller.account, session)
        access = Access(session, role, None, caller.account) if role is not None else None
    if access is None:
        access = await _as_participant(services, caller.cookies, session)
    return access


def role_of(actor: Actor, session: InterviewSession) -> Role | None:
    """Return what an account is in a session; None when it is another team's."""
    about = {"session_team": session.team_id, "created_by": session.created_by}
    return role_of_account(actor.id, actor.role, actor.team_id, may_write=actor.may_write, **about)


async def _as_participant(services: Services, credentials: Sequence[str], session: InterviewSession) -> Access | None:
    for participant_id in _named(services, credentials, session.public_id):
        known = {"participant_id": participant_id, "key": session.id}
        for row in await services.database.fetch(_OF_PARTICIPANT, known):
            participant = cast("Participant", row)
            if is_in(participant, session.invitation_generation, services.clock()):
                return Access(session, Role(participant.role), participant)
    return None


def state_of(
    services: Services, participant: Participant, session: InterviewSession
) -> Literal["in", "waiting", "out"]:
    """Return where somebody is: they may come in, wait for the host, or are out for good."""
    if is_in(participant, session.invitation_generation, services.clock()):
        return "in"
    return "waiting" if participant.removed_at is None and participant.admitted_at is None else "out"


def _participant_ids(services: Services, caller: Caller, session_id: str) -> list[str]:
    """Return whom the caller's genuine credentials for a session name."""
    return _named(services, (*caller.credentials, *caller.cookies), session_id)


def _named(services: Services, credentials: Sequence[str], session_id: str) -> list[str]:
    known = [read_access(services.signer, credential) for credential in credentials]
    return [access[0] for access in known if access is not None and access[1] == session_id]


SessionId = Annotated[
    str,
    Path(description="The session's `session_id`.", examples=["0123456789abcdef0123456789abcdef"]),
]


async def get_session_access(request: Request, session_id: SessionId) -> Access:
    """Give anybody's access to a session they are in."""
    return await find_access(services_of(request), await caller_of(request), session_id)


async def find_hosted(db: AsyncSession, services: Services, caller: Caller, session_id: str) -> Access:
    """Return the access of somebody who may change a session, with its row in the transaction `db`.

    Raises:
        NotFound: it is not for this caller. Forbidden: a candidate or observer.
    """
    access = await find_access(services, caller, session_id)
    if not access.role.may_host:
        raise Forbidden("Only interviewers can change the session.")
    session = await db.get(InterviewSession, access.session.id, with_for_update=True)
    if session is None:
        raise NotFound(f"Session {session_id} not found")
    return replace(access, session=session)


async def get_hosted_access(db: WriteSession, request: Request, caller: CallerDep, session_id: SessionId) -> Access:
    """Give a host's access, in the transaction that will change the session."""
    return await find_hosted(db, services_of(request), caller, session_id)


async def get_private_access(request: Request, session_id: SessionId) -> Access:
    """Give an interviewer's access to what only interviewers read."""
    access = await find_access(services_of(request), await caller_of(request), session_id)
    if not access.role.may_host:
        raise Forbidden("Notes and scores are for interviewers.")
    return access


async def own_participant(db: AsyncSession, access: Access, now: datetime) -> Participant:
    """Return who the caller is in the session; somebody who needs no invitation gets a place in it now."""
    if access.participant is not None:
        return access.participant
    return await find_or_add_own(db, access.session, access.account, access.role, now)


PrivateSession = Annotated[Access, Depends(get_private_access, scope="function")]
ReadableSession = Annotated[Access, Depends(get_session_access, scope="function")]
HostedSession = Annotated[Access, Depends(get_hosted_access, scope="function")]
