"""This machine's runner: started with the web process, watched over, started again when it is lost."""

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel

from pizarra.sandbox.runner.link import LinkOwner, RunnerLink
from pizarra.sandbox.runner.protocol import (
    PROTOCOL,
    Capabilities,
    Limits,
    Warm,
    encode,
    event_adapter,
    read_message,
)
from pizarra.sandbox.runner.settings import RunnerSettings

log = logging.getLogger(__name__)

EMBEDDED = "embedded"
_FIRST_RETRY_SECONDS = 0.2
_LONGEST_RETRY_SECONDS = 10.0
_LOOK_SECONDS = 0.02
_STOP_LOOKS = 100  # until it ends by itself; as many again once it is told to, then it is killed


class EmbeddedRunner:
    """Supervises one runner. Runs in flight when it dies end as `sandbox_error` and are never repeated."""

    def __init__(
        self,
        owner: LinkOwner,
        settings: RunnerSettings,
        terminal_limits: Limits,
        socket_path: Path | None,
    ) -> None:
        """Make one that starts a runner with `settings`, or meets the one that serves `socket_path`."""
        self.link = RunnerLink(
            owner,
            self._send,
            key=EMBEDDED,
            name=EMBEDDED,
            outbox=self._waiting,
            is_trusted=True,
        )
        self.restarts = 0
        self._settings = settings
        self._terminal_limits = terminal_limits
        self._socket_path = socket_path
        self._writer: asyncio.StreamWriter | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_ending = False

    @property
    def is_there(self) -> bool:
        """Whether it can be told something now."""
        return self._writer is not None

    def start(self) -> None:
        """Begin to supervise."""
        self._task = asyncio.get_running_loop().create_task(self._supervise())

    def expect_end(self) -> None:
        """This process was told to end: a runner that ends too, told by the same signal, is not started again."""
        self._is_ending = True

    async def stop(self) -> None:
        """Hang up: the runner kills its sandboxes and ends."""
        is_starting = self.link.capabilities is None
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._process is not None:
            if is_starting:  # it tries out the machine, and does not listen yet
                self._process.terminate()
            for last_resort in (self._process.terminate, self._process.kill):
                for _ in range(_STOP_LOOKS):
                    if self._process.poll() is not None:
                        return
                    await asyncio.sleep(_LOOK_SECONDS)
                last_resort()
            self._process.wait()

    def _send(self, message: BaseModel) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(message))

    def _waiting(self) -> int:
        return 0 if self._writer is None else self._writer.transport.get_write_buffer_size()

    async def _supervise(self) -> None:
        delay = _FIRST_RETRY_SECONDS
        while True:
            try:
                reader, self._writer = await self._connect()
                try:
                    await self._listen(reader)
                    delay = _FIRST_RETRY_SECONDS
                finally:
                    self._hang_up()
            except (OSError, ValueError) as error:
                log.error("runner: %s", error)
            if self._is_ending:
                return
            log.warning("runner: gone; starting it again in %.1f s", delay)
            self.restarts += 1
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_RETRY_SECONDS)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._socket_path is not None:
            return await asyncio.open_unix_connection(self._socket_path)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "pizarra", "worker"),
                    *("--fd", str(theirs.fileno())),
                    *("--settings", self._settings.model_dump_json()),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=clean_environment(),
                cwd="/",
            )
        return await asyncio.open_unix_connection(sock=ours)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        is_met = False
        while (message := await read_message(reader)) is not None:
            event = event_adapter.validate_json(message)
            if isinstance(event, Capabilities):
                if event.protocol != PROTOCOL:
                    raise ValueError(
                        f"a runner of another version (protocol {event.protocol}, ours is {PROTOCOL})"
                    )
                if not is_met:
                    is_met = True
                    self._send(Warm(terminal_limits=self._terminal_limits))
            self.link.receive(event)

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._process is not None:
            self._process.poll()
        self.link.lose()


def clean_environment() -> dict[str, str]:
    """Return what the runner may know: no database address, no keys."""
    kept = ("PATH", "LANG", "LC_ALL", "HOME", "VIRTUAL_ENV", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
