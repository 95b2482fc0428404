"""Accounts, teams, what they sign in with, stored invitations, the audit, and what a session lets people do."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *columns: sa.Column[Any] | sa.Constraint) -> None:
    op.create_table(
        name,
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _public_id(table: str) -> tuple[sa.Column[str], sa.UniqueConstraint]:
    column = sa.Column("public_id", sa.String(32), nullable=False)
    return column, sa.UniqueConstraint("public_id", name=op.f(f"uq_{table}_public_id"))


def _secret(table: str) -> tuple[sa.Column[bytes], sa.UniqueConstraint]:
    column = sa.Column("secret_hash", sa.LargeBinary(32), nullable=False)
    return column, sa.UniqueConstraint("secret_hash", name=op.f(f"uq_{table}_secret_hash"))


def _account(table: str, *, nullable: bool = False) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = op.f(f"fk_{table}_account_id_accounts")
    constraint = sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=key, ondelete="CASCADE")
    return sa.Column("account_id", BIG_ID, nullable=nullable), constraint


def upgrade() -> None:
    """Make the tables; sessions made so far belong to no team, and whoever was invited so far is in."""
    _table(
        "teams",
        *_public_id("teams"),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    _table(
        "accounts",
        *_public_id("accounts"),
        sa.Column("team_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(254), nullable=False),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("subject", sa.String(300), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_accounts_team_id_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
        sa.UniqueConstraint("subject", name=op.f("uq_accounts_subject")),
        sa.CheckConstraint("role IN ('admin', 'interviewer')", name=op.f("ck_accounts_role")),
    )
    _table(
        "sign_ins",
        *_public_id("sign_ins"),
        *_account("sign_ins"),
        *_secret("sign_ins"),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_sign_ins_account_id", "sign_ins", ["account_id"])
    _table(
        "api_tokens",
        *_public_id("api_tokens"),
        *_account("api_tokens"),
        *_secret("api_tokens"),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write', 'admin')", name=op.f("ck_api_tokens_scope")),
    )
    op.create_index("ix_api_tokens_account_id", "api_tokens", ["account_id"])
    _table(
        "one_time_links",
        *_account("one_time_links", nullable=True),
        *_secret("one_time_links"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
    )
    _table(
        "audit_entries",
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("target", sa.String(254), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
    )
    op.create_index("ix_audit_entries_target", "audit_entries", ["target"])
    _table(
        "invitations",
        sa.Column("session_id", BIG_ID, nullable=False),
        sa.Column("serial", sa.String(16), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_invitations_session_id_sessions"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_invitations_session_id_serial", "invitations", ["session_id", "serial"], unique=True)
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("team_id", BIG_ID, nullable=True))
        sessions.add_column(sa.Column("created_by", BIG_ID, nullable=True))
        for name in ("waiting_room", "editing_locked", "running_locked"):
            sessions.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        sessions.add_column(sa.Column("candidate_keeps", sa.String(10), nullable=False, server_default="timeline"))
        sessions.create_foreign_key(op.f("fk_sessions_team_id_teams"), "teams", ["team_id"], ["id"])
        sessions.create_foreign_key(op.f("fk_sessions_created_by_accounts"), "accounts", ["created_by"], ["id"])
        sessions.create_check_constraint(
            op.f("ck_sessions_candidate_keeps"), "candidate_keeps IN ('timeline', 'code', 'nothing')"
        )
    op.create_index("ix_sessions_team_id", "sessions", ["team_id"])
    with op.batch_alter_table("participants") as participants:
        participants.add_column(sa.Column("account_id", BIG_ID, nullable=True))
        participants.add_column(sa.Column("invitation", sa.String(16), nullable=True))
        participants.add_column(sa.Column("generation", sa.Integer(), nullable=False, server_default="0"))
        for name in ("expires_at", "admitted_at", "removed_at"):
            participants.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        participants.create_foreign_key(
            op.f("fk_participants_account_id_accounts"), "accounts", ["account_id"], ["id"], ondelete="SET NULL"
        )
    op.execute("UPDATE participants SET admitted_at = created_at")


def downgrade() -> None:
    """Take all of it away; sessions and who was in them stay."""
    with op.batch_alter_table("participants") as participants:
        participants.drop_constraint(op.f("fk_participants_account_id_accounts"), type_="foreignkey")
        for name in ("removed_at", "admitted_at", "expires_at", "generation", "invitation", "account_id"):
            participants.drop_column(name)
    op.drop_index("ix_sessions_team_id", "sessions")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_constraint(op.f("ck_sessions_candidate_keeps"), type_="check")
        sessions.drop_constraint(op.f("fk_sessions_created_by_accounts"), type_="foreignkey")
        sessions.drop_constraint(op.f("fk_sessions_team_id_teams"), type_="foreignkey")
        for name in (
            *("candidate_keeps", "running_locked", "editing_locked", "waiting_room"),
            *("created_by", "team_id"),
        ):
            sessions.drop_column(name)
    for table in ("invitations", "audit_entries", "one_time_links", "api_tokens", "sign_ins", "accounts", "teams"):
        op.drop_table(table)
