"""Python, ready to run: loads what programs in interviews import, then waits for the name of a file beside it.

Descriptor 3 gives the name, descriptor 4 takes a byte once everything is loaded. A program cannot tell that it was
not started as `python3 main.py`, but for the time it takes.
"""

import sys

_OURS = set(sys.modules)


def _preload() -> None:
    import abc  # noqa: F401
    import fractions  # noqa: F401
    import string  # noqa: F401


def _wait() -> str:
    import os

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


def _folder() -> str:
    import os

    return os.getcwd()


def _make_way(folder: str) -> None:
    """Let the candidate's own `queue.py` win over the one that was loaded ahead, as it would in a fresh Python."""
    import os

    for name in os.listdir(folder):
        module = name.removesuffix(".py")
        if module in sys.modules and module not in _OURS:
            del sys.modules[module]


def _run(path: str) -> None:
    import builtins
    import os
    import signal
    import types

    folder = os.path.dirname(path)
    sys.argv = [path]
    sys.path[0] = folder
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=builtins, __loader__=None, __spec__=None)
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        _make_way(folder)
        exec(code, main.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        trace = error.__traceback__
        error.__traceback__ = trace and trace.tb_next  # not our own frame
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, KeyboardInterrupt):
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        sys.exit(1)


_preload()
_run(f"{_folder()}/{_wait()}")
