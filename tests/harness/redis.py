"""A throw-away Redis or Valkey: it can be killed, stand still, and come back at the same place."""

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator

from tests.harness.ports import free_port, wait_until


class Redis:
    """A running server that keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = shutil.which("valkey-server") or shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("apt-get install redis-server")
        place = ("--port", str(self.port), "--bind", "127.0.0.1")
        nothing = ("--save", "", "--appendonly", "no")
        self._process = subprocess.Popen(
            [program, *place, *nothing], stdout=subprocess.DEVNULL, cwd="/"
        )
        wait_until(self._answers, "Redis")

    def _answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), 1) as asking,
        ):
            asking.sendall(b"PING\r\n")
            return asking.recv(10).startswith(b"+PONG")
        return False

    def kill(self) -> None:
        """`kill -9`."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Inside, it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def redis() -> Iterator[Redis]:
    """Give a running server."""
    running = Redis()
    running.start()
    try:
        yield running
    finally:
        running.kill()
