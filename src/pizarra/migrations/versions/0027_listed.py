"""An index of the sessions that lists show: to count them, all of every session was read."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
oldest_program = "0022"

_LISTED = "rehearsal_of IS NULL AND erasing_since IS NULL"


def upgrade() -> None:
    """Index those there are."""
    op.create_index(
        "ix_sessions_listed",
        "sessions",
        ["team_id", "status"],
        sqlite_where=sa.text(_LISTED),
        postgresql_where=sa.text(_LISTED),
    )


def downgrade() -> None:
    """Drop it: no row changes."""
    op.drop_index("ix_sessions_listed", "sessions")
