"""What commands about an installation share: where it is, what may be in the way, and how that is said."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import ValidationError

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


def read_settings(**given: object) -> Settings:
    """Return the settings of the environment, with what was typed on top.

    Raises:
        Exit: one is wrong, and was named.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        about = f"the setting {name} is wrong: " if name else ""  # else it is of several
        raise fail(f"{about}{first['msg'].removeprefix('Value error, ')}") from None


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

    settings = read_settings(data_dir=data_dir, database_url=database_url)

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
