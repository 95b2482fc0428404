"""Which programs may work on a database that is ahead of them: beside the revision, where Alembic keeps it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say nothing yet: `migrations/compatibility.py` does, after each step."""
    op.add_column("alembic_version", sa.Column("oldest_program", sa.String(32), nullable=True))


def downgrade() -> None:
    """Say nothing any more."""
    op.drop_column("alembic_version", "oldest_program")
