"""Where the database is: from the settings to the address that SQLAlchemy takes, with our drivers."""

from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError

from pizarra.config import Settings
from pizarra.storage.postgres_address import AddressError, connect_arguments, describe, read_address


class DatabaseUrlError(ValueError):
    """The database address cannot be used; the message says what to write instead."""


def database_url(settings: Settings) -> URL:
    """Return the SQLAlchemy URL for `settings`, with our drivers filled in.

    Raises:
        DatabaseUrlError: the address does not parse, names another kind of database, or asks for what our driver
            cannot do.
    """
    if not settings.database_url:
        return URL.create("sqlite+embedded", database=str(settings.sqlite_path))
    try:
        url = read_address(settings.database_url)
    except ArgumentError as error:
        raise DatabaseUrlError(
            "The database URL does not parse. Write postgresql://user:password@host:5432/name, "
            "or leave it out to use the embedded SQLite database."
        ) from error
    kind = url.drivername.split("+")[0]
    if kind in ("postgres", "postgresql"):
        try:
            connect_arguments(url)
        except AddressError as error:
            raise DatabaseUrlError(str(error)) from error
        return url.set(drivername="postgresql+asyncpg")
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise DatabaseUrlError(
                "A SQLite URL names a file: sqlite:////var/lib/pizarra/pizarra.db"
            )
        return url.set(drivername="sqlite+embedded")
    raise DatabaseUrlError(
        f"Pizarra keeps its data in SQLite or PostgreSQL, not in {kind!r}. "
        "Write postgresql://user:password@host:5432/name, or leave the URL out for SQLite."
    )


def without_secret(url: URL) -> str:
    """Return an address as people may see it."""
    return (
        describe(url)
        if url.get_backend_name() == "postgresql"
        else url.render_as_string(hide_password=True)
    )
