"""Bring a database's schema to this program's version, back, or tell how far apart they are."""

import asyncio
import glob
import logging
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from pizarra.database import Database
from pizarra.migrations.compatibility import (
    Standing,
    oldest_program,
    other_columns,
    read_standing,
)
from pizarra.models import Base
from pizarra.storage.addresses import without_secret
from pizarra.storage.sqlite import copy_database

# Alembic takes a third of a second to import, and most starts have nothing to migrate
if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent
_ADVISORY_LOCK = 0x70697A61  # "piza": two processes never migrate one PostgreSQL at the same time
_NOT_TO_BE_HAD = "55P03"  # PostgreSQL's number for a lock that was not given in time
# Everybody who wants a table waits behind whoever waits to change it, so that is given up before people notice much.
_LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '3s'")


class SchemaError(RuntimeError):
    """The database's schema does not fit this program; the message says what to do."""


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """Return the revisions this program knows, oldest first: the numbers their files begin with."""
    return sorted(
        path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py")
    )


def head_revision() -> str:
    """Return the revision this program needs."""
    return revisions()[-1]


async def current_revision(database: Database) -> str | None:
    """Return the revision of the database, or None for one that holds nothing of ours."""
    standing = await standing_of(database)
    return standing.revision if standing is not None else None


async def standing_of(database: Database) -> Standing | None:
    """Return where the database is, or None for one that holds nothing of ours."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(read_standing)


def is_served(database: Database, standing: Standing | None) -> bool:
    """Tell whether this program may work on a database: it is of its revision, or ahead, and says so."""
    head = head_revision()
    if standing is None or standing.revision == head:
        return standing is not None
    return not database.is_sqlite and standing.lets(head)


async def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision`; SQLite is copied before. One that is ahead, and lets this program work, stays as it is.

    Raises:
        SchemaError: there is no such revision, the database was written by a newer Pizarra or cannot be copied, or
            somebody keeps its tables.
    """

    from alembic import command

    await _require_known(database, revision)
    await keep_copy(database, revision)

    def run(connection: Connection) -> None:
        _lock(connection)
        standing = read_standing(connection)
        if standing is not None and standing.revision not in revisions():
            if revision == "head" and is_served(database, standing):
                return  # a rolling deploy that is taken back
            raise SchemaError(newer_message(standing.revision))
        command.upgrade(_config(connection), revision)

    await _migrate(database, run)


async def downgrade(database: Database, revision: str) -> None:
    """Go back to `revision`; `base` removes every table. SQLite is copied before.

    Raises:
        SchemaError: there is no such revision, it cannot be copied, or somebody keeps its tables.
    """

    from alembic import command

    await _require_known(database, revision)
    await keep_copy(database, revision)

    def run(connection: Connection) -> None:
        _lock(connection)
        command.downgrade(_config(connection), revision)

    await _migrate(database, run)


async def write_revision(database: Database, message: str) -> Path:
    """Write a new migration into the package: what the models have and the tables have not. Return its file."""
    from alembic import command

    written: list[Any] = []

    def run(connection: Connection) -> None:
        config = _config(connection)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        written.append(command.revision(config, message, autogenerate=True))

    await in_transaction(database, run)
    return Path(written[0].path)


