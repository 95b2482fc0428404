"""What two administrators do at once, through whatever process: names stay one's own, and one of them stays."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.accounts import service as accounts
from pizarra.accounts import teams
from pizarra.accounts.oidc import Identity
from pizarra.accounts.oidc_routes import _account_of
from pizarra.accounts.parts import AccountParts
from pizarra.config import Settings
from pizarra.database import Database, connect
from pizarra.errors import Conflict, InvalidInput
from pizarra.kit.clock import utc_now
from pizarra.models import Account, AccountRole, Team

Work = Callable[[AsyncSession], Awaitable[Any]]


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """A database in which nobody has an account."""
    made = connect(Settings(database_url=postgres_url))
    yield made
    await made.dispose()


async def at_once(database: Database, first: Work, second: Work) -> Any:
    """Have the second work begin when the first is done and not committed; return what came of the second."""

    async def later() -> Any:
        async with database.write() as db:
            return await second(db)

    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with database.write() as db:
        await first(db)
        task = asyncio.create_task(later())
        async with database.engine.connect() as other:
            while not task.done() and not await other.scalar(waiting):
                await asyncio.sleep(0.01)
    return (await asyncio.gather(task, return_exceptions=True))[0]


async def add(
    db: AsyncSession, name: str, shown: str = "", role: AccountRole = AccountRole.INTERVIEWER
) -> Account:
    """Add an account to the first team."""
    team = await teams.first_team(db, utc_now())
    return await accounts.create_account(
        db, utc_now(), name=name, display_name=shown, role=role, team=team
    )


async def add_admins(database: Database, *names: str) -> None:
    async with database.write() as db:
        for name in names:
            await add(db, name, role=AccountRole.ADMIN)


async def test_the_last_two_administrators_do_not_take_each_other_away(database: Database) -> None:
    await add_admins(database, "ana", "bo")

    def without(name: str) -> Work:
        async def work(db: AsyncSession) -> None:
            account = await accounts.find_account(db, name)
            assert account is not None
            await accounts.set_disabled(db, account, utc_now())

        return work

    refused = await at_once(database, without("ana"), without("bo"))
    assert isinstance(refused, Conflict), refused
    async with database.read() as db:
        assert await accounts.has_administrator(db)


async def test_of_two_who_take_one_name_one_is_told(database: Database) -> None:
    await add_admins(database, "ana")

    async def add_account(db: AsyncSession) -> None:
        await add(db, "cleo")

    async def add_team(db: AsyncSession) -> None:
        await teams.create_team(db, utc_now(), name="Web")

    async def rename_team(db: AsyncSession) -> None:
        await teams.rename_team(db, await teams.first_team(db, utc_now()), "Data")
        await db.flush()

    async def add_data(db: AsyncSession) -> None:
        await teams.create_team(db, utc_now(), name="Data")

    for first, second in (
        (add_account, add_account),
        (add_team, add_team),
        (rename_team, add_data),
    ):
        refused = await at_once(database, first, second)
        assert isinstance(refused, Conflict), refused


async def test_who_comes_from_the_provider_twice_at_once_is_one_person(database: Database) -> None:
    settings = Settings(oidc_team="Guests")
    services = cast("AccountParts", SimpleNamespace(settings=settings, clock=utc_now))
    identity = Identity("https://login.example.org 7", "greta@example.org", "Greta")

    async def arrive(db: AsyncSession) -> str:
        return (await _account_of(db, services, identity)).public_id

    came = await at_once(database, arrive, arrive)
    async with database.read() as db:
        assert [each.public_id for each in await db.scalars(select(Account))] == [came]
        assert await db.scalar(select(func.count()).select_from(Team)) == 1


async def test_a_name_fits_however_it_came(database: Database) -> None:
    """A provider says what it likes, and who is shown by the first part of their address may have a long one."""
    await add_admins(database, "ana")

    async def shown_of(name: str, shown: str) -> str:
        async with database.write() as db:
            return (await add(db, name, shown)).display_name

    assert await shown_of(f"{'x' * 100}@example.org", "") == "x" * 80
    assert await shown_of("greta@example.org", "Greta " * 20) == ("Greta " * 20)[:80]
    with pytest.raises(InvalidInput, match="at most 254"):
        await shown_of("ß" * 254, "")
