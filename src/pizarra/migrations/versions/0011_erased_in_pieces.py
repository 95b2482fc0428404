"""Sessions that are being erased, piece by piece."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add since when a session is being erased; none of those that there are is."""
    op.add_column("sessions", sa.Column("erasing_since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Erase what is left of them: the version before would show it."""
    op.execute("DELETE FROM sessions WHERE erasing_since IS NOT NULL")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("erasing_since")
