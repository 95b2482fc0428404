"""What `pizarra restore` puts in place of an installation: database and key together, whenever it is interrupted.

Both lie in a folder of their own, which gets its name once they are whole: from then on they are what is here, and
whoever opens the installation next puts them where they belong.
"""

import os
from pathlib import Path

from pizarra.config import Settings

_NAME = "restored"


def place(fresh: Path, settings: Settings) -> None:
    """Have what lies in a folder of the data directory, database and maybe key, instead of what is here."""
    fresh.rename(settings.data_dir / _NAME)
    _sync(settings.data_dir)
    finish_restore(settings)


def finish_restore(settings: Settings) -> None:
    """Put what was restored where it belongs, if somebody was interrupted at that. No server may run meanwhile."""
    folder = settings.data_dir / _NAME
    if not folder.is_dir():
        return
    if (folder / settings.sqlite_path.name).exists():
        for suffix in ("-wal", "-shm"):  # of the old one: they would be played into the new one
            Path(f"{settings.sqlite_path}{suffix}").unlink(missing_ok=True)
    for path in (settings.sqlite_path, settings.key_path):
        if (folder / path.name).exists():
            (folder / path.name).replace(path)
    _sync(settings.data_dir)
    folder.rmdir()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
