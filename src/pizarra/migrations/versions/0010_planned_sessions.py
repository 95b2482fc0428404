"""When an interview is planned for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the instant; what there is was planned for no time."""
    op.add_column("sessions", sa.Column("starts_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("starts_at")
