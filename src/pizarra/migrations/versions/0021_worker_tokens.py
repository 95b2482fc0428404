"""What workers on other machines show to be let in."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let nobody in yet."""
    op.create_table(
        "worker_tokens",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_worker_tokens"),
        sa.UniqueConstraint("public_id", name="uq_worker_tokens_public_id"),
        sa.UniqueConstraint("secret_hash", name="uq_worker_tokens_secret_hash"),
    )


def downgrade() -> None:
    """Let nobody in any more."""
    op.drop_table("worker_tokens")
