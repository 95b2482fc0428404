"""One sandbox: prepared ahead, used once, killed.

The host never opens a path inside the candidate's tree: files go in and artifacts come out through the shim's socket,
output comes out of pipes or a terminal.

What everything is under, and ends with, is `_init`: bubblewrap's inner init, or in tier C the shim.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from typing import Any

from pizarra.sandbox.isolation import bubblewrap, landlock
from pizarra.sandbox.isolation.cgroup import Cgroup
from pizarra.sandbox.isolation.confinement import WORK, Confinement, Descriptors, Stub
from pizarra.sandbox.isolation.payload import Payload, ProgramEnd, SandboxError, read_report
from pizarra.sandbox.isolation.streams import OnOutput, ProgramStreams, readable
from pizarra.sandbox.isolation.uids import UidPool
from pizarra.sandbox.isolation.watch import Watch
from pizarra.sandbox.limits import RunLimits

_GRACE_SECONDS = 2.0
_NUDGE_SECONDS = 0.1
_READY_SECONDS = 20.0
_MAX_LINE = 64 * 1024


class Sandbox:
    """A sandbox for one program."""

    def __init__(
        self,
        confinement: Confinement,
        limits: RunLimits,
        stub: Stub,
        uids: UidPool,
        *,
        terminal: bool = False,
    ) -> None:
        self.limits = limits
        self._confinement = confinement
        self._stub = stub
        self._terminal = terminal
        self._uids = uids
        self._uid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._init_pid: int | None = None
        self._init_fd: int | None = None  # a pid may mean somebody else tomorrow
        self._cgroup: Cgroup | None = None
        self._folder: landlock.Folder | None = None
        self._control: socket.socket | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._folders: list[int] = []
        self._streams: ProgramStreams | None = None
        self._watch: Watch | None = None
        self._reason: str | None = None
        self._detail: str | None = None
        self._closed = False

    @property
    def is_alive(self) -> bool:
        """Whether the sandbox is still there."""
        return self._process is not None and self._process.poll() is None

    @property
    def is_resting(self) -> bool:
        """Whether the program has done nothing, and nobody told it anything, for a moment."""
        return self._watch is not None and self._watch.is_resting

    @property
    def work(self) -> str:
        """The program's folder, as the program sees it."""
        return WORK if self._folder is None else f"{self._folder.path}/work"

    # Life

    async def start(self) -> None:
        """Start the sandbox and its stub, and wait until it can be told what to run.

        Raises:
            SandboxError: it does not start; everything is cleaned up.
        """
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await self._start()
                await self._become_ready()
        except TimeoutError:
            await self.close()
            raise SandboxError("the sandbox did not become ready") from None
        except BaseException:
            await self.close()
            raise

    async def run(self, payload: Payload, on_output: OnOutput) -> ProgramEnd:
        """Run a program to its end, and close the sandbox.

        Raises:
            SandboxError: the sandbox failed, or did not report.
        """
        assert self._control is not None
        assert self._init_pid is not None
        assert self._streams is not None
        self._streams.on_output = on_output
        started = time.monotonic()
        try:
            reader, self._writer = await asyncio.open_unix_connection(
                sock=self._control, limit=_MAX_LINE
            )
            self._control = None
            self._watch = Watch(self.limits, self._init_pid, self._cgroup, self._folders, self.kill)
            self._writer.write(payload.encode())
            report, collected = await read_report(
                reader, payload, on_beyond=lambda what: self.kill("memory", what)
            )
            seconds = time.monotonic() - started
            await self._exited()
            # The pid namespace is dead, so nobody writes any more: what is there is all there is.
            self._streams.drain()
            return self._outcome(report, collected, int(seconds * 1000))
        finally:
            await self.close()

    def kill(self, reason: str, detail: str | None = None) -> None:
        """End the sandbox now; the first reason given is the one reported."""
        if self._reason is None:
            self._reason, self._detail = reason, detail
        # Both: a stopped outer bwrap would not pass the news on, and the inner init takes everything with it.
        if self._init_fd is not None:
            # In tier C the shim knows how to end everything at once, and the program cannot reach it.
            number = signal.SIGKILL if self._folder is None else signal.SIGTERM
            with contextlib.suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(self._init_fd, number)
                if self._folder is not None:
                    return
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                self._process.kill()

    async def close(self) -> None:
        """Kill what is left and give everything back. Closing twice is fine."""
        if self._closed:
            return
        self._closed = True
        if self._watch is not None:
            self._watch.stop()
        if self._process is not None:
            self.kill("stopped")
            await self._exited()
        if self._init_fd is not None:
            await readable(self._init_fd)
            # The killed outer bwrap leaves its inner init to us (we are its sub-reaper): collect it.
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PIDFD, self._init_fd, os.WEXITED)  # noqa: ASYNC222 - it is dead
            os.close(self._init_fd)
            self._init_fd = None
        if self._writer is not None:
            self._writer.close()
        if self._control is not None:
            self._control.close()
        if self._streams is not None:
            self._streams.close()
        for folder in self._folders:
            os.close(folder)
        self._folders = []
        if self._cgroup is not None:
            self._cgroup.remove()
        if self._folder is not None:
            await self._folder.remove()
        self._uids.give_back(self._uid)

    # Input

    def write_stdin(self, data: bytes, *, eof: bool = False) -> None:
        """Give the program more input; silently nothing once it does not read any more."""
        if self._streams is not None:
            self._streams.write(data, eof=eof)

    def resize(self, columns: int, rows: int) -> None:
        """Tell the program how large its terminal is; nothing without one."""
        if self._streams is not None:
            self._streams.resize(columns, rows)

    def hold_output(self, held: bool) -> None:
        """Take nothing more of what the program prints, so that it waits; or take it again."""
        if self._streams is not None:
            self._streams.hold(held)

    # Starting

    async def _start(self) -> None:
        """Start it blocked, put it under its cgroup, release it."""
        self._uid = self._uids.claim()
        if self._confinement.folders is not None:
            try:
                self._folder = landlock.Folder.make(self._confinement, self._uid, self._stub)
            except OSError as error:
                raise SandboxError(f"the sandbox's folder cannot be made: {error}") from error
        theirs: list[int] = []

        def pipe() -> tuple[int, int]:
            read, write = os.pipe()
            return read, write

        info_read, info_write = pipe()
        block_read, block_write = pipe()
        self._control, control = socket.socketpair()
        theirs += [info_write, block_read, control.detach()]
        self._streams = ProgramStreams(
            self._uid,
            self.limits.output_bytes,
            self._note_life,
            self._printed_too_much,
            terminal=self._terminal,
        )
        stdin, stdout, stderr = streams = self._streams.theirs
        theirs += set(streams)
        try:
            descriptors = Descriptors(info_write, block_read, theirs[2])
            command, environment = self._command(descriptors, theirs)
            identity: dict[str, Any] = {}
            if self._uid is not None:
                identity = {"user": self._uid, "group": self._uid, "extra_groups": []}
            self._process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=environment,
                cwd="/",
                pass_fds=[fd for fd in theirs if fd not in streams],
                start_new_session=True,
                **identity,
            )
        except OSError as error:
            os.close(info_read)
            os.close(block_write)
            raise SandboxError(f"the sandbox did not start: {error.strerror}") from error
        finally:
            for descriptor in set(theirs):
                os.close(descriptor)
        await self._release(self._process.pid, info_read, block_write)

    async def _release(self, pid: int, info_read: int, block_write: int) -> None:
        """Learn which process it is, put that under its cgroup, and let it go on."""
        try:
            told = asyncio.ensure_future(bubblewrap.told_pid(info_read))
            try:
                self._init_pid = await asyncio.shield(told)
            except asyncio.CancelledError:
                # Whoever killed bubblewrap before it told would leave its child behind, waiting for ever.
                try:
                    self._init_pid = await asyncio.wait_for(told, _GRACE_SECONDS)
                except TimeoutError:  # it does not get on: nobody waits for that
                    self._init_pid = bubblewrap.stopped_child(pid)
                if self._init_pid is not None:
                    self._init_fd = os.pidfd_open(self._init_pid)
                raise
            if self._init_pid is None:
                raise SandboxError(
                    await self._last_words() or "the sandbox ended before it started the program"
                )
            # it waits to be released: it is still itself
            self._init_fd = os.pidfd_open(self._init_pid)
            if self._confinement.cgroups is not None:
                self._cgroup = self._confinement.cgroups.create(
                    f"box-{secrets.token_hex(8)}",  # what is inside sees it: it must count nothing
                    self.limits,
                )
                self._cgroup.add(self._init_pid)
        except OSError as error:
            raise SandboxError(f"the cgroup could not be set up: {error}") from error
        finally:
            os.close(block_write)  # release: end of file is as good as a byte

    def _command(
        self, descriptors: Descriptors, theirs: list[int]
    ) -> tuple[list[str], dict[str, str]]:
        """Return what to execute, and its environment."""
        what = (self._confinement, self.limits, self._stub, descriptors, theirs)
        if self._folder is not None:
            return landlock.command(*what, folder=self._folder, terminal=self._terminal)
        return bubblewrap.command(*what, terminal=self._terminal), {}

    async def _become_ready(self) -> None:
        assert self._control is not None
        self._control.setblocking(False)
        await readable(self._control.fileno())
        line, self._folders, _, _ = socket.recv_fds(self._control, _MAX_LINE, 8)
        if not line:
            raise SandboxError(await self._last_words() or "the sandbox ended before it was ready")

    # Running

    def _note_life(self) -> None:
        if self._watch is not None:
            self._watch.note_life()

    def _printed_too_much(self, limit: int) -> None:
        self.kill("output_limit", f"It printed more than {limit:,} bytes.")

    async def _last_words(self) -> str:
        """Return what a sandbox that ends said last."""
        await self._exited()
        assert self._streams is not None
        self._streams.drain()
        return self._streams.last_words()

    async def _exited(self) -> None:
        process = self._process
        assert process is not None
        if process.poll() is not None:
            return
        descriptor = os.pidfd_open(process.pid)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_SECONDS):
                    await self._nudge_until(descriptor)
            if process.poll() is None:
                self.kill("stopped")
                process.kill()
                await readable(descriptor)
        finally:
            os.close(descriptor)
        process.wait()

    async def _nudge_until(self, ended: int) -> None:
        """Wait; a sandbox that was told to end is told again: the shim may miss a signal right before it waits."""
        while True:
            try:
                return await asyncio.wait_for(readable(ended), _NUDGE_SECONDS)
            except TimeoutError:
                if self._reason is not None:
                    self.kill(self._reason)

    def _outcome(
        self, report: dict[str, Any] | None, collected: dict[str, bytes], duration_ms: int
    ) -> ProgramEnd:
        cgroup = self._cgroup
        memory_kb = cgroup.peak_memory_kb() if cgroup else None
        if report and memory_kb is None:
            memory_kb = int(report["memory_kb"])
        # Where time was up for what it left behind only, the program had ended by itself.
        if self._reason is not None and not (self._reason == "timeout" and report):
            return ProgramEnd(self._reason, None, None, duration_ms, memory_kb, self._detail)
        if cgroup is not None and cgroup.ran_out_of_memory():
            return ProgramEnd("memory", None, None, duration_ms, memory_kb)
        if report is None:
            assert self._streams is not None
            raise SandboxError(self._streams.last_words() or "the sandbox ended without saying how")
        if not report:  # it killed everything it could reach, the shim too
            return ProgramEnd("exited", None, "SIGKILL", duration_ms, memory_kb)
        number = report["signal"]
        name = (
            signal.Signals(number).name
            if number in list(signal.Signals)
            else (f"SIG{number}" if number else None)
        )
        if name == "SIGXCPU":
            detail = f"It used {self.limits.cpu_seconds:g} s of processor time: perhaps a loop never ends."
            return ProgramEnd("timeout", None, None, duration_ms, memory_kb, detail)
        lacked = cgroup is not None and cgroup.ran_out_of_processes()
        return ProgramEnd(
            "exited",
            report["exit_code"],
            name,
            duration_ms,
            memory_kb,
            lacked_processes=lacked,
            collected=collected,
        )
