"""Files that are there whole or not at all."""

import os
from pathlib import Path


def give_name(fresh: Path, path: Path) -> None:
    """Give a finished file, on the same file system, its name; what has that name already stays.

    Raises:
        FileExistsError: there is such a file.
        OSError: it cannot be named.
    """
    try:
        os.link(fresh, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: we hold the name first, then put the file there
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        fresh.replace(path)
    else:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY)  # its name must be on the disk as well
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
