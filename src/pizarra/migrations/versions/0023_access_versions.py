"""How often it changed who may be where: open sockets are looked at where that moved, and nowhere else.

On PostgreSQL the database counts, whoever changes something: no program can forget to. SQLite, which serves a few
hundred people, is asked about everybody; its tables are copied when they change, and would lose triggers by it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
oldest_program = "0022"

_TABLES = ("sessions", "accounts")
_FUNCTIONS = {
    "own_access_changed": "NEW.access_version := OLD.access_version + 1; RETURN NEW;",
    "access_of_session_changed": "UPDATE sessions SET access_version = access_version + 1 WHERE id = NEW.session_id; "
    "RETURN NULL;",
    "access_of_account_changed": "UPDATE accounts SET access_version = access_version + 1 WHERE id = OLD.account_id; "
    "RETURN NULL;",
}
# A sign-in whose time is over is known by the clock, and deleted with many others.
_IN_TIME = "WHEN (OLD.expires_at > extract(epoch FROM clock_timestamp()) * 1000000)"
_TRIGGERS = {
    "sessions": (
        "BEFORE UPDATE OF invitation_generation, editing_locked, team_id, created_by, erasing_since",
        "own_access_changed",
    ),
    "accounts": ("BEFORE UPDATE OF role, team_id, disabled_at", "own_access_changed"),
    "participants": (
        "AFTER UPDATE OF role, removed_at, admitted_at, invitation, generation, expires_at",
        "access_of_session_changed",
    ),
    "api_tokens": ("AFTER UPDATE OF revoked_at", "access_of_account_changed"),
    "sign_ins": ("AFTER DELETE", "access_of_account_changed"),
}


def upgrade() -> None:
    """Begin to count."""
    for table in _TABLES:
        op.add_column(table, sa.Column("access_version", sa.BigInteger(), nullable=False, server_default="0"))
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, body in _FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
    for table, (event, function) in _TRIGGERS.items():
        which = f"FOR EACH ROW {_IN_TIME if table == 'sign_ins' else ''}"
        op.execute(f"CREATE TRIGGER access_changed {event} ON {table} {which} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    """Count no more."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _TRIGGERS:
            op.execute(f"DROP TRIGGER access_changed ON {table}")
        for name in _FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
    for table in _TABLES:
        with op.batch_alter_table(table) as each:
            each.drop_column("access_version")
