"""Which process this is, and whether another one of this computer still runs."""

import os
import socket
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_STATE, _STARTED = 0, 19  # of the fields of /proc/PID/stat after the name


class Process(NamedTuple):
    """A process: its computer, as it was started last, and its space of numbers; its number; when it started.

    `started` counts from the computer's start, in the kernel's ticks; 0 where that cannot be known.
    """

    place: str
    number: int
    started: int


def this_process() -> Process:
    """Return the process that asks."""
    number = os.getpid()
    known = _state_and_start(number)
    return Process(_place(), number, known[1] if known is not None else 0)


def is_gone(process: Process) -> bool | None:
    """Tell whether a process has ended; None for one of another computer: that cannot be seen from here."""
    if process.place != _place():
        return None
    try:
        os.kill(process.number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's, but it is there
    known = _state_and_start(process.number)
    if known is None:
        return False
    state, started = known
    return state in "ZX" or (process.started != 0 and started != process.started)


def _place() -> str:
    """Return what no other computer, none of its containers, and it after another start, has."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        numbers = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return socket.gethostname()
    return f"{boot} {numbers}"


def _state_and_start(number: int) -> tuple[str, int] | None:
    try:
        told = (_PROC / str(number) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name stands in parentheses and may hold anything, parentheses too.
    fields = told.rpartition(")")[2].split()
    return fields[_STATE], int(fields[_STARTED])
