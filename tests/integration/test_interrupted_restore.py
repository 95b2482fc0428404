"""`pizarra restore`, killed at any of its steps: database and key are both the old ones or both the new ones."""

import gzip
import io
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest
from tests.harness.program import pizarra

from pizarra.config import Settings
from pizarra.operations.backups import BackupError, back_up, restore

# Renames of what lies in the data directory are counted, and before one of them the process dies.
KILLED = """
import os, signal, sys
left = int(sys.argv[1])
def count(event, arguments):
    global left
    if event == "os.rename":
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
from pathlib import Path
from pizarra.config import Settings
from pizarra.operations.backups import restore
restore(Settings(data_dir=Path(sys.argv[2])), Path(sys.argv[3]), force=True)
"""


def installation(folder: Path, mark: str) -> Settings:
    """Make an installation that is known by its mark, in the database as in the key."""
    made = pizarra("worker-token", "create", mark, "--data-dir", folder)
    assert made.returncode == 0, made.stderr
    settings = Settings(data_dir=folder)
    settings.key_path.write_text(f"{mark * 64}\n")
    settings.key_path.chmod(0o600)
    return settings


def marks(settings: Settings) -> tuple[str, str]:
    with closing(sqlite3.connect(settings.sqlite_path)) as database:
        ((name,),) = database.execute("SELECT name FROM worker_tokens").fetchall()
    return name, settings.key_path.read_text()[0]


def test_database_and_key_are_of_one(tmp_path: Path) -> None:
    """The database was there before the key: whoever died between left links that nothing could check."""
    file, whole = tmp_path / "new.backup", tmp_path / "whole"
    back_up(installation(tmp_path / "new", "b"), file)
    installation(whole, "a")
    found = []
    for renames in range(10):
        here = tmp_path / f"here{renames}"
        shutil.copytree(whole, here)
        settings = Settings(data_dir=here)
        arguments = [sys.executable, "-c", KILLED, str(renames), str(here), str(file)]
        ended = subprocess.run(arguments, check=False, timeout=60).returncode
        listed = pizarra("worker-token", "list", "--data-dir", here)  # any command that opens it
        assert listed.returncode == 0, listed.stderr
        found.append(marks(settings))
        assert not (here / "restored").exists()
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    assert found[0] == ("a", "a")
    assert found[-1] == ("b", "b")
    assert len(found) > 2
    assert set(found) == {("a", "a"), ("b", "b")}


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_name_of_gigabytes_is_not_read_into_memory(tmp_path: Path, kind: bytes) -> None:
    """A backup of one megabyte took as much memory as the name in it was said to be long."""
    head, file = tarfile.TarInfo("x"), tmp_path / "large.backup"
    head.size, head.type = 200 << 20, kind
    with gzip.open(file, "wb", compresslevel=1) as out:
        out.write(head.tobuf(tarfile.USTAR_FORMAT))
        shutil.copyfileobj(io.BytesIO(bytes(head.size)), out)
    tracemalloc.start()
    try:
        with pytest.raises(BackupError, match="a name in it is too long"):
            restore(Settings(data_dir=tmp_path / "here"), file, force=False)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()
