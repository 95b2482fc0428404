"""Authorised objects as parameters. There is no other road from a request to a session's row."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from pizarra.errors import Forbidden, NotFound, Unauthorized
from pizarra.kit.ids import is_public_id
from pizarra.models import InterviewSession, Participant, Role
from pizarra.participants.tokens import read_access
from pizarra.participants.trust import Caller, identify
from pizarra.services import Services, services_of


def get_services(request: Request) -> Services:
    """Give the services behind a request."""
    return services_of(request)


ServicesDep = Annotated[Services, Depends(get_services)]


async def get_read_session(services: ServicesDep) -> AsyncIterator[AsyncSession]:
    """Give a database session for reading."""
    async with services.database.read() as db:
        yield db


async def get_write_session(services: ServicesDep) -> AsyncIterator[AsyncSession]:
    """Give a database session that is committed before the answer leaves."""
    async with services.database.write() as db:
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


def get_caller(request: Request, services: ServicesDep) -> Caller:
    """Tell who a request comes from."""
    return identify(request, services.settings.cors_origins)


CallerDep = Annotated[Caller, Depends(get_caller)]


def require_owner(caller: CallerDep) -> None:
    """Let only the owner through.

    Raises:
        Unauthorized: nobody we know. Forbidden: a participant of some session.
    """
    if caller.is_owner:
        return
    if caller.credentials:
        raise Forbidden(
            "Only the owner can list or create sessions. Leave the session you joined in this browser first."
        )
    raise Unauthorized("This address answers only its owner, on this computer. To take part, open an invitation.")


OwnerOnly = Depends(require_owner)


async def find_access(db: AsyncSession, services: Services, caller: Caller, session_id: str) -> Access:
    """Return the caller's access to a session.

    Raises:
        NotFound: there is no such session, or it is not for this caller.
    """
    if is_public_id(session_id):
        if caller.is_owner:
            row = await db.execute(select(InterviewSession).where(InterviewSession.public_id == session_id))
            session = row.scalar_one_or_none()
            if session is not None:
                return Access(session, Role.HOST, None)
        for credential in caller.credentials:
            known = read_access(services.signer, credential)
            if known is not None and known[1] == session_id:
                found = await _find_participant(db, known[0], session_id)
                if found is not None:
                    return found
    raise NotFound(f"Session {session_id} not found")


async def _find_participant(db: AsyncSession, participant_id: str, session_id: str) -> Access | None:
    row = (
        await db.execute(
            select(InterviewSession, Participant)
            .join(Participant, Participant.session_id == InterviewSession.id)
            .where(InterviewSession.public_id == session_id, Participant.public_id == participant_id)
        )
    ).one_or_none()
    if row is None:
        return None
    session, participant = row
    return Access(session, Role(participant.role), participant)


SessionId = Annotated[
    str,
    Path(description="The session's `session_id`.", examples=["0123456789abcdef0123456789abcdef"]),
]


async def get_session_access(
    db: ReadSession, services: ServicesDep, caller: CallerDep, session_id: SessionId
) -> Access:
    """Give anybody's access to a session they are in."""
    return await find_access(db, services, caller, session_id)


async def find_hosted(db: AsyncSession, services: Services, caller: Caller, session_id: str) -> Access:
    """Return the access of somebody who may change a session.

    Raises:
        NotFound: it is not for this caller. Forbidden: a candidate or observer.
    """
    access = await find_access(db, services, caller, session_id)
    if not access.role.may_host:
        raise Forbidden("Only interviewers can change the session.")
    return access


async def get_hosted_access(
    db: WriteSession, services: ServicesDep, caller: CallerDep, session_id: SessionId
) -> Access:
    """Give a host's access, in the transaction that will change the session."""
    return await find_hosted(db, services, caller, session_id)


ReadableSession = Annotated[Access, Depends(get_session_access, scope="function")]
HostedSession = Annotated[Access, Depends(get_hosted_access, scope="function")]


def caller_of_socket(connection: HTTPConnection, services: Services, token: str | None) -> Caller:
    """Tell who a WebSocket comes from."""
    return identify(connection, services.settings.cors_origins, query_token=token)
