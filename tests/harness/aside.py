"""The connection on which SQLite reads in a thread, to slow it down there."""

import sqlite3

from pizarra.database import Database
from pizarra.storage.embedded_reads import EmbeddedReads
from pizarra.storage.sqlite import driver_of


def connection_aside(database: Database) -> sqlite3.Connection | None:
    """Return it, if anything was read there."""
    reads = database._reads  # noqa: SLF001 - what holds a read up comes from outside
    assert isinstance(reads, EmbeddedReads)
    connection = reads._aside._connection  # noqa: SLF001
    return None if connection is None else driver_of(connection)