async def differences(database: Database) -> list[Any]:
    """Return what Alembic would still change; empty when tables and models agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: list(
                compare_metadata(
                    MigrationContext.configure(
                        sync, opts={"compare_type": True, "compare_server_default": True}
                    ),
                    Base.metadata,
                )
            )
        )


async def prepare(database: Database) -> None:
    """Make the database ready to serve.

    The embedded one is always upgraded, and so is an empty PostgreSQL. A PostgreSQL with data is never migrated
    behind its administrator's back; one that is ahead may let this program serve.

    Raises:
        SchemaError: the database is newer than the program, or behind and not ours to upgrade, or its tables are not
            those of its revision.
    """
    standing = await standing_of(database)
    if standing is None:
        await _refuse_foreign_tables(database)
    elif is_served(database, standing):
        await refuse_other_tables(database, standing.revision)
        if standing.revision != head_revision():
            log.warning(
                "the database is ahead, at revision %s, and lets this program of %s serve: replace it soon",
                standing.revision,
                head_revision(),
            )
        return
    elif not database.is_sqlite or standing.revision not in revisions():
        raise SchemaError(mismatch_message(standing.revision))
    await upgrade(database)


async def require(database: Database, *, may_create: bool = False) -> None:
    """Look whether a command can use the database as it is: an older server may be using it, so nothing is migrated.

    A command that adds something `may_create` a database where there is none.

    Raises:
        SchemaError: there is none, or it is not of this program's version; what to do.
    """
    if may_create and await _standing_there(database) is None:
        await prepare(database)
        return
    standing = await _require_some(database)
    if not is_served(database, standing):
        raise SchemaError(mismatch_message(standing.revision))
    await refuse_other_tables(database, standing.revision)


async def require_some(database: Database) -> None:
    """Look whether a database holds something of ours; none is made.

    Raises:
        SchemaError: there is none.
    """
    await _require_some(database)


async def _require_some(database: Database) -> Standing:
    standing = await _standing_there(database)
    if standing is None:
        where = database.url.database if database.is_sqlite else without_secret(database.url)
        raise SchemaError(
            f"There is no database of Pizarra's at {where}. Name another with --data-dir or DATABASE_URL; "
            "`pizarra serve` makes one."
        )
    return standing


async def _standing_there(database: Database) -> Standing | None:
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        return None  # to ask would make it
    return await standing_of(database)


async def refuse_other_tables(database: Database, revision: str) -> None:
    """Look whether every table has its columns, and no more than this program fills: a number alone does not tell.

    Raises:
        SchemaError: something is missing, or would not be filled; what it is.
    """
    async with database.engine.connect() as connection:
        missing, unfilled = await connection.run_sync(other_columns)
    if missing:
        raise SchemaError(
            f"The database says that it is at revision {revision}, but has no {', '.join(missing[:5])}: "
            "it was made by an unfinished Pizarra, or changed by hand. Restore a backup, or add what is missing."
        )
    if unfilled:
        raise SchemaError(
            f"The database, at revision {revision}, wants values for {', '.join(unfilled[:5])}, which this program "
            "does not know. Install the Pizarra that wrote it, or take the columns away."
        )


async def _refuse_foreign_tables(database: Database) -> None:
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    taken = sorted(tables & set(Base.metadata.tables))
    if taken:
        raise SchemaError(
            f"The database has tables that Pizarra did not make ({', '.join(taken)}). "
            "Give Pizarra a database of its own."
        )


def mismatch_message(revision: str) -> str:
    """Say that the database is of another version than the program, and what to do."""
    if revision not in revisions():
        return newer_message(revision)
    told = f"The database is at revision {revision}, this program needs {head_revision()}."
    if _goes_on_with(revision):
        return (
            f"{told} Make a backup, then run: pizarra db upgrade. On PostgreSQL the servers that run may go on "
            "meanwhile."
        )
    return f"{told} Stop the server, make a backup, then run: pizarra db upgrade"


def _goes_on_with(revision: str) -> bool:
    """Tell whether programs of `revision` may work on a database that this one has upgraded."""
    from alembic.script import ScriptDirectory

    head = head_revision()
    standing = Standing(head, oldest_program(ScriptDirectory(_MIGRATIONS), head))
    return standing.lets(revision)


def newer_message(revision: str) -> str:
    """Say that the database is ahead of the program."""
    return (
        f"The database is newer than this program: it is at revision {revision}, which Pizarra's migrations do not "
        f"know (newest here: {head_revision()}). Install the Pizarra that wrote it, or restore a backup."
    )


async def keep_copy(database: Database, target: str) -> None:
    """Copy an embedded database that is about to be changed; the oldest copies beyond a few are removed."""
    if not database.is_sqlite or not database.migration_copies:
        return
    standing = await _standing_there(database)
    current = standing.revision if standing is not None else None
    if current is None or current == (head_revision() if target == "head" else target):
        return
    path = Path(str(database.url.database))
    name = f"{path.name}.{current}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.bak"
    try:
        await asyncio.to_thread(copy_database, path, path.with_name(name))
    except (OSError, sqlite3.Error) as error:
        raise SchemaError(
            f"{path} cannot be copied before its migration ({error}). Make room, or set PIZARRA_MIGRATION_COPIES=0."
        ) from error
    copies = sorted(
        path.parent.glob(f"{glob.escape(path.name)}.*Z.bak"),
        key=lambda each: each.name.rpartition("-")[2],  # when it was made
    )
    for old in copies[: -database.migration_copies]:
        old.unlink(missing_ok=True)


async def _require_known(database: Database, target: str) -> None:
    """Refuse a revision that is none before anything is copied: copies of nothing push out one that somebody needs."""
    known = revisions()
    if re.fullmatch(r"[+-]\d{1,4}", target):
        standing = await _standing_there(database)
        behind = standing.revision if standing is not None else None
        before = known.index(behind) if behind in known else -1
        if -1 <= before + int(target) < len(known):
            return
    elif target in ("head", "base") or sum(each.startswith(target) for each in known) == 1:
        return
    raise SchemaError(
        f"There is no revision {target}. There are {known[0]} to {known[-1]}, head, base, and -1 for one back."
    )


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.execute(_LOCK_TIMEOUT)


async def _migrate(database: Database, run: Any) -> None:
    try:
        await in_transaction(database, run)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_TO_BE_HAD:
            raise
        raise SchemaError(
            "Somebody keeps a table that is to be changed (a pg_dump, a long transaction): nothing was changed. "
            "Run it again when that has ended."
        ) from error


async def in_transaction(database: Database, run: Any) -> None:
    """Run what migrates in one transaction, as each database wants it."""
    engine = database.engine.execution_options(pizarra_begin="BEGIN IMMEDIATE")
    if not database.is_sqlite:
        async with engine.begin() as connection:
            await connection.run_sync(run)
        return
    # SQLite copies a table to alter it; with foreign keys on, dropping the original would delete its dependants.
    async with engine.connect() as connection:
        await connection.exec_driver_sql("ROLLBACK")
        await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            await connection.run_sync(run)
            await connection.commit()
        finally:
            await connection.invalidate()
