"""To the identity provider and back."""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypedDict

from fastapi import Query, Request, Response
from starlette.responses import RedirectResponse

from pizarra.access.audit import note
from pizarra.access.credentials import Caller
from pizarra.access.dependencies import CallerDep, WriteSession
from pizarra.accounts import departures, signing, teams
from pizarra.accounts import service as accounts
from pizarra.accounts.oidc import Identity, Provider
from pizarra.accounts.parts import AccountParts, AccountPartsDep
from pizarra.answers.codes import Code
from pizarra.answers.wire import NO_HEAD
from pizarra.cluster.advisory_locks import AdvisoryLock, hold
from pizarra.errors import AppError, NotFound, Unauthorized
from pizarra.http.addresses import base_url
from pizarra.http.router import Router
from pizarra.models import Account, AccountRole
from pizarra.schemas import problems

router = Router(tag="accounts")

_COOKIE = "pizarra-oidc"
# Over TLS no other host of the domain can plant it, and have somebody come back as who left there. Its path is `/`.
_SECURE_COOKIE = f"__Host-{_COOKIE}"
_PATH = "/api/sign-in/oidc"
_LOCATION = {
    "description": "Where to.",
    "schema": {"type": "string"},
    "example": "https://login.example.org/auth",
}
_REDIRECT: dict[int | str, dict[str, Any]] = {
    303: {"description": "Go there.", "headers": {"Location": _LOCATION}}
}


def _configured(provider: Provider | None) -> Provider:
    if provider is None:
        raise NotFound(
            "This server has no identity provider. Sign in with a password.",
            code=Code.NO_IDENTITY_PROVIDER,
        )
    return provider


@router.get(
    _PATH,
    status_code=303,
    dependencies=[NO_HEAD],
    response_class=RedirectResponse,
    responses={**_REDIRECT, **problems(403, 404, 422, 429, 503)},
)
async def leave_for_provider(
    request: Request,
    caller: CallerDep,
    services: AccountPartsDep,
    return_to: Annotated[
        str,
        Query(
            max_length=4000,
            description="The page's path to go on to afterwards; anything else leads to `/`.",
            examples=["/library"],
        ),
    ] = "/",
) -> Response:
    """Go to the identity provider to sign in."""
    path = departures.own_path(return_to)
    try:
        provider = _configured(services.oidc)
        await signing.count_attempt(services, caller)
        departure = await provider.depart(base_url(request) + f"{_PATH}/callback")
    except AppError as refusal:
        return _back(request, refusal, path)
    until = int(services.clock().timestamp()) + departures.SECONDS
    response = RedirectResponse(departure.url, 303)
    left = departures.Underway(departure, until, path)
    _keep(request, services, response, [*_underway(request, services), left])
    return response


@router.get(
    f"{_PATH}/callback",
    status_code=303,
    dependencies=[NO_HEAD],
    response_class=RedirectResponse,
    responses={**_REDIRECT, **problems(401, 404, 422, 429, 503)},
)
async def arrive_from_provider(
    request: Request,
    caller: CallerDep,
    services: AccountPartsDep,
    code: Annotated[
        str | None, Query(max_length=4000, description="The provider's code.", examples=["abc"])
    ] = None,
    state: Annotated[
        str | None, Query(max_length=200, description="What we sent along.", examples=["xyz"])
    ] = None,
    error: Annotated[
        str | None,
        Query(max_length=200, description="Why the provider refused.", examples=["access_denied"]),
    ] = None,
) -> Response:
    """Come back from the identity provider, signed in."""
    underway = _underway(request, services)
    left = next((each for each in underway if each.departure.state == state), None)
    try:
        provider = _configured(services.oidc)
        # the provider's page sends us here
        await signing.count_attempt(services, replace(caller, own_origin=True))
        if error is not None or code is None or left is None:
            raise Unauthorized(
                "The sign-in was called off, or took too long. Start again.",
                code=Code.SIGN_IN_CALLED_OFF,
            )
        callback = base_url(request) + f"{_PATH}/callback"
        identity = await provider.arrive(callback, code, left.departure)
        secret = await _sign_in(request, caller, services, identity)
    except AppError as refusal:
        return _back(request, refusal, left.return_to if left is not None else "/")
    response = RedirectResponse(left.return_to, 303)
    _keep(request, services, response, [each for each in underway if each is not left])
    signing.set_cookie(request, response, services.settings.sign_in_days, secret)
    return response


