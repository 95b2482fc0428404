"""Bring a database's schema to this program's version, back, or tell how far apart they are."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from pizarra.database import Database, without_secret
from pizarra.models import Base
from pizarra.storage.sqlite import copy_database

# Alembic takes a third of a second to import, and most starts have nothing to migrate
if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent
_ADVISORY_LOCK = 0x70697A61  # "piza": two processes never migrate one PostgreSQL at the same time


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


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def current_revision(database: Database) -> str | None:
    """Return the revision of the database, or None for one that holds nothing of ours."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_current)


async def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision`; SQLite is copied before.

    Raises:
        SchemaError: the database was written by a newer Pizarra, or cannot be copied.
    """

    from alembic import command

    await keep_copy(database, revision)

    def run(connection: Connection) -> None:
        _lock(connection)
        current = _current(connection)
        if current is not None and current not in revisions():
            raise SchemaError(newer_message(current))
        command.upgrade(_config(connection), revision)

    await in_transaction(database, run)


async def downgrade(database: Database, revision: str) -> None:
    """Go back to `revision`; `base` removes every table. SQLite is copied before.

    Raises:
        SchemaError: it cannot be copied.
    """

    from alembic import command

    await keep_copy(database, revision)

    def run(connection: Connection) -> None:
        _lock(connection)
        command.downgrade(_config(connection), revision)

    await in_transaction(database, run)


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
    behind its administrator's back.

    Raises:
        SchemaError: the database is newer than the program, or behind and not ours to upgrade, or its tables are not
            those of its revision.
    """
    current = await current_revision(database)
    if current is None:
        await _refuse_foreign_tables(database)
    elif current == head_revision():
        await refuse_other_tables(database)
        return
    elif not database.is_sqlite or current not in revisions():
        raise SchemaError(mismatch_message(current))
    await upgrade(database)


async def require(database: Database, *, may_create: bool = False) -> None:
    """Look whether a command can use the database as it is: an older server may be using it, so nothing is migrated.

    A command that adds something `may_create` a database where there is none.

    Raises:
        SchemaError: there is none, or it is not of this program's version; what to do.
    """
    if may_create and await _revision_there(database) is None:
        await prepare(database)
        return
    current = await require_some(database)
    if current != head_revision():
        raise SchemaError(mismatch_message(current))
    await refuse_other_tables(database)


async def require_some(database: Database) -> str:
    """Return the revision of a database that holds something of ours; none is made.

    Raises:
        SchemaError: there is none.
    """
    current = await _revision_there(database)
    if current is None:
        where = database.url.database if database.is_sqlite else without_secret(database.url)
        raise SchemaError(
            f"There is no database of Pizarra's at {where}. Name another with --data-dir or DATABASE_URL; "
            "`pizarra serve` makes one."
        )
    return current


async def _revision_there(database: Database) -> str | None:
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        return None  # to ask would make it
    return await current_revision(database)


async def refuse_other_tables(database: Database) -> None:
    """Look whether every table has its columns: a revision's number alone does not tell.

    Raises:
        SchemaError: something is missing; what it is.
    """

    def missing_in(connection: Connection) -> list[str]:
        there = inspect(connection).get_multi_columns()
        found = {
            name: {column["name"] for column in columns}
            for (_schema, name), columns in there.items()
        }
        return [
            f"{table.name}.{column.name}" if table.name in found else table.name
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if column.name not in found.get(table.name, ())
        ]

    async with database.engine.connect() as connection:
        missing = sorted(set(await connection.run_sync(missing_in)))
    if missing:
        raise SchemaError(
            f"The database says that it is at revision {head_revision()}, but has no {', '.join(missing[:5])}: "
            "it was made by an unfinished Pizarra, or changed by hand. Restore a backup, or add what is missing."
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
    return (
        f"The database is at revision {revision}, this program needs {head_revision()}. "
        "Stop the server, make a backup, then run: pizarra db upgrade"
    )


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
    current = await _revision_there(database)
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
        path.parent.glob(f"{path.name}.*Z.bak"), key=lambda each: each.name.partition("-")[2]
    )
    for old in copies[: -database.migration_copies]:
        old.unlink(missing_ok=True)


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


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
