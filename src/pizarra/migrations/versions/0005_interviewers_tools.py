"""The private log, scorecards, and what a session says of itself: whom it is for, its rules, its signals."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _session(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = op.f(f"fk_{table}_session_id_sessions")
    constraint = sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=key, ondelete="CASCADE")
    return sa.Column("session_id", BIG_ID, autoincrement=False, nullable=False), constraint


def upgrade() -> None:
    """Make the tables; sessions made so far tell nothing of people that they did not tell before."""
    op.create_table(
        "private_entries",
        *_session("private_entries"),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("participant_id", sa.BigInteger(), nullable=False),
        sa.Column("anchor", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_private_entries")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scorecards",
        *_session("scorecards"),
        sa.Column("participant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_scorecards_participant_id_participants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "participant_id", name=op.f("pk_scorecards")),
    )
    op.create_table(
        "seals",
        *_session("seals"),
        sa.Column("log", sa.String(10), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("link", sa.String(64), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "log", "seq", name=op.f("pk_seals")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("candidate_name", sa.String(80), nullable=True))
        sessions.add_column(sa.Column("signals", sa.String(10), nullable=False, server_default="all"))
        sessions.add_column(sa.Column("rules", sa.String(500), nullable=False, server_default=sa.text("''")))
        sessions.add_column(sa.Column("rubric", sa.JSON(), nullable=True))
        sessions.add_column(sa.Column("thinking_until", sa.BigInteger(), nullable=True))
        sessions.add_column(sa.Column("private_head", sa.BigInteger(), nullable=False, server_default="0"))
        sessions.add_column(sa.Column("rehearsal_of", BIG_ID, nullable=True))
        sessions.create_foreign_key(
            op.f("fk_sessions_rehearsal_of_sessions"), "sessions", ["rehearsal_of"], ["id"], ondelete="CASCADE"
        )
        sessions.create_check_constraint(op.f("ck_sessions_signals"), "signals IN ('all', 'pastes', 'none')")
    op.create_index("ix_sessions_rehearsal_of", "sessions", ["rehearsal_of"])
    # Snapshots are compressed from now on. They are a cache: the next load makes new ones.
    op.execute("DELETE FROM snapshots")
    # Who joined these was not told of signals.
    op.execute("UPDATE sessions SET signals = 'none'")


def downgrade() -> None:
    """Take all of it away; sessions stay."""
    op.execute("DELETE FROM snapshots")
    op.execute("DELETE FROM sessions WHERE rehearsal_of IS NOT NULL")
    op.drop_index("ix_sessions_rehearsal_of", "sessions")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_constraint(op.f("fk_sessions_rehearsal_of_sessions"), type_="foreignkey")
        sessions.drop_constraint(op.f("ck_sessions_signals"), type_="check")
        for name in ("rehearsal_of", "private_head", "thinking_until", "rubric", "rules", "signals", "candidate_name"):
            sessions.drop_column(name)
    op.drop_table("seals")
    op.drop_table("scorecards")
    op.drop_table("private_entries")
