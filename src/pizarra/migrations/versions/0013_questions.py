"""Questions, their versions, and which of them sessions were given."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _questions() -> None:
    op.create_table(
        "questions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("team_id", BIG_ID, nullable=True),
        sa.Column("created_by", BIG_ID, nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("difficulty", sa.String(10), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("runnable", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('stdio', 'function', 'project')", name=op.f("ck_questions_kind")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_questions_team_id_teams")),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_questions_created_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_questions_public_id")),
    )
    op.create_index("ix_questions_team_id", "questions", ["team_id"])


def _versions() -> None:
    op.create_table(
        "question_versions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("question_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=True),
        sa.Column("created_by", BIG_ID, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_question_versions_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["created_by"], ["accounts.id"], name=op.f("fk_question_versions_created_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_versions")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_question_versions_question_id_number")),
    )


def upgrade() -> None:
    """Make the tables; what there is was given no question."""
    _questions()
    _versions()
    op.create_table(
        "session_problems",
        sa.Column("session_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version_id", BIG_ID, nullable=True),
        sa.Column("folder", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_session_problems_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["question_versions.id"],
            name=op.f("fk_session_problems_version_id_question_versions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_session_problems")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_problems_version_id", "session_problems", ["version_id"])


def downgrade() -> None:
    """Take them away; what everybody saw of a question stays on the timeline."""
    op.drop_index("ix_session_problems_version_id", "session_problems")
    op.drop_table("session_problems")
    op.drop_table("question_versions")
    op.drop_index("ix_questions_team_id", "questions")
    op.drop_table("questions")
