"""Bring a database's schema to this program's version, back, or tell how far apart they are."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from pizarra.database import Database
from pizarra.models import Base

if TYPE_CHECKING:  # Alembic takes a third of a second to import, and most starts have nothing to migrate
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
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
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


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
    """Upgrade to `revision`.

    Raises:
        SchemaError: the database was written by a newer Pizarra.
    """

    from alembic import command

    def run(connection: Connection) -> None:
        _lock(connection)
        current = _current(connection)
        if current is not None and current not in revisions():
            raise SchemaError(newer_message(current))
        command.upgrade(_config(connection), revision)

    await _in_transaction(database, run)


async def downgrade(database: Database, revision: str) -> None:
    """Go back to `revision`; `base` removes every table."""

    from alembic import command

    def run(connection: Connection) -> None:
        _lock(connection)
        command.downgrade(_config(connection), revision)

    await _in_transaction(database, run)


async def differences(database: Database) -> list[Any]:
    """Return what Alembic would still change; empty when tables and models agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

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
    if current is not None and current not in revisions():
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
