"""Databases as the migrations leave a new one: made once for each test process, then copied.

`test_cli.py` and `test_migrations.py` begin with nothing: there a start is seen to make its database.
"""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from tests.harness.program import pizarra

_NAME = "pizarra.db"


@functools.cache
def _embedded() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pizarra-fresh-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    done = pizarra("db", "upgrade", "--data-dir", folder)
    assert done.returncode == 0, done.stderr
    return folder / _NAME


def embed(data_dir: Path) -> None:
    """Put a new embedded database into a data directory, unless there is one."""
    if not (data_dir / _NAME).exists():
        shutil.copy(_embedded(), data_dir)