def _back(request: Request, refusal: AppError, path: str) -> Response:
    """Send a person back to the page, which says why and lets them try again; `#` keeps that out of logs.

    Raises:
        AppError: the same, to a program.
    """
    if "text/html" not in request.headers.get("accept", ""):
        raise refusal
    return RedirectResponse(f"{path}#refused={refusal.code}", 303)


async def _sign_in(
    request: Request, caller: Caller, services: AccountParts, identity: Identity
) -> str:
    """Sign in who came back, and return the browser's secret."""
    now = services.clock()
    async with services.database.write() as db:
        account = await _account_of(db, services, identity)
        browser = request.headers.get("user-agent", "")
        secret = await accounts.sign_in(
            db, account, now, days=services.settings.sign_in_days, browser=browser
        )
        note(
            db,
            now,
            "sign_in",
            actor=account.name,
            address=caller.address,
            target=account.public_id,
            by="oidc",
        )
    return secret


class _Cookie(TypedDict):
    key: str
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]  # the provider's redirect is a navigation from another site


def _cookie(request: Request) -> _Cookie:
    secure = request.url.scheme == "https"
    key, path = (_SECURE_COOKIE, "/") if secure else (_COOKIE, _PATH)
    return _Cookie(key=key, path=path, secure=secure, httponly=True, samesite="lax")


def _underway(request: Request, services: AccountParts) -> list[departures.Underway]:
    cookie = request.cookies.get(_cookie(request)["key"])
    return departures.read(services.signer, cookie, services.clock().timestamp())


def _keep(
    request: Request,
    services: AccountParts,
    response: Response,
    underway: list[departures.Underway],
) -> None:
    """Have the browser carry who is on the way: what one tab left with, another may not undo."""
    if not underway:
        response.delete_cookie(**_cookie(request))
        return
    value = departures.write(services.signer, underway)
    response.set_cookie(value=value, max_age=departures.SECONDS, **_cookie(request))


async def _account_of(db: WriteSession, services: AccountParts, identity: Identity) -> Account:
    """Return the account of somebody the provider vouches for.

    Raises:
        Unauthorized: they have none, or it is locked.
    """
    account = await accounts.find_subject(db, identity.subject)
    if account is None:
        await hold(db, AdvisoryLock.ARRIVALS)  # who comes twice at once is one person
        account = await accounts.find_subject(db, identity.subject)
    if account is None and identity.email is not None:
        account = await accounts.find_account(db, identity.email)
        if account is not None and account.subject is not None:
            account = None  # the address is somebody else's now
        elif account is not None:
            account.subject = identity.subject
    team_name = services.settings.oidc_team
    if account is None and identity.email is not None and team_name is not None:
        now = services.clock()
        team = await teams.find_team(db, team_name) or await teams.create_team(
            db, now, name=team_name
        )
        account = await accounts.create_account(
            db,
            now,
            name=identity.email,
            display_name=identity.name,
            role=AccountRole.INTERVIEWER,
            team=team,
        )
        account.subject = identity.subject
        note(
            db,
            now,
            "account.created",
            actor="server",
            address="",
            target=account.public_id,
            name=account.name,
        )
    if account is None or account.disabled_at is not None:
        raise Unauthorized(
            "You have no account here. Ask an administrator for one.", code=Code.NO_ACCOUNT
        )
    await db.flush()
    return account
