"""A worker's token, from a file that nobody else may read."""

import os
import stat
from pathlib import Path

from pizarra.sandbox.remote.greeting import TOKEN_KIND

_MOST_BYTES = 1024


class BadTokenFile(ValueError):
    """The file holds no token that may be used; the message says why and what to do."""


def read_token(path: Path) -> str:
    """Return the token in a file.

    Raises:
        BadTokenFile: it cannot be read, others can read it, or it holds none.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise BadTokenFile(f"The token file {path} cannot be read ({error.strerror}).") from None
    found = os.fstat(descriptor)
    mode, owner = found.st_mode, found.st_uid
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise BadTokenFile(f"The token file {path} is no file.")
    with os.fdopen(descriptor, "rb") as file:
        # Of another owner it is a secret that was given to this one's group, as Kubernetes does.
        own = stat.S_IRWXG if owner == os.geteuid() else stat.S_IWGRP
        if mode & (own | stat.S_IRWXO):
            raise BadTokenFile(
                f"Others on this machine can read the token file {path}. Run: chmod 600 {path}"
            )
        text = file.read(_MOST_BYTES).decode("ascii", errors="replace").strip()
    if not text.startswith(f"{TOKEN_KIND}_") or not text.isprintable() or " " in text:
        raise BadTokenFile(
            f"The token file {path} holds no worker token. Make one where the server runs: "
            "pizarra worker-token create NAME"
        )
    return text
