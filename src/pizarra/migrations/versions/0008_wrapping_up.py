"""Decisions, links to a replay, and the clock of an interview."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CLOCK = ("clock_started_at", "clock_minutes", "clock_steps", "clock_shown")


def _session(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = op.f(f"fk_{table}_session_id_sessions")
    constraint = sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=key, ondelete="CASCADE")
    return sa.Column("session_id", BIG_ID, autoincrement=False, nullable=False), constraint


def upgrade() -> None:
    """Make the tables, and the columns of the clock; no clock runs in sessions made so far."""
    op.create_table(
        "decisions",
        *_session("decisions"),
        sa.Column("participant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_decisions_participant_id_participants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "participant_id", name=op.f("pk_decisions")),
    )
    op.create_table(
        "replay_links",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *_session("replay_links"),
        sa.Column("serial", sa.String(16), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("with_notes", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_links")),
    )
    op.create_index("ix_replay_links_session_id_serial", "replay_links", ["session_id", "serial"], unique=True)
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("clock_started_at", sa.BigInteger(), nullable=True))
        sessions.add_column(sa.Column("clock_minutes", sa.Integer(), nullable=True))
        sessions.add_column(sa.Column("clock_steps", sa.JSON(), nullable=True))
        sessions.add_column(sa.Column("clock_shown", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take them away; what was decided stays in the interviewers' log."""
    with op.batch_alter_table("sessions") as sessions:
        for name in _CLOCK:
            sessions.drop_column(name)
    op.drop_index("ix_replay_links_session_id_serial", "replay_links")
    op.drop_table("replay_links")
    op.drop_table("decisions")
