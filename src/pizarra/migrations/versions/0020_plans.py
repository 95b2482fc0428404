"""Plans of interviews, what sessions have of theirs, and when somebody's program first passed every secret case."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("team_id", BIG_ID, nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("rubric", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_plans_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("public_id", name=op.f("uq_plans_public_id")),
    )
    op.create_index("ix_plans_team_id", "plans", ["team_id"])
    op.create_table(
        "plan_steps",
        sa.Column("plan_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question_id", BIG_ID, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_plan_steps_plan_id_plans"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_plan_steps_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "place", name=op.f("pk_plan_steps")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_plan_steps_question_id", "plan_steps", ["question_id"])


def upgrade() -> None:
    """Make the tables; no session was planned by one, and of none it is known when a program first passed."""
    _plans()
    op.create_table(
        "session_plan_steps",
        sa.Column("session_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question_id", BIG_ID, nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name=op.f("fk_session_plan_steps_session_id_sessions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_session_plan_steps_question_id_questions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("session_id", "place", name=op.f("pk_session_plan_steps")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_plan_steps_question_id", "session_plan_steps", ["question_id"])
    op.add_column("session_problems", sa.Column("passed_at", sa.BigInteger(), nullable=True))
    op.add_column("questions", sa.Column("proven", sa.Boolean(), nullable=False, server_default=sa.false()))
    _say_what_is_proven()


def _say_what_is_proven() -> None:
    """Say of each question what the proof of its newest version says."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT q.id, CAST(v.proof AS TEXT) FROM questions q JOIN question_versions v "
            "ON v.question_id = q.id AND v.number = q.version WHERE v.proof IS NOT NULL"
        )
    )
    proven = [key for key, proof in found if (json.loads(proof) or {}).get("proven") is True]
    for key in proven:
        connection.execute(sa.text("UPDATE questions SET proven = true WHERE id = :key"), {"key": key})


def downgrade() -> None:
    """Forget all of it; sessions keep the questions that they were given, and their clocks."""
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("proven")
    with op.batch_alter_table("session_problems", table_kwargs={"sqlite_with_rowid": False}) as problems:
        problems.drop_column("passed_at")
    op.drop_index("ix_session_plan_steps_question_id", "session_plan_steps")
    op.drop_table("session_plan_steps")
    op.drop_index("ix_plan_steps_question_id", "plan_steps")
    op.drop_table("plan_steps")
    op.drop_index("ix_plans_team_id", "plans")
    op.drop_table("plans")
