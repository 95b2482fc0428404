"""What runs leave behind: processes that lost their parent, mounts, cgroups."""

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PR_SET_CHILD_SUBREAPER, _PR_GET_CHILD_SUBREAPER = 36, 37


@contextmanager
def taken_in() -> Iterator[None]:
    """Whatever loses its parent becomes this process's child, as it becomes the runner's.

    Only so long: later tests start servers, and what those leave behind is no business of the sandbox's tests.
    """
    prctl, before = ctypes.CDLL(None).prctl, ctypes.c_int()
    prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)


def zombies() -> set[str]:
    """This process's children that ended and were not waited for, by number."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    found = set()
    for pid in children:
        with contextlib.suppress(FileNotFoundError):  # waited for meanwhile
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                found.add(pid)
    return found


def living(*uids: int) -> list[str]:
    """The processes of users that have not ended; who ended is collected by whoever took it in."""
    command = ["ps", "-u", ",".join(map(str, uids)), "-o", "stat="]
    states = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [state for state in states.split() if not state.startswith("Z")]


def mounts() -> list[str]:
    """The mounts of this process; a test beside this one may mount a small disk of its own."""
    everything = Path("/proc/self/mounts").read_text().splitlines()
    return [line for line in everything if "/pytest-" not in line]


def cgroups() -> list[str]:
    """The cgroups that this process made: its own, and the sandboxes' in it.

    Tests beside this one remove theirs while we look: what has gone is no matter (`os.walk` passes it over).
    """
    own = f"/pizarra-{os.getpid()}"
    return sorted(folder for folder, _, _ in os.walk("/sys/fs/cgroup") if own + "/" in folder + "/")
