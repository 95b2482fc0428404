"""What questions are called in each language that they are told in, so that a list need not read them whole."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
oldest_program = "0022"


def upgrade() -> None:
    """Say it of each question as its newest version does. A program that does not know of it says nothing."""
    op.add_column("questions", sa.Column("titles", sa.JSON(), nullable=True))
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT q.id, CAST(v.content AS TEXT) FROM questions q JOIN question_versions v "
            "ON v.question_id = q.id AND v.number = q.version"
        )
    )
    titles = {key: _titles(json.loads(content)) for key, content in found}
    questions = sa.table("questions", sa.column("id", sa.BigInteger), sa.column("titles", sa.JSON))
    for key, told in titles.items():
        connection.execute(questions.update().where(questions.c.id == key).values(titles=told))


def _titles(content: dict[str, Any]) -> dict[str, str]:
    translations = content.get("translations") or {}
    told = {spoken: each["title"] for spoken, each in translations.items()}
    return {content.get("spoken", "en"): content["title"], **told}


def downgrade() -> None:
    """Forget it: versions say it too."""
    with op.batch_alter_table("questions") as questions:
        questions.drop_column("titles")
