"""The processes that serve a database, and which of them follows a run."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Know of no process yet: none serves while the schema changes, so nobody follows the runs that there are."""
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("key_hash", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_nodes"),
    )
    op.add_column("runs", sa.Column("node", sa.String(32), nullable=True))
    op.create_index(
        "ix_runs_unfinished",
        "runs",
        ["node"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_index("ix_runs_unfinished", "runs")
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("node")
    op.drop_table("nodes")
