"""How much a session has recorded: counted from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; what was recorded before does not count."""
    op.add_column("sessions", sa.Column("log_bytes", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("log_bytes")
