"""Sandboxes half made by a runner that was killed: the next runner on the machine ends them.

bubblewrap's child waits for a word of its parent before it asks to end with it. If a runner is killed between the two,
the parent ends and the child waits for ever, with a uid that is lent to somebody else soon.
"""

import contextlib
import os
import signal
from pathlib import Path

# The last words of a sandbox's command line before its configuration.
_SHIM = [b"-I", b"-S", b"/shim.py"]


def end_orphans() -> int:
    """End every bubblewrap of a runner whose parent is gone; return how many those were.

    Sandboxes of other runners on this machine have their parents, and bubblewraps of other programs start no shim.
    """
    ended = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it ended meanwhile, or is somebody else's
                ended += _end_orphan(Path(entry.path))
    return ended


def _end_orphan(process: Path) -> bool:
    # what is looked at and what is ended are one process, even if its number is given to another
    descriptor = os.pidfd_open(int(process.name))
    try:
        if (process / "comm").read_bytes() != b"bwrap\n":
            return False
        command = (process / "cmdline").read_bytes()
        if command.split(b"\0")[-5:-2] != _SHIM:
            return False
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        is_child = len(status["NSpid"].split()) > 1  # the parent stays in the runner's namespace
        parent = Path("/proc", status["PPid"].strip(), "cmdline")
        if not is_child or (parent.exists() and parent.read_bytes() == command):
            return False
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        return True
    finally:
        os.close(descriptor)
