"""What routes take as parameters: transactions, callers, and access to a session."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from pizarra.access.credentials import Caller, identify
from pizarra.access.identity import find_actor
from pizarra.access.parts import Parts, parts_of
from pizarra.access.session_access import CODE_KEPT, Access, HostedAccess, find_access, find_hosted
from pizarra.access.tokens import read_access
from pizarra.answers.codes import Code
from pizarra.errors import Forbidden, InvalidCredential, NotFound, Unauthorized


async def locate_in_list(request: Request, response: Response) -> None:
    """Say where to read what was made when it has no address of its own: in the list it was posted to."""
    response.headers["Location"] = quote(request.scope["path"])


InList = Depends(locate_in_list)


async def get_read_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Give a database session for reading."""
    async with parts_of(request).database.read() as db:
        yield db


async def get_write_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Give a database session that is committed before the answer leaves."""
    async with parts_of(request).database.write() as db:
        yield db


# scope="function": a commit that fails must be able to turn the answer into a 5xx.
ReadSession = Annotated[AsyncSession, Depends(get_read_session, scope="function")]
WriteSession = Annotated[AsyncSession, Depends(get_write_session, scope="function")]


_OPENS_NOTHING = "This bearer token opens nothing (any more). Make or ask for a new one, or leave the header out."


async def get_caller(request: Request) -> Caller:
    """Tell who a request comes from."""
    return await caller_of(request)


async def caller_of(connection: HTTPConnection, token: str | None = None) -> Caller:
    """Tell who a request or a socket comes from; `token` is what a socket's address carries.

    Raises:
        Forbidden: an API token that only reads is used to change something.
        InvalidCredential: a request presents a bearer token that nobody was given, or that was revoked.
    """
    services = parts_of(connection)
    settings = services.settings
    caller = identify(
        connection, settings.own_origins, trusts_local=settings.trusts_local, query_token=token
    )
    if caller.sign_in is None and caller.bearer is None:
        return caller
    # Where the owner needs no sign-in an old cookie is nobody's; an API token was presented for this request.
    sign_in = None if settings.trusts_local else caller.sign_in
    actor = await find_actor(
        services.database, services.clock(), sign_in=sign_in, bearer=caller.bearer
    )
    if actor is None:
        if (
            caller.bearer is not None
            and token is None
            and read_access(services.signer, caller.bearer) is None
        ):
            raise InvalidCredential(_OPENS_NOTHING)
        return caller
    if not actor.may_write and connection.scope.get("method", "GET") not in ("GET", "HEAD"):
        raise Forbidden(
            "This API token may only read. Make one with the scope `write`.",
            code=Code.TOKEN_ONLY_READS,
        )
    return replace(caller, account=actor)


CallerDep = Annotated[Caller, Depends(get_caller)]


# Most dependencies below ask `caller_of` themselves: each step of FastAPI's resolution costs as much as a query.
async def get_interviewer(request: Request) -> Caller:
    """Give somebody who has sessions of their own: the owner of this computer, or an account.

    Raises:
        Unauthorized: nobody we know. Forbidden: a participant of some session.
    """
    caller = await caller_of(request)
    if caller.is_owner or caller.account is not None:
        return caller
    if caller.bearer is not None:
        await _require_current(parts_of(request), caller, caller.bearer)
        raise Forbidden(
            "Only interviewers can list or create sessions. This credential is for one session alone.",
            code=Code.INTERVIEWERS_ONLY,
        )
    if caller.cookies:
        raise Forbidden(
            "Only interviewers can list or create sessions. Leave the session you joined in this browser first.",
            code=Code.INTERVIEWERS_ONLY,
        )
    if caller.other_scheme:
        raise Unauthorized(
            "This request has an Authorization header of another scheme than Bearer, as one may that came through a "
            "proxy: so it is not taken for this computer's owner's. Leave the header out.",
            code=Code.SIGN_IN_FIRST,
        )
    raise Unauthorized(
        "Sign in to see your sessions. To take part in one, open the invitation you were sent.",
        code=Code.SIGN_IN_FIRST,
    )


async def _require_current(services: Parts, caller: Caller, bearer: str) -> None:
    """Refuse a credential whose person is not in its session any more.

    Raises:
        InvalidCredential: they are not.
    """
    known = read_access(services.signer, bearer)
    try:
        await find_access(services, caller, known[1] if known is not None else "")
    except NotFound:
        raise InvalidCredential(_OPENS_NOTHING) from None


Interviewer = Annotated[Caller, Depends(get_interviewer)]


SessionId = Annotated[
    str,
    Path(description="The session's `session_id`.", examples=["0123456789abcdef0123456789abcdef"]),
]


async def get_known_access(request: Request, session_id: SessionId) -> Access:
    """Give anybody's access to a session they are in: for what it is called and whether it has ended."""
    return await find_access(parts_of(request), await caller_of(request), session_id)


async def get_session_access(request: Request, session_id: SessionId) -> Access:
    """Give anybody's access to what is in a session, unless it has ended and leaves them nothing."""
    access = await get_known_access(request, session_id)
    access.require(*CODE_KEPT)
    return access


async def get_hosted_access(
    db: WriteSession, request: Request, caller: CallerDep, session_id: SessionId
) -> HostedAccess:
    """Give a host's access, in the transaction that will change the session."""
    return await find_hosted(db, parts_of(request), caller, session_id)


async def get_private_access(request: Request, session_id: SessionId) -> Access:
    """Give an interviewer's access to what only interviewers read."""
    access = await find_access(parts_of(request), await caller_of(request), session_id)
    if not access.role.may_host:
        raise Forbidden("Notes and scores are for interviewers.", code=Code.INTERVIEWERS_ONLY)
    return access


PrivateSession = Annotated[Access, Depends(get_private_access, scope="function")]
KnownSession = Annotated[Access, Depends(get_known_access, scope="function")]
ReadableSession = Annotated[Access, Depends(get_session_access, scope="function")]
HostedSession = Annotated[HostedAccess, Depends(get_hosted_access, scope="function")]
