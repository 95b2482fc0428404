"""What only one of the processes that serve a database does at a time.

These are locks of no row: whoever has one may write whatever rows they like meanwhile. They last as long as a
transaction, so a process that dies gives them back, and PgBouncer may stand between. On SQLite there is one process,
whose own locks do.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.database import Database

_INT4 = 0x7FFFFFFF  # two sessions whose keys have these bits in common wait for each other


class AdvisoryLock(IntEnum):
    """What is done in turn, each by its key."""

    BRANCH = 1  # of a session
    TESTS = 2  # of a session
    CHORE = 3  # by its place in `Chore`
    ACCOUNTS = 4  # which names there are of accounts and teams, and who looks after them; rows are locked before it
    ARRIVALS = 5  # of people who come from the identity provider for the first time
    LIBRARY = 6  # of a team, or the owner's: how many questions and plans it has


class Chore(IntEnum):
    """Background work that one process does for all."""

    ERASING = 1
    SEALING = 2
    PACKING = 3


@asynccontextmanager
async def in_turn(database: Database, what: AdvisoryLock, key: int) -> AsyncIterator[None]:
    """Wait until no other process is inside with the same `what` and `key`, and few of this one with any.

    Raises:
        DATABASE_ERRORS: the database is away, or somebody stays inside for too long.
    """
    if database.is_sqlite:
        yield
        return
    async with database.keeping_one, database.engine.connect() as connection:
        await connection.execute(select(func.pg_advisory_xact_lock(int(what), key & _INT4)))
        yield


async def hold(db: AsyncSession, what: AdvisoryLock, key: int = 0) -> None:
    """Wait until no other transaction holds the same; this one does until it ends, so what it looks at next stays so.

    On SQLite one transaction at a time writes.
    """
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(int(what), key & _INT4)))


@asynccontextmanager
async def if_free(database: Database, what: AdvisoryLock, key: int) -> AsyncIterator[bool]:
    """Tell whether no other process is inside with the same `what` and `key`; none will be before this ends.

    Raises:
        DATABASE_ERRORS: the database is away.
    """
    if database.is_sqlite:
        yield True
        return
    async with database.engine.connect() as connection:
        taken = await connection.scalar(
            select(func.pg_try_advisory_xact_lock(int(what), key & _INT4))
        )
        yield bool(taken)
