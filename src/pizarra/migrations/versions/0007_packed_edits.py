"""Old edits lie packed in chunks. Going back unpacks them."""

import sqlalchemy as sa
from alembic import op

from pizarra.timeline.chunks import unpack

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table; nothing is packed yet."""
    op.create_table(
        "timeline_chunks",
        sa.Column("session_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_timeline_chunks_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "last", name=op.f("pk_timeline_chunks")),
    )
    op.add_column("sessions", sa.Column("packed_to", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Write every edit as a row again."""
    entries = sa.table(
        "timeline_entries",
        *(sa.column(name) for name in ("session_id", "seq", "at", "kind", "participant_id", "update", "data")),
        sa.column("gap", sa.Boolean()),
    )
    connection = op.get_bind()
    keys = connection.execute(sa.text("SELECT session_id, last FROM timeline_chunks")).all()
    one = sa.text("SELECT packed FROM timeline_chunks WHERE session_id = :key AND last = :last")
    for key, last in keys:
        packed = connection.execute(one, {"key": key, "last": last}).scalar_one()
        rows = [
            {
                "session_id": key,
                "seq": seq,
                "at": at,
                "kind": "edit",
                "participant_id": who,
                "update": change,
                "gap": False,
            }
            for seq, at, who, change in unpack(bytes(packed))
        ]
        if rows:
            connection.execute(sa.insert(entries), rows)
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("packed_to")
    op.drop_table("timeline_chunks")
