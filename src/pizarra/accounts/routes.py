"""Signing in and out, and what somebody has of their own: password, browsers, API tokens."""

from typing import Annotated

from fastapi import Path, Request, Response

from pizarra.access.accounts import InPerson, SignedIn
from pizarra.access.audit import Action, note
from pizarra.access.dependencies import CallerDep, InList, ReadSession, WriteSession
from pizarra.accounts import api_tokens, links, own, signing, teams
from pizarra.accounts import service as accounts
from pizarra.accounts.parts import AccountPartsDep
from pizarra.accounts.schemas import (
    AccountRead,
    LinkOf,
    LinkShown,
    LinkUse,
    Me,
    PasswordChange,
    SignInCreate,
    SignInRead,
    TokenCreate,
    TokenCreated,
    TokenRead,
)
from pizarra.answers.codes import Code
from pizarra.errors import InvalidInput
from pizarra.http.router import Router
from pizarra.models import Account, AccountRole, ApiToken, Scope, Team
from pizarra.schemas import located, problems

router = Router(tag="accounts")

Id = Annotated[
    str, Path(description="Its id.", examples=["0123456789abcdef0123456789abcdef"], max_length=64)
]


def to_read(account: Account, team: Team) -> AccountRead:
    """Return an account as the API shows it."""
    return AccountRead(
        account_id=account.public_id,
        name=account.name,
        display_name=account.display_name,
        role=AccountRole(account.role),
        team_id=team.public_id,
        team=team.name,
        disabled=account.disabled_at is not None,
        has_password=account.password_hash is not None,
        created_at=account.created_at,
    )


def token_read(token: ApiToken) -> TokenRead:
    """Return a token as the API shows it."""
    return TokenRead(
        token_id=token.public_id,
        name=token.name,
        scope=Scope(token.scope),
        created_at=token.created_at,
        used_at=token.used_at,
    )


@router.get("/api/me", responses=problems(503))
async def read_me(caller: CallerDep, db: ReadSession, services: AccountPartsDep) -> Me:
    """Tell who you are here, and how one gets in."""
    settings = services.settings
    account = None
    if caller.account is not None:
        found = await own.find_own(db, caller.account.id)
        account = to_read(*found) if found is not None else None
    return Me(
        auth="local" if settings.trusts_local else "accounts",
        is_owner=caller.is_owner,
        account=account,
        needs_setup=not settings.trusts_local and not await accounts.has_accounts(db),
        single_sign_on=settings.oidc_name if services.oidc is not None else None,
        min_password_length=settings.min_password_length,
    )


@router.post("/api/sign-in", status_code=204, responses=problems(401, 403, 413, 422, 429, 503))
async def sign_in(
    request: Request, caller: CallerDep, services: AccountPartsDep, payload: SignInCreate
) -> Response:
    """Sign in with a password. The answer sets a cookie."""
    account = await signing.check_password(services, payload.name, payload.password, caller)
    return await _signed_in(request, caller.address, services, account.id, account.password_hash)


@router.post("/api/welcome/link", responses=problems(403, 404, 413, 422, 429, 503))
async def read_link(caller: CallerDep, services: AccountPartsDep, payload: LinkShown) -> LinkOf:
    """Tell whose password a one-time link sets. It is not used by that, and its secret stands in no address."""
    await signing.count_attempt(services, caller)
    async with services.database.read() as db:
        account = await links.require_link(db, payload.token, services.clock())
    if account is None:
        return LinkOf(name=None, display_name=None)
    return LinkOf(name=account.name, display_name=account.display_name)


@router.post("/api/welcome", status_code=204, responses=problems(403, 404, 409, 413, 422, 429, 503))
async def use_link(
    request: Request, caller: CallerDep, services: AccountPartsDep, payload: LinkUse
) -> Response:
    """Set a password with a one-time link, and sign in. The first start's link creates the first account."""
    await signing.count_attempt(services, caller)
    now = services.clock()
    async with services.database.read() as db:
        whose = await links.require_link(db, payload.token, now)
    shown = payload.display_name or ""
    names = (payload.name or "", shown) if whose is None else (whose.name, whose.display_name)
    password_hash = await signing.hash_new_password(services, payload.password, *names)
    async with services.database.write() as db:
        account = await links.use_link(db, payload.token, now)
        action: Action = "password.changed" if account is not None else "setup"
        if account is None:
            if payload.name is None:
                raise InvalidInput(
                    "name: type what you want to sign in with", code=Code.NAME_MISSING
                )
            team = await teams.first_team(db, now)
            account = await accounts.create_account(
                db, now, name=payload.name, display_name=shown, role=AccountRole.ADMIN, team=team
            )
        note(
            db,
            now,
            action,
            actor=account.name,
            address=caller.address,
            target=account.public_id,
        )
        await accounts.set_password(db, account, password_hash, now)
        key = account.id
    services.revalidation.look()
    return await _signed_in(request, caller.address, services, key, password_hash)


