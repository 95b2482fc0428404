"""Authorised objects as parameters. There is no other road from a request to a session's row."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Request
from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from pizarra.errors import Forbidden, NotFound, Unauthorized
from pizarra.kit.ids import is_public_id
from pizarra.models import InterviewSession, Participant, Role
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
    """A session and what the caller may do in it; `participant` is None for the owner, who need not join."""

    session: InterviewSession
    role: Role
    participant: Participant | None


async def get_caller(request: Request) -> Caller:
    """Tell who a request comes from."""
    return caller_of(request)


def caller_of(connection: HTTPConnection, token: str | None = None) -> Caller:
    """Tell who a request or a socket comes from; `token` is what a socket's address carries."""
    return identify(connection, services_of(connection).settings.cors_origins, query_token=token)


CallerDep = Annotated[Caller, Depends(get_caller)]


async def require_owner(request: Request) -> None:
    """Let only the owner through.

    Raises:
        Unauthorized: nobody we know. Forbidden: a participant of some session.
    """
    caller = caller_of(request)
    if caller.is_owner:
        return
    if caller.credentials:
        raise Forbidden(
            "Only the owner can list or create sessions. Leave the session you joined in this browser first."
        )
    raise Unauthorized("This address answers only its owner, on this computer. To take part, open an invitation.")


OwnerOnly = Depends(require_owner)


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
    if is_public_id(session_id) and (caller.is_owner or _participant_ids(services, caller, session_id)):
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


async def _access_to(services: Services, caller: Caller, sessions: Sequence[Row[Any]]) -> Access | None:
    if not sessions:
        return None
    session = cast("InterviewSession", sessions[0])
    if caller.is_owner:
        return Access(session, Role.HOST, None)
    for participant_id in _participant_ids(services, caller, session.public_id):
        known = {"participant_id": participant_id, "key": session.id}
        people = await services.database.fetch(_OF_PARTICIPANT, known)
        if people:
            participant = cast("Participant", people[0])
            return Access(session, Role(participant.role), participant)
    return None


def _participant_ids(services: Services, caller: Caller, session_id: str) -> list[str]:
    """Return whom the caller's genuine credentials for a session name."""
    known = [read_access(services.signer, credential) for credential in caller.credentials]
    return [access[0] for access in known if access is not None and access[1] == session_id]


SessionId = Annotated[
    str,
    Path(description="The session's `session_id`.", examples=["0123456789abcdef0123456789abcdef"]),
]


async def get_session_access(request: Request, session_id: SessionId) -> Access:
    """Give anybody's access to a session they are in."""
    return await find_access(services_of(request), caller_of(request), session_id)


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


async def get_hosted_access(db: WriteSession, request: Request, session_id: SessionId) -> Access:
    """Give a host's access, in the transaction that will change the session."""
    return await find_hosted(db, services_of(request), caller_of(request), session_id)


ReadableSession = Annotated[Access, Depends(get_session_access, scope="function")]
HostedSession = Annotated[Access, Depends(get_hosted_access, scope="function")]
