"""Alembic's entry point. The connection is handed over by `pizarra.migrate`; nothing is read from a file."""

from alembic import context

from pizarra.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
