"""An index of the few entries that say where a session branched."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BRANCH = sa.text("kind = 'branch'")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_timeline_entries_branch",
        "timeline_entries",
        ["session_id", "seq"],
        sqlite_where=_BRANCH,
        postgresql_where=_BRANCH,
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_timeline_entries_branch", "timeline_entries")
