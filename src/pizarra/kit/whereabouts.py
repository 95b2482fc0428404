"""Where a thread is, asked from any other: by reading no frame in Python.

Among greenlets, what called a frame of another thread may be gone, or be something else, while one looks at it: the
other goes on between two steps of whoever looks. faulthandler writes all of it down in one step, in C, while no Python
code runs.
"""

import faulthandler
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple, Self

_THREAD = re.compile(r"^(?:Current thread|Thread) 0x([0-9a-f]+)", re.MULTILINE)
_CALL = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)
_MOST_BYTES = 1024 * 1024


class Call(NamedTuple):
    """A function that has been called and not returned, and the line it is at."""

    function: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.function} ({Path(self.file).name}:{self.line})"


class Whereabouts:
    """Asks for the calls of threads; a context manager, after which it knows of none."""

    def __init__(self) -> None:
        self._notes = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed at the end
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._notes.close()

    def of(self, thread: int) -> list[Call]:
        """Return the calls of a thread, by its identifier, innermost first: none if it cannot be found.

        At most the hundred innermost are told, of the hundred threads that are newest.
        """
        with self._lock:
            try:
                os.ftruncate(self._notes.fileno(), 0)
                self._notes.seek(0)
                faulthandler.dump_traceback(self._notes, all_threads=True)
                told = os.pread(self._notes.fileno(), _MOST_BYTES, 0).decode("ascii", "replace")
            except (OSError, ValueError):  # no room for it, or closed meanwhile
                return []
        _, *threads = _THREAD.split(told)
        for number, calls in zip(threads[::2], threads[1::2], strict=True):
            if int(number, 16) == thread:
                return [
                    Call(function, file, int(line)) for file, line, function in _CALL.findall(calls)
                ]
        return []
