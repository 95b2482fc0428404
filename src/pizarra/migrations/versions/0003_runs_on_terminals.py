"""Runs remember whether they had a terminal, and how long their compilation took."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; earlier runs had pipes and were not compiled."""
    op.add_column("runs", sa.Column("terminal", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("runs", sa.Column("compile_ms", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Forget them."""
    op.drop_column("runs", "compile_ms")
    op.drop_column("runs", "terminal")
