"""Makes a folder that all sandboxes see the same for all of them, whoever reads it."""

import os
import stat
from pathlib import Path

_NEVER = 2_114_380_800 * 10**9  # in 2037: the last that every file system holds


def seal(folder: Path) -> None:
    """Let everybody read it, and nobody see by its times whether somebody did.

    A file's time of reading is set when it is older than its content or than a day, so one sandbox would see what
    another one has opened. A time to come is neither.
    """
    for place, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            _seal_one(Path(place) / name)


def seal_link(link: Path) -> None:
    """The same for a link, or for a folder alone."""
    _seal_one(link)


def _seal_one(path: Path) -> None:
    about = path.lstat()
    if not stat.S_ISLNK(about.st_mode):
        more = 0o111 if stat.S_ISDIR(about.st_mode) or about.st_mode & 0o100 else 0
        path.chmod((about.st_mode & 0o755) | 0o444 | more)
    os.utime(path, ns=(_NEVER, about.st_mtime_ns), follow_symlinks=False)
