"""Which programs may work on a database that is ahead of them, so that processes can be replaced one after another.

Each migration says in `oldest_program` which is the oldest revision whose program may go on; one that says nothing
asks for its own. What holds for all of them together is written beside the revision by whoever migrates, for only the
newer program knows it. An embedded database has one program at a time, and is exactly at its revision.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, inspect, text

from pizarra.models import Base

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

_FIRST = "0022"  # that has room for it

# All its columns: one of an older revision has fewer.
READ = text("SELECT * FROM alembic_version")


class Standing(NamedTuple):
    """Where a database is; `oldest_program` is the oldest revision whose program may work on it, if that is known."""

    revision: str
    oldest_program: str | None

    def lets(self, revision: str) -> bool:
        """Tell whether a program of an older `revision` may work on it."""
        oldest = self.oldest_program
        return (
            oldest is not None
            and oldest.isdecimal()
            and self.revision.isdecimal()
            and int(oldest) <= int(revision) < int(self.revision)
        )


def read_standing(connection: Connection) -> Standing | None:
    """Return where a database is; None for one that holds nothing of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(READ).mappings().first()
    return standing_of(row) if row is not None else None


def standing_of(row: Any) -> Standing:
    """Return what the row of a database says, a mapping."""
    return Standing(row["version_num"], row.get("oldest_program"))


def oldest_program(script: "ScriptDirectory", revision: str) -> str:
    """Return the oldest revision whose program may work on a database at `revision`."""
    return max(
        getattr(each.module, "oldest_program", each.revision)
        for each in script.walk_revisions("base", revision)
    )


def write_oldest_program(
    script: "ScriptDirectory", ctx: "MigrationContext", heads: Collection[str]
) -> None:
    """Write it beside the revision after a step of a migration, up or down, in its transaction."""
    revision = max(heads, default="")
    if revision >= _FIRST:
        assert ctx.connection is not None
        ctx.connection.execute(
            text("UPDATE alembic_version SET oldest_program = :oldest"),
            {"oldest": oldest_program(script, revision)},
        )


def other_columns(connection: Connection) -> tuple[list[str], list[str]]:
    """Return the tables and columns that this program needs and are not there, and those it would leave empty.

    The latter must have a value, have none by themselves, and are unknown here.
    """
    there = {
        name: {column["name"]: column for column in columns}
        for (_schema, name), columns in inspect(connection).get_multi_columns().items()
    }
    missing, unfilled = set(), set()
    for table in Base.metadata.sorted_tables:
        found = there.get(table.name, {})
        for column in table.columns:
            if column.name not in found:
                missing.add(f"{table.name}.{column.name}" if found else table.name)
        for name, about in found.items():
            if name not in table.columns and not about["nullable"] and _stays_empty(about):
                unfilled.add(f"{table.name}.{name}")
    return sorted(missing), sorted(unfilled)


def _stays_empty(column: Any) -> bool:
    return not any(column.get(source) for source in ("default", "identity", "computed"))
