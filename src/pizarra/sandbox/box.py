"""One sandbox: the process, its output, its end.

The host never opens a path inside the candidate's tree: files go in through descriptors, output comes out of pipes.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pizarra.sandbox import bubblewrap
from pizarra.sandbox.bubblewrap import Confinement, Program
from pizarra.sandbox.cgroup import Cgroup
from pizarra.sandbox.limits import RunLimits

_CHUNK = 32 * 1024
_GRACE_SECONDS = 2.0

OnOutput = Callable[[str, bytes], Awaitable[None]]  # stream ("stdout" or "stderr"), bytes


class SandboxError(RuntimeError):
    """The sandbox itself failed: nothing the program did. The message says what."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended. `reason` is exited, timeout, memory, output_limit or stopped; durations in ms, memory in KiB."""

    reason: str
    exit_code: int | None
    signal: str | None
    duration_ms: int
    memory_kb: int | None


class Box:
    """A sandbox that runs one program once."""

    def __init__(self, confinement: Confinement, limits: RunLimits, name: str) -> None:
        self._confinement = confinement
        self._limits = limits
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._init_pid: int | None = None
        self._cgroup: Cgroup | None = None
        self._stdin: asyncio.StreamWriter | None = None
        self._stdin_closed = False
        self._reason: str | None = None
        self._output_bytes = 0
        self._stderr_tail = b""

    async def run(self, program: Program, stdin: bytes, *, keep_stdin_open: bool, on_output: OnOutput) -> Outcome:
        """Run `program` to its end.

        Raises:
            SandboxError: the sandbox could not be started or did not report.
        """
        started = time.monotonic()
        try:
            status_read, readers = await self._start(program)
            timer = asyncio.get_running_loop().call_later(self._limits.wall_seconds, self.kill, "timeout")
            try:
                outputs = [
                    asyncio.ensure_future(self._forward(stream, reader, on_output)) for stream, reader in readers
                ]
                feeding = asyncio.ensure_future(self._feed(stdin, keep_open=keep_stdin_open))
                report = await self._report(status_read)
                await self._exited()
                # The pid namespace is dead, so nobody holds the pipes: what is left in them is all there is.
                await asyncio.wait(outputs, timeout=_GRACE_SECONDS)
                for task in (*outputs, feeding):
                    task.cancel()
                await asyncio.gather(*outputs, feeding, return_exceptions=True)
            finally:
                timer.cancel()
            return self._outcome(report, int((time.monotonic() - started) * 1000))
        finally:
            self._clean_up()

    def kill(self, reason: str) -> None:
        """End the sandbox now; the first reason given is the one reported."""
        if self._reason is None:
            self._reason = reason
        # Both: a stopped outer bwrap would not pass the news on, and the inner init takes everything with it.
        if self._init_pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._init_pid, signal.SIGKILL)
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                self._process.kill()

    async def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Give the program more input; silently nothing once it does not read any more."""
        writer = self._stdin
        if writer is None or self._stdin_closed:
            return
        with contextlib.suppress(ConnectionError, OSError):
            if data:
                writer.write(data)
                await writer.drain()
            if eof:
                self._stdin_closed = True
                writer.close()

    async def _start(self, program: Program) -> tuple[asyncio.StreamReader, list[tuple[str, asyncio.StreamReader]]]:
        """Start bubblewrap blocked, put it under its cgroup, release it; return the status and output readers."""
        inherited: list[int] = []
        kept: list[int] = []

        def pipe(*, child_reads: bool) -> tuple[int, int]:
            read, write = os.pipe()
            inherited.append(read if child_reads else write)
            kept.append(write if child_reads else read)
            return read, write

        try:
            info_read, info_write = pipe(child_reads=False)
            block_read, block_write = pipe(child_reads=True)
            status_read, status_write = pipe(child_reads=False)
            stdin_read, stdin_write = pipe(child_reads=True)
            stdout_read, stdout_write = pipe(child_reads=False)
            stderr_read, stderr_write = pipe(child_reads=False)
            descriptors = {"info": info_write, "block": block_read, "status": status_write}
            command = bubblewrap.command(self._confinement, self._limits, program, descriptors, inherited)
            identity: dict[str, Any] = {}
            if self._confinement.uid is not None:
                identity = {"user": self._confinement.uid, "group": self._confinement.uid, "extra_groups": []}
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=stdin_read,
                    stdout=stdout_write,
                    stderr=stderr_write,
                    env={},
                    cwd="/",
                    pass_fds=[fd for fd in inherited if fd not in (stdin_read, stdout_write, stderr_write)],
                    start_new_session=True,
                    **identity,
                )
            except OSError as error:
                raise SandboxError(f"bubblewrap did not start: {error.strerror}") from error
        finally:
            for descriptor in inherited:
                os.close(descriptor)
        status = await _reader(status_read)
        readers = [("stdout", await _reader(stdout_read)), ("stderr", await _reader(stderr_read))]
        self._stdin = await _writer(stdin_write)
        info = await (await _reader(info_read)).read()
        try:
            self._init_pid = int(json.loads(info)["child-pid"])
        except (ValueError, KeyError):
            os.close(block_write)
            message = (await readers[1][1].read(2000)).decode(errors="replace").strip()
            raise SandboxError(message or "bubblewrap ended before it started the program") from None
        try:
            if self._confinement.cgroups is not None:
                self._cgroup = self._confinement.cgroups.create(self._name, self._limits)
                self._cgroup.add(self._init_pid)
        except OSError as error:
            self.kill("stopped")
            raise SandboxError(f"the cgroup could not be set up: {error}") from error
        finally:
            os.close(block_write)  # release: end of file is as good as a byte
        return status, readers

    async def _forward(self, stream: str, reader: asyncio.StreamReader, on_output: OnOutput) -> None:
        while chunk := await reader.read(_CHUNK):
            if stream == "stderr":
                self._stderr_tail = (self._stderr_tail + chunk)[-2000:]
            room = self._limits.output_bytes - self._output_bytes
            self._output_bytes += len(chunk)
            if room > 0:
                await on_output(stream, chunk[:room])
            if self._output_bytes > self._limits.output_bytes:
                self.kill("output_limit")

    async def _feed(self, stdin: bytes, *, keep_open: bool) -> None:
        await self.write_stdin(stdin, eof=not keep_open)

    async def _report(self, status: asyncio.StreamReader) -> dict[str, Any] | None:
        """Return what the shim reports: empty if it was killed while the program ran, None if it never started."""
        report = None
        while line := await status.readline():
            report = dict(json.loads(line))
        return report

    async def _exited(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            descriptor = os.pidfd_open(self._process.pid)
            loop = asyncio.get_running_loop()
            loop.add_reader(descriptor, _resolve, gone)
            try:
                await asyncio.wait_for(gone, _GRACE_SECONDS)
            except TimeoutError:
                self.kill("stopped")
                await gone
            finally:
                loop.remove_reader(descriptor)
                os.close(descriptor)
            self._process.wait()

    def _outcome(self, report: dict[str, Any] | None, duration_ms: int) -> Outcome:
        cgroup = self._cgroup
        memory_kb = cgroup.peak_memory_kb() if cgroup else None
        if report and memory_kb is None:
            memory_kb = int(report["memory_kb"])
        if self._reason is not None:
            return Outcome(self._reason, None, None, duration_ms, memory_kb)
        if cgroup is not None and cgroup.ran_out_of_memory():
            return Outcome("memory", None, None, duration_ms, memory_kb)
        if report is None:
            detail = self._stderr_tail.decode(errors="replace").strip()
            raise SandboxError(detail or "the sandbox ended without saying how")
        if not report:  # it killed everything it could reach, the shim too
            return Outcome("exited", None, "SIGKILL", duration_ms, memory_kb)
        number = report["signal"]
        name = signal.Signals(number).name if number in list(signal.Signals) else (f"SIG{number}" if number else None)
        return Outcome("exited", report["exit_code"], name, duration_ms, memory_kb)

    def _clean_up(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill("stopped")
            self._process.wait()
        if self._init_pid is not None:
            # The killed outer bwrap leaves its inner init to us (we are its sub-reaper): collect it.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._init_pid, 0)
        if self._stdin is not None:
            self._stdin.close()
        if self._cgroup is not None:
            self._cgroup.remove()


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _reader(descriptor: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_CHUNK)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0))
    return reader


async def _writer(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(descriptor, "wb", 0)
    )
    return asyncio.StreamWriter(transport, protocol, None, loop)
