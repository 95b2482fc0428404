"""Snapshots remember who owns which Yjs client id."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; snapshots taken before know no owners."""
    op.add_column("snapshots", sa.Column("owners", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("snapshots", "owners")
