"""What commands about an installation share: where it is, what may be in the way, and how that is said."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pizarra.config import Settings
from pizarra.kit.text import in_one_line

if TYPE_CHECKING:
    from pizarra.database import Database

T = TypeVar("T")

DatabaseUrl = Annotated[
    str | None, typer.Option(help="PostgreSQL address; without one, SQLite in the data directory.")
]
DataDir = Annotated[
    Path | None, typer.Option(help="Where the embedded database and the signing key lie.")
]

_FULL = "the disk is full: make room, then do it again"


def fail(message: str) -> typer.Exit:
    """Say in one line what is in the way; raise what is returned."""
    typer.echo(f"pizarra: {in_one_line(message)}", err=True)
    return typer.Exit(1)


def in_installation(
    data_dir: Path | None,
    database_url: str | None,
    work: Callable[["Database", Settings], Awaitable[T]],
    *,
    adds: bool = False,
    needs_room: bool = False,
) -> T:
    """Do `work` with the database of the settings; what `adds` may be the first to be there.

    Raises:
        Exit: something is in the way, and was said.
    """
    from pizarra.access.disk import Disk
    from pizarra.database import connect
    from pizarra.errors import AppError, DiskFull
    from pizarra.migrations import migrate
    from pizarra.storage.addresses import DatabaseUrlError, without_secret
    from pizarra.storage.addresses import database_url as database_url_of
    from pizarra.storage.failures import DATABASE_ERRORS, reason_of, says_full

    given = {"data_dir": data_dir, "database_url": database_url}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]

    async def whole() -> T:
        database = connect(settings)
        try:
            if needs_room:
                Disk(settings).require()
            await migrate.require(database, may_create=adds)
            return await work(database, settings)
        finally:
            await database.dispose()

    try:
        return asyncio.run(whole())
    except DiskFull:
        raise fail(_FULL) from None
    except AppError as error:
        raise fail(error.detail) from None
    except (migrate.SchemaError, DatabaseUrlError) as error:
        raise fail(str(error)) from None
    except DATABASE_ERRORS as error:
        if says_full(error):
            raise fail(_FULL) from None
        where = without_secret(database_url_of(settings))
        raise fail(f"the database at {where} cannot be used: {reason_of(error)}") from None
