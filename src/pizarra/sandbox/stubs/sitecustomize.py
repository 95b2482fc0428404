"""Python, ready to run: loads what programs in interviews import, then waits for the name of a file beside it.

Python imports this by its name before it opens the program of its command line, so nothing of ours is below that on the
stack, and what it prints, how it ends and what it answers to ^C are Python's own. Another file than that of the command
line starts Python anew. Descriptor 3 gives the name, descriptor 4 takes a byte once everything is loaded.
"""

import os
import sys

_OURS = set(sys.modules)


def _preload() -> None:
    import abc  # noqa: F401
    import bisect  # noqa: F401
    import fractions  # noqa: F401
    import heapq  # noqa: F401
    import importlib.util  # noqa: F401
    import json  # noqa: F401
    import random  # noqa: F401
    import string  # noqa: F401
    import threading  # noqa: F401
    import traceback  # noqa: F401
    import typing  # noqa: F401


def _wait() -> str:
    os.write(4, b"r")
    os.close(4)
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(3, 4096)
        if not part:
            os._exit(0)
        line += part
    os.close(3)
    return line[:-1].decode()


def _make_way() -> None:
    """Let the candidate's own `queue.py` win over the one that was loaded ahead, as it would in a fresh Python."""
    mine = {name.removesuffix(".py") for name in os.listdir()}
    for module in list(sys.modules):
        if module.partition(".")[0] in mine and module not in _OURS:
            del sys.modules[module]


def _become_its_python() -> None:
    here = os.path.dirname(__file__)
    sys.path[:] = [path for path in sys.path if path != here]
    os.environ.pop("PYTHONPATH")  # of the program's own children
    name = _wait()
    if os.path.abspath(name) == os.path.abspath(sys.orig_argv[-1]):
        _make_way()
    else:
        name = "./-" if name == "-" else name  # alone it is standard input
        os.execv(sys.executable, [*sys.orig_argv[:-1], "--", name])


_preload()
_become_its_python()
