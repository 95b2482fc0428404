"""`pizarra user` and `pizarra token`: accounts from the command line of the server's machine."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.operations.installation import DatabaseUrl, DataDir, in_installation, read_settings

if TYPE_CHECKING:
    from pizarra.config import Settings
    from pizarra.database import Database

user_app = typer.Typer(help="Who may sign in.", no_args_is_help=True)
token_app = typer.Typer(help="What programs sign in with.", no_args_is_help=True)

T = TypeVar("T")

Name = Annotated[str, typer.Argument(help="What they sign in with, such as an e-mail address.")]
ACTOR = "command line"


def in_database(
    data_dir: Path | None,
    database_url: str | None,
    work: Callable[[AsyncSession], Awaitable[T]],
    *,
    adds: bool = False,
) -> T:
    """Run `work` in one transaction."""

    async def whole(database: "Database", _: "Settings") -> T:
        async with database.write() as db:
            return await work(db)

    return in_installation(data_dir, database_url, whole, adds=adds)


def _show_link(secret: str) -> None:
    settings = read_settings()
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    typer.echo(
        f"Send this link; it sets a password once, within {settings.account_link_hours} hours:"
    )
    typer.echo(f"  {base}/welcome#{secret}")
    if settings.trusts_local:
        typer.echo(
            "(A server with these settings trusts this computer and asks nobody to sign in: set PIZARRA_AUTH=accounts.)"
        )
    if settings.public_url is None:
        typer.echo(
            "(Others reach this server under another name? Put it in place, or set PIZARRA_PUBLIC_URL.)"
        )


@user_app.command("add")
def add_user(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="May look after accounts.")] = False,
    team: Annotated[
        str | None, typer.Option(help="Their team, made if there is none of that name.")
    ] = None,
    display_name: Annotated[str, typer.Option(help="How others see them.")] = "",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Let somebody sign in: prints a link with which they set a password."""
    from pizarra.access.audit import note
    from pizarra.accounts import links, teams
    from pizarra.accounts import service as accounts
    from pizarra.kit.clock import utc_now
    from pizarra.models import AccountRole

    async def work(db: AsyncSession) -> str:
        now, role = utc_now(), AccountRole.ADMIN if admin else AccountRole.INTERVIEWER
        if team is None:
            theirs = await teams.first_team(db, now)
        else:
            theirs = await teams.find_team(db, team) or await teams.create_team(db, now, name=team)
        account = await accounts.create_account(
            db, now, name=name, display_name=display_name, role=role, team=theirs
        )
        note(
            db,
            now,
            "account.created",
            actor=ACTOR,
            address="",
            target=account.public_id,
            name=account.name,
        )
        return await links.make_link(db, now, account, read_settings().account_link_hours * 60)

    secret = in_database(data_dir, database_url, work, adds=True)
    typer.echo(f"{name} may sign in once they have a password.")
    _show_link(secret)


@user_app.command("list")
def list_users(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List who may sign in."""
    from pizarra.accounts import service as accounts

    async def work(db: AsyncSession) -> list[tuple[str, str, str, str]]:
        rows = []
        for account, team in await accounts.list_accounts(db):
            password = (
                "can sign in" if account.password_hash or account.subject else "no password yet"
            )
            state = "disabled" if account.disabled_at is not None else password
            rows.append((account.name, account.role, team.name, state))
        return rows

    found = in_database(data_dir, database_url, work)
    if not found:
        typer.echo("Nobody may sign in yet. Add somebody: pizarra user add NAME --admin")
    widths = [max((len(row[column]) for row in found), default=0) for column in range(4)]
    for row in found:
        typer.echo(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _change(
    name: str, data_dir: Path | None, database_url: str | None, *, action: str
) -> str | None:
    from pizarra.access.audit import note
    from pizarra.accounts import links
    from pizarra.accounts import service as accounts
    from pizarra.errors import NotFound
    from pizarra.kit.clock import utc_now

    async def work(db: AsyncSession) -> str | None:
        now = utc_now()
        account = await accounts.find_account(db, name)
        if account is None:
            raise NotFound(f"There is no account {name}. See: pizarra user list")
        about = {"actor": ACTOR, "address": "", "target": account.public_id}
        if action == "reset":
            await accounts.set_password(db, account, None, now)
            note(db, now, "account.reset", **about)
            return await links.make_link(db, now, account, read_settings().account_link_hours * 60)
        await accounts.set_disabled(db, account, now if action == "disable" else None)
        note(db, now, "account.disabled" if action == "disable" else "account.enabled", **about)
        return None

    return in_database(data_dir, database_url, work)


@user_app.command("disable")
def disable_user(name: Name, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Lock somebody out: browsers, API tokens and open sockets within a second."""
    _change(name, data_dir, database_url, action="disable")
    typer.echo(f"{name} is locked out.")


@user_app.command("enable")
def enable_user(name: Name, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Let somebody in again who was locked out."""
    _change(name, data_dir, database_url, action="enable")
    typer.echo(f"{name} may sign in again.")


@user_app.command("reset")
def reset_user(name: Name, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Take somebody's password, sign-ins and API tokens away; print a link with which they set another password."""
    secret = _change(name, data_dir, database_url, action="reset")
    assert secret is not None
    _show_link(secret)


@token_app.command("create")
def create_token(
    user: Name,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[str, typer.Option(help="read, write or admin.")] = "read",
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print a new API token of somebody's; it cannot be shown again."""
    from pizarra.access.audit import note
    from pizarra.accounts import api_tokens
    from pizarra.accounts import service as accounts
    from pizarra.errors import InvalidInput, NotFound
    from pizarra.kit.clock import utc_now
    from pizarra.models import Scope

    async def work(db: AsyncSession) -> str:
        if scope not in list(Scope):
            raise InvalidInput(f"The scope is read, write or admin, not {scope}.")
        account = await accounts.find_account(db, user)
        if account is None:
            raise NotFound(f"There is no account {user}. See: pizarra user list")
        token, secret = await api_tokens.create_token(
            db, account.id, utc_now(), name=name, scope=Scope(scope)
        )
        about = {"name": token.name, "scope": scope}
        note(
            db,
            utc_now(),
            "token.created",
            actor=ACTOR,
            address="",
            target=token.public_id,
            **about,
        )
        return secret

    typer.echo(in_database(data_dir, database_url, work))


@token_app.command("list")
def list_tokens(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List the API tokens that work."""
    from pizarra.accounts import api_tokens
    from pizarra.models import Account

    async def work(db: AsyncSession) -> list[str]:
        lines = []
        for token in await api_tokens.list_tokens(db, None):
            owner = await db.get_one(Account, token.account_id)
            used = (
                f"last used {token.used_at:%Y-%m-%d %H:%M}"
                if token.used_at is not None
                else "never used"
            )
            lines.append(f"{token.public_id}  {owner.name}  {token.name}  {token.scope}  {used}")
        return lines

    for line in in_database(data_dir, database_url, work) or ["There are no API tokens."]:
        typer.echo(line)


@token_app.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(help="Its id, from `pizarra token list`.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an API token open nothing any more."""
    from pizarra.access.audit import note
    from pizarra.accounts import api_tokens
    from pizarra.kit.clock import utc_now

    async def work(db: AsyncSession) -> None:
        token = await api_tokens.revoke_token(db, token_id, utc_now(), account_id=None)
        note(db, utc_now(), "token.revoked", actor=ACTOR, address="", target=token.public_id)

    in_database(data_dir, database_url, work)
    typer.echo("The token opens nothing any more.")
