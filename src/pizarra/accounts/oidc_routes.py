"""To the identity provider and back."""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypedDict

from fastapi import Query, Request, Response
from starlette.responses import RedirectResponse

from pizarra.access.audit import note
from pizarra.access.dependencies import CallerDep, WriteSession
from pizarra.accounts import service as accounts
from pizarra.accounts import signing, teams
from pizarra.accounts.oidc import Departure, Identity, Provider
from pizarra.accounts.parts import AccountParts, AccountPartsDep
from pizarra.answers.codes import Code
from pizarra.answers.wire import NO_HEAD
from pizarra.cluster.advisory_locks import AdvisoryLock, hold
from pizarra.errors import NotFound, Unauthorized
from pizarra.http.addresses import base_url
from pizarra.http.router import Router
from pizarra.models import Account, AccountRole
from pizarra.schemas import problems

router = Router(tag="accounts")

_COOKIE = "pizarra-oidc"
# Over TLS no other host of the domain can plant it, and have somebody come back as who left there. Its path is `/`.
_SECURE_COOKIE = f"__Host-{_COOKIE}"
_PATH = "/api/sign-in/oidc"
_COOKIE_SECONDS = 600
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
    responses={**_REDIRECT, **problems(403, 404, 429, 503)},
)
async def leave_for_provider(
    request: Request, caller: CallerDep, services: AccountPartsDep
) -> Response:
    """Go to the identity provider to sign in."""
    provider = _configured(services.oidc)
    await signing.count_attempt(services, caller)
    departure = await provider.depart(base_url(request) + f"{_PATH}/callback")
    until = int(services.clock().timestamp()) + _COOKIE_SECONDS
    payload = f"{departure.state}.{departure.nonce}.{departure.verifier}.{until}"
    response = RedirectResponse(departure.url, 303)
    response.set_cookie(
        value=services.signer.sign("oidc", payload), max_age=_COOKIE_SECONDS, **_cookie(request)
    )
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
    provider = _configured(services.oidc)
    # the provider's page sends us here
    await signing.count_attempt(services, replace(caller, own_origin=True))
    departure = _departure(services, request.cookies.get(_cookie(request)["key"]))
    if error is not None or code is None or departure is None or departure.state != state:
        raise Unauthorized(
            "The sign-in was called off, or took too long. Start again.",
            code=Code.SIGN_IN_CALLED_OFF,
        )
    identity = await provider.arrive(base_url(request) + f"{_PATH}/callback", code, departure)
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
    response = RedirectResponse("/", 303)
    response.delete_cookie(**_cookie(request))
    signing.set_cookie(request, response, services.settings.sign_in_days, secret)
    return response


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


def _departure(services: AccountParts, cookie: str | None) -> Departure | None:
    payload = services.signer.verify("oidc", cookie) if cookie is not None else None
    if payload is None:
        return None
    state, nonce, verifier, until = payload.split(".")
    return (
        Departure("", state, nonce, verifier) if int(until) > services.clock().timestamp() else None
    )


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
