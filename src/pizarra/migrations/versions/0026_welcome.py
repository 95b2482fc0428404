"""An index of the entries that a page is told of when it opens: they were looked for among all of a session."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
oldest_program = "0022"

_TOLD = (
    "kind = 'away' OR kind = 'explained' OR kind = 'paste' OR kind = 'said' "
    "OR kind = 'suggestion' OR kind = 'suggestion.answered'"
)


def upgrade() -> None:
    """Index those there are."""
    op.create_index(
        "ix_timeline_entries_welcome",
        "timeline_entries",
        ["session_id", "kind", "seq"],
        sqlite_where=sa.text(_TOLD),
        postgresql_where=sa.text(_TOLD),
    )


def downgrade() -> None:
    """Drop it: no row changes."""
    op.drop_index("ix_timeline_entries_welcome", "timeline_entries")
