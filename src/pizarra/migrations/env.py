"""Alembic's entry point. `migrations/migrate.py` hands its connection over; by hand, it is that of this environment."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection

from pizarra.migrations.compatibility import write_oldest_program
from pizarra.models import Base


def number(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """Give a new revision the next number: files and history are in one order."""
    from pizarra.migrations.migrate import head_revision

    for directive in directives:
        directive.rev_id = f"{int(head_revision()) + 1:04}"


def after_step(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    """Say which programs may work on what there is now."""
    write_oldest_program(context.script, ctx, heads)


def run(connection: Connection) -> None:
    """Do what was asked for on a connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite alters a table by copying it
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=False,
        process_revision_directives=number,
        on_version_apply=after_step,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_by_hand() -> None:
    """Do it on the database of this environment."""
    from pizarra.config import Settings
    from pizarra.database import connect
    from pizarra.migrations.migrate import in_transaction, keep_copy

    database = connect(Settings())
    asked = context.config.cmd_opts
    try:
        if asked is not None and asked.cmd[0].__name__ in ("upgrade", "downgrade"):
            await keep_copy(database, asked.revision)
        await in_transaction(database, run)
    finally:
        await database.dispose()


if (handed := context.config.attributes.get("connection")) is not None:
    run(handed)
elif context.is_offline_mode():
    raise SystemExit("Pizarra's migrations move data, so they need the database: leave --sql out.")
else:
    asyncio.run(run_by_hand())
