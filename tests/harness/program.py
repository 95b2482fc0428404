"""`pizarra` as processes of their own, forked from one that has imported it: the import takes longer than most tests.

What starts from nothing, as people do it, is in `test_cli.py` and wherever a server makes its `first_start`.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    [
        *(
            "uvloop",
            "alembic.command",
            "pizarra.cli",
            "pizarra.operations.serving",
            "pizarra.exports.writer",
        ),
        *(
            "pizarra.exports.gathering",
            "pizarra.exports.restore",
            "pizarra.operations.account_commands",
            __name__,
            "tests.harness.preloaded",
        ),
    ]
)


class Program:
    """One process, with what of `subprocess.Popen` the tests need."""

    def __init__(
        self, arguments: list[str], environment: Mapping[str, str], output: Path, errors: Path
    ) -> None:
        self._process = _forks.Process(
            target=_become,
            args=(arguments, dict(environment), str(output), str(errors)),
            daemon=True,
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Return its exit status once it has ended.

        Raises:
            TimeoutError: it goes on.
        """
        self._process.join(seconds)
        if (status := self._process.exitcode) is None:
            raise TimeoutError(f"process {self.pid} goes on")
        return status

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what the program reads."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIZARRA_", "DATABASE_"))
    }


def pizarra(
    *arguments: str | Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end, within a minute."""
    command = list(map(str, arguments))
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "stdout"), Path(folder, "stderr")
        status = Program(
            command, {**clean_environment(), **(environment or {})}, output, errors
        ).wait(60)
        return subprocess.CompletedProcess(command, status, output.read_text(), errors.read_text())


def _become(arguments: list[str], environment: dict[str, str], output: str, errors: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir("/")
    for stream, path in ((sys.stdout, output), (sys.stderr, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, stream.fileno())
        os.close(file)
    from pizarra.cli import app

    app(arguments, prog_name="pizarra")
