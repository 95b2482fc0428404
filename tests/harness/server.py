"""`pizarra serve` as a process of its own, to be killed, stopped and started again."""

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.harness.fresh import embed
from tests.harness.ports import free_port, wait_until
from tests.harness.program import Program, clean_environment
from tests.harness.watchdogs import WATCHDOGS

WARM = 4  # sandboxes that wait, here and with the runner that tests share: one for each language but one


class ServerProcess:
    """One server on one data directory; it keeps its port when it is started again."""

    def __init__(
        self,
        data_dir: Path,
        database_url: str | None = None,
        *,
        forked: bool = True,
        **settings: object,
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws"
        self.data_dir = data_dir
        self.database_url = database_url
        self._log = data_dir / "server.log"
        self._environment = {
            **clean_environment(),
            "PIZARRA_DATA_DIR": str(data_dir),
            "PIZARRA_PORT": str(self.port),
            **({"DATABASE_URL": database_url} if database_url else {}),
        }
        self.configure(**settings)
        self._process: Program | subprocess.Popen[bytes] | None = None
        self._forked = forked

    def configure(self, **settings: object) -> None:
        """Set what only shows once its port is known; it holds from the next start on."""
        self._environment |= {
            f"PIZARRA_{name.upper()}": str(value) for name, value in settings.items()
        }

    def run_from(self, source: Path) -> None:
        """Be another Pizarra from the next start on, whose packages lie in `source`."""
        self._environment["PYTHONPATH"] = str(source)
        self._forked = False

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait for the line that says it is ready."""
        self._log.touch()
        WATCHDOGS.follow(self._log)
        begin = self._log.stat().st_size
        if self._forked:
            self._process = Program(["serve"], self._environment, self._log, self._log)
        else:
            with self._log.open("ab") as log:
                command = [sys.executable, "-m", "pizarra", "serve"]
                self._process = subprocess.Popen(
                    command, env=self._environment, stdout=log, stderr=log, cwd="/"
                )

        def ready() -> bool:
            assert self._process is not None
            if self._process.poll() is not None:
                raise RuntimeError(self.log())
            return b"is ready: " in self._log.read_bytes()[begin:]

        wait_until(ready, "the server", seconds=60)

    def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def pause(self) -> None:
        """Stop the process where it is, as a suspended laptop."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def terminate(self) -> int:
        """Ask it to stop; return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(10)

    def stop(self) -> None:
        """Stop it if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self.terminate()

    def log(self) -> str:
        """Return what it wrote, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self._log.read_text(errors="replace"))


@contextlib.contextmanager
def server_process(
    data_dir: Path,
    database_url: str | None = None,
    *,
    first_start: bool = False,
    **settings: object,
) -> Iterator[ServerProcess]:
    """Give a running server; on its `first_start` it makes its database itself, with the settings that people have."""
    if not first_start:
        # Of a runner of its own: it makes these before anybody asks, and few tests ask for more.
        settings.setdefault("runner_warm", WARM)
        if database_url is None:
            embed(data_dir)
    server = ServerProcess(data_dir, database_url, forked=not first_start, **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()