async def _signed_in(
    request: Request,
    address: str,
    services: AccountPartsDep,
    account_id: int,
    verified: str | None,
) -> Response:
    now = services.clock()
    async with services.database.write() as db:
        account = await accounts.account_of(db, account_id)
        signing.require_same_password(account, verified)
        browser = request.headers.get("user-agent", "")
        secret = await accounts.sign_in(
            db, account, now, days=services.settings.sign_in_days, browser=browser
        )
        note(db, now, "sign_in", actor=account.name, address=address, target=account.public_id)
    response = Response(status_code=204)
    signing.set_cookie(request, response, services.settings.sign_in_days, secret)
    return response


@router.post("/api/sign-out", status_code=204, responses=problems(403, 503))
async def sign_out(caller: CallerDep, db: WriteSession, services: AccountPartsDep) -> Response:
    """Sign this browser out."""
    caller.require_own_origin()
    response = Response(status_code=204)
    signing.forget_cookie(response)
    if caller.account is not None and caller.account.sign_in_id is not None:
        await own.forget_sign_in(db, caller.account.id, caller.account.sign_in_id)
        note(db, services.clock(), "sign_out", actor=caller.label, address=caller.address)
        services.revalidation.look()
    return response


@router.put("/api/me/password", status_code=204, responses=problems(401, 403, 413, 422, 429, 503))
async def change_password(
    signed: InPerson, services: AccountPartsDep, payload: PasswordChange
) -> Response:
    """Change your password. Your other browsers are signed out, and your API tokens revoked."""
    actor, address = signed.actor, signed.caller.address
    known = await signing.check_password(
        services, actor.name, payload.old_password, signed.caller, own=True
    )
    password_hash = await signing.hash_new_password(
        services, payload.password, actor.name, actor.display_name
    )
    async with services.database.write() as db:
        account = await accounts.account_of(db, actor.id)
        signing.require_same_password(account, known.password_hash, own=True)
        await accounts.set_password(
            db, account, password_hash, services.clock(), but=actor.sign_in_id
        )
        note(
            db,
            services.clock(),
            "password.changed",
            actor=actor.name,
            address=address,
            target=actor.public_id,
        )
    services.revalidation.look()
    return Response(status_code=204)


@router.get("/api/me/sign-ins", responses=problems(401, 403, 503))
async def list_sign_ins(signed: InPerson, db: ReadSession) -> list[SignInRead]:
    """List the browsers in which you are signed in."""
    return [
        SignInRead(
            sign_in_id=each.public_id,
            browser=each.browser,
            created_at=each.created_at,
            used_at=each.used_at,
            is_this=each.id == signed.actor.sign_in_id,
        )
        for each in await own.list_sign_ins(db, signed.actor.id)
    ]


@router.delete(
    "/api/me/sign-ins/{sign_in_id}", status_code=204, responses=problems(401, 403, 404, 422, 503)
)
async def end_sign_in(
    signed: InPerson, db: WriteSession, services: AccountPartsDep, sign_in_id: Id
) -> Response:
    """Sign another browser of yours out."""
    await own.end_sign_in(db, signed.actor.id, sign_in_id)
    note(db, services.clock(), "sign_out", actor=signed.actor.name, address=signed.caller.address)
    services.revalidation.look()
    return Response(status_code=204)


@router.get("/api/me/tokens", responses=problems(401, 403, 503))
async def list_tokens(signed: InPerson, db: ReadSession) -> list[TokenRead]:
    """List your API tokens."""
    return [token_read(token) for token in await api_tokens.list_tokens(db, signed.actor.id)]


@router.post(
    "/api/me/tokens",
    status_code=201,
    dependencies=[InList],
    responses={**located(201, "/api/me/tokens"), **problems(401, 403, 413, 422, 503)},
)
async def create_token(
    signed: InPerson, db: WriteSession, services: AccountPartsDep, payload: TokenCreate
) -> TokenCreated:
    """Create an API token. Its secret is in this answer only."""
    now = services.clock()
    await accounts.hold_still(db, signed.actor)
    token, secret = await api_tokens.create_token(
        db, signed.actor.id, now, name=payload.name, scope=payload.scope
    )
    about = {"name": token.name, "scope": token.scope}
    note(
        db,
        now,
        "token.created",
        actor=signed.actor.name,
        address=signed.caller.address,
        target=token.public_id,
        **about,
    )
    return TokenCreated(**token_read(token).model_dump(), token=secret)


@router.delete(
    "/api/me/tokens/{token_id}", status_code=204, responses=problems(401, 403, 404, 422, 503)
)
async def revoke_token(
    signed: SignedIn, db: WriteSession, services: AccountPartsDep, token_id: Id
) -> Response:
    """Revoke an API token of yours."""
    now = services.clock()
    token = await api_tokens.revoke_token(db, token_id, now, account_id=signed.actor.id)
    note(
        db,
        now,
        "token.revoked",
        actor=signed.actor.name,
        address=signed.caller.address,
        target=token.public_id,
    )
    services.revalidation.look()
    return Response(status_code=204)
