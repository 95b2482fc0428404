"""Accounts and teams, as an administrator looks after them."""

from datetime import datetime, timedelta

from fastapi import Request, Response

from pizarra.access.accounts import Administrator, Signed, SignedIn
from pizarra.access.audit import Action, note
from pizarra.access.dependencies import InList, ReadSession, WriteSession
from pizarra.accounts import links, teams
from pizarra.accounts import service as accounts
from pizarra.accounts.parts import AccountParts, AccountPartsDep
from pizarra.accounts.routes import Id, to_read
from pizarra.accounts.schemas import (
    AccountCreate,
    AccountCreated,
    AccountRead,
    AccountUpdate,
    LinkRead,
    TeamCreate,
    TeamRead,
    TeamUpdate,
)
from pizarra.answers.codes import Code
from pizarra.errors import Conflict
from pizarra.http.addresses import welcome_url
from pizarra.http.router import Router
from pizarra.kit.text import visible
from pizarra.models import Account, AccountRole, Team
from pizarra.schemas import located, problems

router = Router(tag="accounts")


def _note(
    db: WriteSession, now: datetime, by: Signed, action: Action, target: str, **data: object
) -> None:
    note(
        db,
        now,
        action,
        actor=by.actor.name,
        address=by.caller.address,
        target=target,
        **data,
    )


async def _link(
    request: Request, db: WriteSession, services: AccountParts, account: Account
) -> LinkRead:
    now, hours = services.clock(), services.settings.account_link_hours
    secret = await links.make_link(db, now, account, hours * 60)
    return LinkRead(url=welcome_url(request, secret), expires_at=now + timedelta(hours=hours))


@router.get("/api/accounts", responses=problems(401, 403, 503))
async def list_accounts(_administrator: Administrator, db: ReadSession) -> list[AccountRead]:
    """List all accounts."""
    return [to_read(account, team) for account, team in await accounts.list_accounts(db)]


@router.post(
    "/api/accounts",
    status_code=201,
    dependencies=[InList],
    responses={**located(201, "/api/accounts"), **problems(401, 403, 404, 409, 413, 422, 503)},
)
async def create_account(
    request: Request,
    administrator: Administrator,
    db: WriteSession,
    services: AccountPartsDep,
    payload: AccountCreate,
) -> AccountCreated:
    """Create an account, and a link with which its person sets a password."""
    if payload.team_id is not None:
        team = await teams.get_team(db, payload.team_id)
    else:
        team = await teams.team_of(db, administrator.actor.team_id)
    account = await accounts.create_account(
        db,
        services.clock(),
        name=payload.name,
        display_name=payload.display_name,
        role=payload.role,
        team=team,
    )
    _note(
        db,
        services.clock(),
        administrator,
        "account.created",
        account.public_id,
        name=account.name,
        role=account.role,
    )
    return AccountCreated(
        account=to_read(account, team), link=await _link(request, db, services, account)
    )


@router.patch("/api/accounts/{account_id}", responses=problems(401, 403, 404, 409, 413, 422, 503))
async def update_account(
    administrator: Administrator,
    db: WriteSession,
    services: AccountPartsDep,
    account_id: Id,
    payload: AccountUpdate,
) -> AccountRead:
    """Change an account: its role, its team, or whether it is locked out. It holds at once, on open sockets too."""
    account = await accounts.get_account(db, account_id)
    changes: dict[str, str] = {}
    if payload.display_name is not None and visible(payload.display_name):
        account.display_name = visible(payload.display_name)
        changes["display_name"] = account.display_name
    if payload.role is not None and payload.role.value != account.role:
        if payload.role is not AccountRole.ADMIN:
            await accounts.require_another_admin(db, account, "role")
        account.role = changes["role"] = payload.role.value
    if payload.team_id is not None:
        team = await teams.get_team(db, payload.team_id)
        account.team_id, changes["team"] = team.id, team.name
    if changes:
        _note(
            db,
            services.clock(),
            administrator,
            "account.changed",
            account.public_id,
            name=account.name,
            **changes,
        )
    if payload.disabled is not None and payload.disabled != (account.disabled_at is not None):
        await accounts.set_disabled(db, account, services.clock() if payload.disabled else None)
        action: Action = "account.disabled" if payload.disabled else "account.enabled"
        _note(db, services.clock(), administrator, action, account.public_id, name=account.name)
    await db.flush()
    services.revalidation.look()
    return to_read(account, await teams.team_of(db, account.team_id))


@router.post(
    "/api/accounts/{account_id}/reset",
    status_code=201,
    responses={**located(201, "/api/accounts"), **problems(401, 403, 404, 409, 422, 503)},
)
async def reset_account(
    request: Request,
    response: Response,
    administrator: Administrator,
    db: WriteSession,
    services: AccountPartsDep,
    account_id: Id,
) -> LinkRead:
    """Make a link with which somebody sets a new password. Their browsers are signed out now,
    and their API tokens open nothing any more.
    """
    response.headers["Location"] = "/api/accounts"  # a link is in its own answer only
    account = await accounts.get_account(db, account_id)
    if account.disabled_at is not None:
        raise Conflict(
            "The account is locked out. Let it in again first.", code=Code.ACCOUNT_LOCKED_OUT
        )
    await accounts.set_password(db, account, None, services.clock())
    _note(
        db, services.clock(), administrator, "account.reset", account.public_id, name=account.name
    )
    services.revalidation.look()
    return await _link(request, db, services, account)


def _team_read(team: Team) -> TeamRead:
    return TeamRead(team_id=team.public_id, name=team.name, retention_days=team.retention_days)


@router.get("/api/teams", responses=problems(401, 503))
async def list_teams(signed: SignedIn, db: ReadSession) -> list[TeamRead]:
    """List the teams: all for administrators, for others their own."""
    only = None if signed.actor.role is AccountRole.ADMIN else signed.actor.team_id
    return [_team_read(team) for team in await teams.list_teams(db, only)]


@router.post(
    "/api/teams",
    status_code=201,
    dependencies=[InList],
    responses={**located(201, "/api/teams"), **problems(401, 403, 409, 413, 422, 503)},
)
async def create_team(
    administrator: Administrator, db: WriteSession, services: AccountPartsDep, payload: TeamCreate
) -> TeamRead:
    """Create a team. Its sessions are invisible to others."""
    team = await teams.create_team(
        db, services.clock(), name=payload.name, retention_days=payload.retention_days
    )
    _note(db, services.clock(), administrator, "team.created", team.public_id, name=team.name)
    return _team_read(team)


@router.patch("/api/teams/{team_id}", responses=problems(401, 403, 404, 409, 413, 422, 503))
async def update_team(
    administrator: Administrator,
    db: WriteSession,
    services: AccountPartsDep,
    team_id: Id,
    payload: TeamUpdate,
) -> TeamRead:
    """Rename a team, or change how long its ended sessions are kept."""
    team = await teams.get_team(db, team_id)
    if payload.name is not None:
        await teams.rename_team(db, team, payload.name)
    if payload.retention_days is not None:
        team.retention_days = payload.retention_days or None
    _note(
        db,
        services.clock(),
        administrator,
        "team.changed",
        team.public_id,
        name=team.name,
        retention_days=team.retention_days,
    )
    await db.flush()
    return _team_read(team)
