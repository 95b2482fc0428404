"""The web process's end of the runner: starts it, keeps it alive, and turns its messages into streams per run."""

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from pydantic import BaseModel

from pizarra.sandbox.protocol import (
    PROTOCOL,
    Assist,
    Assisted,
    CancelPrepare,
    Capabilities,
    Format,
    Formatted,
    Limits,
    Prepare,
    Prepared,
    Resize,
    RunEnded,
    RunEvent,
    StartRun,
    StopRun,
    TerminalSize,
    Warm,
    WriteStdin,
    encode,
    event_adapter,
    read_message,
)

log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.2
_LONGEST_RETRY_SECONDS = 10.0
_READY_SECONDS = 20.0
_ANSWER_SECONDS = 30.0
_LOOK_SECONDS = 0.02
_STOP_LOOKS = 100  # until it ends by itself; as many again once it is told to, then it is killed
_A = TypeVar("_A")


class RunnerUnavailable(RuntimeError):
    """Nothing can be run at the moment; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RunnerConfig:
    """How to reach a runner: a socket somebody else serves, or a child process of ours."""

    slots: int
    queue: int
    warm: int
    cache_bytes: int
    language_servers: int
    compile_seconds: float
    compile_memory_bytes: int
    first_uid: int
    tools: Path
    sandbox: str
    sandbox_dir: Path | None
    terminal_limits: Limits
    socket_path: Path | None = None


class RunStream:
    """What happens to one run, in order; `RunEnded` is the last. Close it in any case."""

    def __init__(self, run_id: str, on_close: Callable[[str], None]) -> None:
        self._run_id = run_id
        self._on_close = on_close
        self._events: asyncio.Queue[RunEvent] = asyncio.Queue()

    def put(self, event: RunEvent) -> None:
        """Add what happened."""
        self._events.put_nowait(event)

    async def __aiter__(self) -> AsyncIterator[RunEvent]:
        """Yield what happens until the end."""
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, RunEnded):
                return

    def close(self) -> None:
        """Nobody listens any more."""
        self._on_close(self._run_id)


class RunnerClient:
    """Supervises one runner. Runs in flight when it dies end as `sandbox_error` and are never repeated."""

    def __init__(self, config: RunnerConfig) -> None:
        self._config = config
        self._capabilities: Capabilities | None = None
        self._news = asyncio.Condition()
        self.on_prepared: Callable[[Prepared], None] = lambda _prepared: None
        self._runs: dict[str, RunStream] = {}
        self._formats: dict[str, asyncio.Future[Formatted]] = {}
        self._assists: dict[str, asyncio.Future[Assisted]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def capabilities(self) -> Capabilities | None:
        """What the runner can do, or None while it is starting or away."""
        return self._capabilities

    @property
    def active_runs(self) -> int:
        """Runs queued or running."""
        return len(self._runs)

    def start(self) -> None:
        """Begin to supervise."""
        self._task = asyncio.get_running_loop().create_task(self._supervise())

    async def stop(self) -> None:
        """Hang up: the runner kills its sandboxes and ends."""
        is_starting = self._capabilities is None
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

    async def require(self, language: str) -> Capabilities:
        """Return the capabilities, having waited for a starting runner and for the language to be tried out.

        Raises:
            RunnerUnavailable: there is no sandbox, or the runner is away or full.
        """

        def is_known() -> bool:
            found = self._capabilities
            return found is not None and (
                found.tier is None or language not in found.languages or not found.languages[language].starting
            )

        try:
            async with asyncio.timeout(_READY_SECONDS), self._news:
                await self._news.wait_for(is_known)
        except TimeoutError:
            raise RunnerUnavailable("The runner does not start. The server's log says why.") from None
        capabilities = self._capabilities
        if capabilities is None:
            raise RunnerUnavailable("The runner is restarting. Try again in a moment.")
        if capabilities.tier is None:
            raise RunnerUnavailable(f"Programs cannot be run on this machine. {capabilities.reason}")
        if self.active_runs >= capabilities.slots + capabilities.queue:
            raise RunnerUnavailable(
                f"All {capabilities.slots} sandboxes are busy and {capabilities.queue} runs wait. "
                "Try again in a moment."
            )
        return capabilities

    def submit(self, request: StartRun) -> "RunStream":
        """Ask for a run at once; what happens to it comes out of the stream."""
        stream = RunStream(request.run_id, self._forget)
        self._runs[request.run_id] = stream
        if self._writer is None:
            stream.put(_lost(request.run_id))
        else:
            self._writer.write(encode(request))
        return stream

    def _forget(self, run_id: str) -> None:
        self._runs.pop(run_id, None)

    async def write_stdin(self, run_id: str, text: str, *, eof: bool) -> None:
        """Give a run more input."""
        await self._send(WriteStdin(run_id=run_id, text=text, eof=eof))

    async def resize(self, run_id: str, size: TerminalSize) -> None:
        """Tell a run's program how large its terminal is."""
        await self._send(Resize(run_id=run_id, size=size))

    async def prepare(self, request: Prepare) -> None:
        """Have something compiled that may be run soon; `on_prepared` hears what the compiler says."""
        await self._send(request)

    async def format(self, language: str, path: str, text: str) -> Formatted:
        """Have a text formatted in a sandbox.

        Raises:
            RunnerUnavailable: the runner is away, or does not answer.
        """
        request = Format(format_id=uuid4().hex, language=language, path=path, text=text)
        return await self._ask(request, request.format_id, self._formats, "The formatter takes too long.")

    async def assist(self, request: Assist) -> Assisted:
        """Ask a language server.

        Raises:
            RunnerUnavailable: the runner is away, or does not answer.
        """
        return await self._ask(request, request.assist_id, self._assists, "The language server takes too long.")

    async def _ask(self, request: BaseModel, number: str, asked: dict[str, asyncio.Future[_A]], late: str) -> _A:
        answer: asyncio.Future[_A] = asyncio.get_running_loop().create_future()
        asked[number] = answer
        try:
            if not await self._send(request):
                raise RunnerUnavailable("The runner is restarting. Try again in a moment.")
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await answer
        except TimeoutError:
            raise RunnerUnavailable(f"{late} Try again in a moment.") from None
        finally:
            asked.pop(number, None)

    def cancel_prepare(self, prepare_id: str) -> None:
        """Compile it no further."""
        if self._writer is not None:
            self._writer.write(encode(CancelPrepare(prepare_id=prepare_id)))

    async def stop_run(self, run_id: str) -> None:
        """End a run; its stream then yields `RunEnded`."""
        await self._send(StopRun(run_id=run_id))

    async def _send(self, message: BaseModel) -> bool:
        if self._writer is None:
            return False
        try:
            self._writer.write(encode(message))
            await self._writer.drain()
        except ConnectionError:
            return False
        return True

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
            log.warning("runner: gone; starting it again in %.1f s", delay)
            self.restarts += 1
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_RETRY_SECONDS)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._config.socket_path is not None:
            return await asyncio.open_unix_connection(self._config.socket_path)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "pizarra", "worker", "--fd", str(theirs.fileno())),
                    *("--slots", str(self._config.slots), "--queue", str(self._config.queue)),
                    *("--warm", str(self._config.warm), "--cache-bytes", str(self._config.cache_bytes)),
                    *("--language-servers", str(self._config.language_servers)),
                    *("--compile-seconds", str(self._config.compile_seconds)),
                    *("--compile-memory-bytes", str(self._config.compile_memory_bytes)),
                    *("--first-uid", str(self._config.first_uid), "--cache-dir", str(self._config.tools)),
                    *("--sandbox", self._config.sandbox),
                    *(("--sandbox-dir", str(self._config.sandbox_dir)) if self._config.sandbox_dir else ()),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=_clean_environment(),
                cwd="/",
            )
        return await asyncio.open_unix_connection(sock=ours)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while (message := await read_message(reader)) is not None:
            event = event_adapter.validate_json(message)
            match event:
                case Capabilities():
                    await self._meet(event)
                case Prepared():
                    self.on_prepared(event)
                case Formatted():
                    if (answer := self._formats.pop(event.format_id, None)) is not None and not answer.done():
                        answer.set_result(event)
                case Assisted():
                    if (told := self._assists.pop(event.assist_id, None)) is not None and not told.done():
                        told.set_result(event)
                case _:
                    if (stream := self._runs.get(event.run_id)) is not None:
                        stream.put(event)

    async def _meet(self, capabilities: Capabilities) -> None:
        if capabilities.protocol != PROTOCOL:
            raise ValueError(f"a runner of another version (protocol {capabilities.protocol}, ours is {PROTOCOL})")
        if self._capabilities is None:
            await self._send(Warm(terminal_limits=self._config.terminal_limits))
        async with self._news:
            self._capabilities = capabilities
            self._news.notify_all()

    def _hang_up(self) -> None:
        self._capabilities = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._process is not None:
            self._process.poll()
        for run_id, stream in self._runs.items():
            stream.put(_lost(run_id))
        _give_up(self._formats)
        _give_up(self._assists)


def _give_up(asked: dict[str, asyncio.Future[_A]]) -> None:
    for answer in asked.values():
        if not answer.done():
            answer.set_exception(RunnerUnavailable("The runner is restarting. Try again in a moment."))
    asked.clear()


def _lost(run_id: str) -> RunEnded:
    detail = "The runner stopped while this ran. Nothing is wrong with your program: run it again."
    return RunEnded(run_id=run_id, status="sandbox_error", detail=detail)


def _clean_environment() -> dict[str, str]:
    """Return what the runner may know: no database address, no keys."""
    kept = ("PATH", "LANG", "LC_ALL", "HOME", "VIRTUAL_ENV", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
