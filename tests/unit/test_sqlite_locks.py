"""One connection more does not take the locks of the others away: POSIX drops a process's locks with any descriptor."""

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

from pizarra.storage.sqlite import Connection

_TRY = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


def test_another_connection_keeps_the_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "some.db")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE some (id INTEGER)")
        writer.execute("BEGIN IMMEDIATE")
        Connection(path).close()
        other = subprocess.run(
            [sys.executable, "-c", _TRY, path], capture_output=True, text=True, check=False
        )
        assert "database is locked" in other.stderr
        writer.execute("COMMIT")


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    path = tmp_path / "new.db"
    Connection(str(path)).close()
    assert path.stat().st_mode & 0o777 == 0o600
