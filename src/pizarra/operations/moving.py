"""`pizarra db move`: what an embedded installation has recorded goes to PostgreSQL, all of it or nothing."""

import asyncio
import contextlib
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from sqlalchemy import Connection, Row, StaticPool, Table, create_engine, func, insert, select, text

from pizarra.access.signing_key import has_signing_key
from pizarra.config import Settings
from pizarra.database import connect
from pizarra.kit.text import counted
from pizarra.migrations import migrate
from pizarra.models import Base, ConnectedPerson, Node
from pizarra.operations.backups import BackupError, unused
from pizarra.operations.export_commands import Here, verify_database
from pizarra.operations.installation import fail
from pizarra.storage.addresses import DatabaseUrlError, database_url, without_secret
from pizarra.storage.failures import DATABASE_ERRORS, reason_of

_BATCH_ROWS = 500
_BATCH_BYTES = 4 * 1024 * 1024
_PROGRESS_SECONDS = 1.0

Progress = Callable[[str, int, int], None]  # of a table: rows there, of how many


class MoveError(RuntimeError):
    """It cannot be done, and nothing was moved; the message says why."""


@dataclass(frozen=True, slots=True)
class _Content:
    """How many rows a table has, and a digest of them in whatever order."""

    rows: int = 0
    digest: int = 0

    def with_row(self, row: Sequence[Any]) -> "_Content":
        return _Content(self.rows + 1, (self.digest + _digest(row)) % 2**256)


def move(settings: Settings, to: str) -> None:
    """Move everything from SQLite to an empty PostgreSQL database, and say what came of it.

    Raises:
        Exit: something is in the way, or the logs are not what was recorded; it was said.
    """
    there = settings.model_copy(update={"database_url": to})
    last_told = time.monotonic()

    def tell(table: str, done: int, rows: int) -> None:
        nonlocal last_told
        if done == rows or time.monotonic() - last_told > _PROGRESS_SECONDS:
            last_told = time.monotonic()
            typer.echo(f"{table}: {done:,} of {counted(rows, 'row')}", err=True)

    try:
        asyncio.run(_move(settings.model_copy(update={"database_url": None}), there, tell))
    except (MoveError, BackupError, migrate.SchemaError, DatabaseUrlError) as error:
        raise fail(f"nothing was moved: {error}") from None
    except (sqlite3.Error, *DATABASE_ERRORS) as error:
        raise fail(f"nothing was moved: {reason_of(error)}") from None
    except KeyboardInterrupt:
        typer.echo("pizarra: interrupted: nothing was moved", err=True)
        raise typer.Exit(130) from None
    where = f"{without_secret(database_url(there))} holds exactly what SQLite holds"
    if not asyncio.run(_verify(there)):
        raise fail(f"{where}; but the logs are not what was recorded, here as there: see above")
    typer.echo(
        f"{where}. Start with DATABASE_URL and the same data directory: {settings.key_path} belongs to it. "
        f"{settings.sqlite_path} was left as it is, and is of no use any more."
    )


async def _move(here: Settings, there: Settings, tell: Progress) -> None:
    source, target = connect(here), connect(there)
    try:
        if target.is_sqlite:
            raise MoveError(
                "--to takes a PostgreSQL database: postgresql://user:password@host/name"
            )
        await migrate.require(source)
        if not has_signing_key(here):
            raise MoveError(
                f"{here.key_path} is not there: without it nobody could say whether the logs are whole"
            )
        await source.dispose()
        await migrate.prepare(target)
        with unused(here.sqlite_path) as opened, _reading(opened) as reader:
            async with target.engine.begin() as connection:
                await connection.run_sync(_copy, reader, tell)
    finally:
        await source.dispose()
        await target.dispose()


async def _verify(there: Settings) -> bool:
    target = connect(there)
    try:
        return await verify_database(Here(target, there), None)
    finally:
        await target.dispose()


@contextlib.contextmanager
def _reading(opened: sqlite3.Connection) -> Iterator[Connection]:
    engine = create_engine("sqlite://", creator=lambda: opened, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _copy(target: Connection, source: Connection, tell: Progress) -> None:
    """Copy every table in one transaction, and compare what is there then with what was read.

    Raises:
        MoveError: the target is not empty, or holds something else than what was written.
    """
    # who serves here, and whom, is not what was recorded, and does not serve there
    serving = (Node.__table__, ConnectedPerson.__table__)
    tables = [each for each in Base.metadata.sorted_tables if each not in serving]
    names = ", ".join(table.name for table in tables)
    target.execute(text("SET LOCAL lock_timeout = '5s'"))
    target.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))  # a server may be there already
    target.execute(text("SET LOCAL lock_timeout = DEFAULT"))
    for table in tables:
        if there := _count(target, table):
            raise MoveError(f"the target is not empty: {table.name} has {counted(there, 'row')}")
    read = {table.name: _copy_table(target, source, table, tell) for table in tables}
    for table in tables:
        found = _Content()
        for rows in _rows(target, table):
            for row in rows:
                found = found.with_row(row)
        if found != read[table.name]:
            rows_read = counted(read[table.name].rows, "row")
            raise MoveError(
                f"of {table.name} SQLite has {rows_read}, and what PostgreSQL has is not the same"
            )
        tell(f"{table.name} compared", found.rows, found.rows)
    for table in tables:
        if (column := table.autoincrement_column) is not None and read[table.name].rows:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            target.execute(
                select(func.setval(sequence, select(func.max(column)).scalar_subquery()))
            )


def _copy_table(target: Connection, source: Connection, table: Table, tell: Progress) -> _Content:
    total, content = _count(source, table), _Content()
    for rows in _rows(source, table):
        for row in rows:
            content = content.with_row(row)
        target.execute(insert(table), [row._asdict() for row in rows])
        tell(table.name, content.rows, total)
    return content


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _rows(connection: Connection, table: Table) -> Iterator[list[Row[Any]]]:
    """Yield a table's rows, by their keys, in batches of bounded weight."""
    batch: list[Row[Any]] = []
    weight = 0
    options = {"stream_results": True, "max_row_buffer": 20}
    with connection.execute(
        select(table).order_by(*table.primary_key), execution_options=options
    ) as result:
        for row in result:
            batch.append(row)
            weight += sum(map(_weight, row))
            if len(batch) >= _BATCH_ROWS or weight >= _BATCH_BYTES:
                yield batch
                batch, weight = [], 0
    if batch:
        yield batch


def _weight(value: object) -> int:
    """Return about how many bytes a value is; what was JSON is weighed as that."""
    if isinstance(value, dict | list):
        return len(json.dumps(value))
    return len(value) if isinstance(value, bytes | str) else 8


def _digest(row: Sequence[Any]) -> int:
    whole = hashlib.sha256()
    for value in row:
        if isinstance(value, bytes):
            kind, content = b"b", value
        else:
            kind, content = b"v", json.dumps(value, sort_keys=True, default=str).encode()
        whole.update(b"%b%d:" % (kind, len(content)))
        whole.update(content)
    return int.from_bytes(whole.digest())
