"""Who is connected to which process, for the others."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
oldest_program = "0022"


def upgrade() -> None:
    """Nobody is yet."""
    op.create_table(
        "connected_people",
        sa.Column("node_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"], ["nodes.id"], name="fk_connected_people_node_id_nodes", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("node_id", "session_id", "participant_id", name="pk_connected_people"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_connected_people_session_id", "connected_people", ["session_id"])


def downgrade() -> None:
    """Nobody tells."""
    op.drop_table("connected_people")
