"""Who owns which client id, and when a log was written last: known to every process at once."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Own no id yet: those in use are in the logs, and whoever loads a document learns them there."""
    op.create_table(
        "client_owners",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client", sa.BigInteger(), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_client_owners_session_id_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "client", name="pk_client_owners"),
        sqlite_with_rowid=False,
    )
    op.add_column("sessions", sa.Column("last_at", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("last_at")
    op.drop_table("client_owners")
