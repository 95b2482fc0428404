"""How a database fails: it is away, it is full, or it refuses what was asked."""

import errno
import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pizarra.kit.text import why

# What a database that is away or refuses raises: SQLAlchemy wraps all but the failures to connect.
DATABASE_ERRORS = (SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

# Of those, what says that there is nobody to ask.
_AWAY = (
    OSError,
    PoolTimeout,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
_AWAY_SQLITE = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY),
    *(sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
}

_NO_ROOM = {
    errno.ENOSPC,
    errno.EDQUOT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}  # the numbers do not meet


def says_full(error: BaseException | None) -> bool:
    """Tell whether a database, or the system, failed because its disk is full."""
    while error is not None:
        cause = getattr(error, "orig", None) or error.__cause__
        number = getattr(error, "sqlite_errorcode", None) or (
            error.errno if isinstance(error, OSError) else None
        )
        if number in _NO_ROOM or isinstance(error, asyncpg.DiskFullError):
            return True
        error = cause
    return False


def is_away(error: BaseException | None) -> bool:
    """Tell whether a database cannot be reached or does not answer: its own failure, not of what was asked of it."""
    while error is not None:
        wrapped = isinstance(error, DBAPIError) and error.connection_invalidated
        number = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what it says more closely
        if wrapped or isinstance(error, _AWAY) or number in _AWAY_SQLITE:
            return True
        error = getattr(error, "orig", None) or error.__cause__
    return False


def reason_of(error: BaseException) -> str:
    """Return why a database cannot be used, in one line."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, TimeoutError) and not str(cause):
        return "it does not answer in time"
    return next(iter(why(cause).splitlines()), "") or type(cause).__name__
