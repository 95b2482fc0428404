"""The one runner of several web processes: what programs may take is bounded by the machine, not by who serves."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from pizarra.operations.prefork.backoff import Backoff
from pizarra.operations.prefork.loop import Loop
from pizarra.sandbox.runner.embedded import clean_environment
from pizarra.sandbox.runner.settings import RunnerSettings

log = logging.getLogger(__name__)

_STOP_SECONDS = 1.0  # until it is killed
_BACKLOG = 128


class SharedRunner:
    """Listens at `path` for it, so that web processes reach whichever is started next."""

    def __init__(self, settings: RunnerSettings) -> None:
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="pizarra-"))
        self.path = self._folder / "runner"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(_BACKLOG)
        self._process: subprocess.Popen[bytes] | None = None
        self._backoff = Backoff()
        self._is_ending = False
        self._loop: Loop

    @property
    def is_there(self) -> bool:
        """Whether it runs."""
        return self._process is not None

    def start(self, loop: Loop) -> None:
        """Start it, and start it anew whenever it ends."""
        self._loop = loop
        self._begin()

    def collect(self) -> None:
        """Learn whether it ended."""
        if self._process is None or self._process.poll() is None:
            return
        status, self._process = self._process.returncode, None
        if not self._is_ending:
            self._begin_again(f"ended with {status}")

    def stop(self) -> None:
        """End it; `collect` hears when it has."""
        if self._is_ending or self._process is None:
            return
        self._is_ending = True
        self._process.terminate()
        self._loop.later(_STOP_SECONDS, self._process.kill)

    def let_go(self) -> None:
        """Close the parent's copy, in another process."""
        self._listener.close()

    def close(self) -> None:
        """Let nobody find it any more."""
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self) -> None:
        if self._is_ending:
            return
        self._backoff.began()
        number = self._listener.fileno()
        words = ("worker", "--fd", str(number), "--settings", self._settings.model_dump_json())
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pizarra", *words],
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                env=clean_environment(),
                cwd="/",
            )
        except OSError as error:  # this computer has no room for it: people write on
            self._begin_again(f"cannot be started ({error.strerror})")
        else:
            log.debug("runner %d started by %d", self._process.pid, os.getpid())

    def _begin_again(self, how: str) -> None:
        seconds = self._backoff.next()
        log.error("the runner %s; another one is started in %.1f s", how, seconds)
        self._loop.later(seconds, self._begin)
