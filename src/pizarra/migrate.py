"""Bring a database's schema to this program's version, back, or tell how far apart they are."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from pizarra.database import Database
from pizarra.models import Base

_ADVISORY_LOCK = 0x70697A61  # "piza": two processes never migrate one PostgreSQL at the same time


class SchemaError(RuntimeError):
    """The database's schema does not fit this program; the message says what to do."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """Return the revision this program needs."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def _known(revision: str) -> bool:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return any(script.revision == revision for script in ScriptDirectory.from_config(config).walk_revisions())


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def current_revision(database: Database) -> str | None:
    """Return the revision of the database, or None for one that holds nothing of ours."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_current)


async def upgrade(database: Database, revision: str = "head") -> None:
    """Upgrade to `revision`.

    Raises:
        SchemaError: the database was written by a newer Pizarra.
    """

    def run(connection: Connection) -> None:
        _lock(connection)
        current = _current(connection)
        if current is not None and not _known(current):
            raise SchemaError(newer_message(current))
        command.upgrade(_config(connection), revision)

    await _in_transaction(database, run)


async def downgrade(database: Database, revision: str) -> None:
    """Go back to `revision`; `base` removes every table."""

    def run(connection: Connection) -> None:
        _lock(connection)
        command.downgrade(_config(connection), revision)

    await _in_transaction(database, run)


async def differences(database: Database) -> list[Any]:
    """Return what Alembic would still change; empty when tables and models agree."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: list(
                compare_metadata(
                    MigrationContext.configure(sync, opts={"compare_type": True, "compare_server_default": True}),
                    Base.metadata,
                )
            )
        )


async def prepare(database: Database) -> None:
    """Make the database ready to serve.

    The embedded one is always upgraded, and so is an empty PostgreSQL. A PostgreSQL with data is never migrated
    behind its administrator's back.

    Raises:
        SchemaError: the database is newer than the program, or behind and not ours to upgrade.
    """
    current = await current_revision(database)
    if current == head_revision():
        return
    if current is not None and not _known(current):
        raise SchemaError(newer_message(current))
    if current is not None and not database.is_sqlite:
        raise SchemaError(
            f"The database is at revision {current}, this program needs {head_revision()}. "
            "Make a backup, then run: pizarra db upgrade"
        )
    if current is None:
        await _refuse_foreign_tables(database)
    await upgrade(database)


async def _refuse_foreign_tables(database: Database) -> None:
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    taken = sorted(tables & set(Base.metadata.tables))
    if taken:
        raise SchemaError(
            f"The database has tables that Pizarra did not make ({', '.join(taken)}). "
            "Give Pizarra a database of its own."
        )


def newer_message(revision: str) -> str:
    """Say that the database is ahead of the program."""
    return (
        f"The database is newer than this program: it is at revision {revision}, which Pizarra's migrations do not "
        f"know (newest here: {head_revision()}). Install the Pizarra that wrote it, or restore a backup."
    )


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


async def _in_transaction(database: Database, run: Any) -> None:
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
