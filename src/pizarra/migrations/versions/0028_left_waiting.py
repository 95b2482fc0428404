"""When somebody left the waiting room: they stood in the list of who waits, with nobody there."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
oldest_program = "0022"


def upgrade() -> None:
    """Nobody has left, as far as is known."""
    op.add_column("participants", sa.Column("left_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Who left stands in the list again."""
    op.drop_column("participants", "left_at")
