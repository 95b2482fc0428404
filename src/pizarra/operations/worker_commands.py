"""`pizarra worker-token`: what workers on other machines show to be let in."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.operations.account_commands import ACTOR, in_database
from pizarra.operations.installation import DatabaseUrl, DataDir

worker_token_app = typer.Typer(help="What workers on other machines show.", no_args_is_help=True)


@worker_token_app.command("create")
def create_worker_token(
    name: Annotated[str, typer.Argument(help="Which worker it is for, such as its machine.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print a new token for a worker; it cannot be shown again."""
    from pizarra.access import worker_tokens
    from pizarra.access.audit import note
    from pizarra.kit.clock import utc_now

    async def work(db: AsyncSession) -> str:
        now = utc_now()
        token, secret = await worker_tokens.create_worker_token(db, now, name=name)
        about = {"actor": ACTOR, "address": "", "target": token.public_id}
        note(db, now, "worker_token.created", **about, name=token.name)
        return secret

    typer.echo(in_database(data_dir, database_url, work, adds=True))


@worker_token_app.command("list")
def list_worker_tokens(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List the tokens of workers that work."""
    from pizarra.access import worker_tokens

    async def work(db: AsyncSession) -> list[str]:
        lines = []
        for token in await worker_tokens.list_worker_tokens(db):
            used = (
                f"last connected {token.used_at:%Y-%m-%d %H:%M}"
                if token.used_at is not None
                else "never connected"
            )
            lines.append(f"{token.public_id}  {token.name}  {used}")
        return lines

    for line in in_database(data_dir, database_url, work) or ["There are no worker tokens."]:
        typer.echo(line)


@worker_token_app.command("revoke")
def revoke_worker_token(
    name: Annotated[str, typer.Argument(help="Its name or id, from `pizarra worker-token list`.")],
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a worker's tokens open nothing any more; whoever is connected by them is cut off within a second."""
    from pizarra.access import worker_tokens
    from pizarra.access.audit import note
    from pizarra.kit.clock import utc_now

    async def work(db: AsyncSession) -> None:
        now = utc_now()
        for token_id in await worker_tokens.revoke_worker_tokens(db, name, now):
            note(db, now, "worker_token.revoked", actor=ACTOR, address="", target=token_id)

    in_database(data_dir, database_url, work)
    typer.echo("The token opens nothing any more.")
