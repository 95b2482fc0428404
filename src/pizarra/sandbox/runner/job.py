"""One run inside the runner: compiled, executed, told about."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from pizarra.sandbox.compilers import Build, Diagnostic, Sources
from pizarra.sandbox.compilers.columns import Lines
from pizarra.sandbox.isolation.confinement import WORK
from pizarra.sandbox.isolation.payload import ProgramEnd, SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.languages import RunCommand, heap_mib
from pizarra.sandbox.limits import MIB, RunLimits
from pizarra.sandbox.outcome import DiagnosticFound, Stream, TerminalSize
from pizarra.sandbox.runner.execution_environment import ExecutionEnvironment
from pizarra.sandbox.runner.protocol import (
    ProgramEnded,
    ProgramOutput,
    RunChecked,
    RunEvent,
    RunState,
    StartRun,
    output_cost,
)
from pizarra.sandbox.runner.uncaught import find_error

log = logging.getLogger(__name__)

# how long the end of a run waits for the type checker, which is quicker as a rule
_CHECK_SECONDS = 0.05
_TAIL = 8000
_NEAR = 0.8  # of what it may have: so much a program must have used that is said to have used all
_MAX_LOG = 64 * 1024


class Job:
    """A run and what may happen to it from outside. `send` tells its peer."""

    def __init__(self, request: StartRun, send: Callable[[RunEvent], None]) -> None:
        self.request = request
        self.send = send
        self.stopped = False
        self.position: int | None = None  # in the queue, as was told
        self.task: asyncio.Task[None] | None = None
        self.on_turn: Callable[[], None] = lambda: None
        self._sandbox: Sandbox | None = None
        self._working: asyncio.Task[object] | None = None
        self._size = request.terminal
        self._input = bytearray(request.stdin.encode("utf-8", errors="replace"))
        self._eof = not request.keep_stdin_open
        self._unconfirmed = 0
        self._behind_until = time.monotonic() + (request.behind or 0.0)
        self.checking: asyncio.Task[RunChecked | None] | None = None  # beyond its end

    @property
    def share(self) -> str:
        """Whose turn it takes."""
        return self.request.share or self.request.run_id

    @property
    def team(self) -> str:
        """Whose turns those are."""
        return self.request.team or self.share

    @property
    def is_background(self) -> bool:
        """Whether nobody waits for it."""
        return self.request.behind is not None

    @property
    def gives_way(self) -> bool:
        """Whether it still lets programs of people go first."""
        return self.is_background and time.monotonic() < self._behind_until

    @property
    def is_resting(self) -> bool:
        """Whether its program does nothing: it waits for somebody, or for time to pass."""
        return self._sandbox is not None and self._sandbox.is_resting

    def stop(self) -> None:
        """End it wherever it is."""
        self.stopped = True
        if self._sandbox is not None:
            self._sandbox.kill("stopped")
        elif self._working is not None:
            self._working.cancel()

    def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Give the program more input, now or when it starts."""
        if self._sandbox is not None:
            self._sandbox.write_stdin(data, eof=eof)
        else:
            self._input += data
            self._eof = self._eof or eof

    def say(self, stream: Stream, data: bytes) -> None:
        """Tell what was printed; beyond what the peer may have undealt with, the program waits."""
        if not data:
            return
        self.send(
            ProgramOutput.model_construct(run_id=self.request.run_id, stream=stream, data=data)
        )
        if (window := self.request.window) is not None:
            self._unconfirmed += output_cost(data)
            if self._unconfirmed >= window and self._sandbox is not None:
                self._sandbox.hold_output(True)

    def confirm(self, cost: int) -> None:
        """So much of it was dealt with."""
        self._unconfirmed -= cost
        if self._sandbox is not None and self._unconfirmed < (self.request.window or 0):
            self._sandbox.hold_output(False)

    def resize(self, size: TerminalSize) -> None:
        """Change the window of its terminal, now or when it starts."""
        self._size = size
        if self._sandbox is not None:
            self._sandbox.resize(size.columns, size.rows)

    def enter(self, sandbox: Sandbox) -> None:
        """The program is about to start in `sandbox`."""
        self._sandbox = sandbox
        if self._size is not None:
            sandbox.resize(self._size.columns, self._size.rows)
        sandbox.write_stdin(bytes(self._input), eof=self._eof)
        self._input.clear()

    async def unless_stopped(self, work: Coroutine[Any, Any, object]) -> object | None:
        """Return the result of `work`, or None when the run was stopped meanwhile."""
        self._working = asyncio.ensure_future(work)
        try:
            if self.stopped:
                self._working.cancel()
            return await self._working
        except asyncio.CancelledError:
            if self.stopped:
                return None
            raise
        finally:
            self._working = None


async def execute(job: Job, environment: ExecutionEnvironment) -> ProgramEnded:
    """Run a job to its end. Whatever goes wrong with the platform ends as `sandbox_error`."""
    run_id = job.request.run_id
    try:
        return await _execute(job, environment)
    except SandboxError as error:
        log.error("run %s: sandbox failed: %s", run_id, error)
        return ProgramEnded.without_program(
            run_id, "sandbox_error", detail=f"The sandbox failed: {error}."
        )
    except Exception:
        log.exception("run %s: runner failed", run_id)
        return ProgramEnded.without_program(
            run_id, "sandbox_error", detail="The runner failed; its log says how."
        )


async def _execute(job: Job, environment: ExecutionEnvironment) -> ProgramEnded:
    request = job.request
    run_id, language = request.run_id, request.language
    spec = environment.spec(language)
    if spec is None:
        return ProgramEnded.without_program(
            run_id, "sandbox_error", detail="The language cannot be run here."
        )
    environment.look_at_libraries()
    limits = RunLimits(**request.limits.model_dump())
    files = {path: text.encode("utf-8", errors="replace") for path, text in request.files.items()}
    sources = Sources(request.main, files, request.share)
    started = time.monotonic()
    compiles = not environment.is_built(language, sources)
    if compiles:
        job.send(RunState(run_id=run_id, status="compiling"))
    build = await job.unless_stopped(environment.build(language, sources, hurry=True))
    if build is None:
        return ProgramEnded.without_program(run_id, "stopped")
    assert isinstance(build, Build)
    compile_ms = int((time.monotonic() - started) * 1000) if compiles else None
    if build.payload is None:
        return _did_not_compile(job, build, compile_ms, files)
    check = asyncio.ensure_future(environment.check(language, sources))
    try:
        job.send(RunState(run_id=run_id, status="running"))
        sandbox = await job.unless_stopped(
            environment.acquire(language, limits, terminal=request.terminal is not None)
        )
        if sandbox is None:
            return ProgramEnded.without_program(run_id, "stopped")
        assert isinstance(sandbox, Sandbox)
        if job.stopped:
            await sandbox.close()
            return ProgramEnded.without_program(run_id, "stopped")
        tail = b""

        def forward(stream: Stream, data: bytes) -> None:
            nonlocal tail
            if stream == "stderr" or request.terminal is not None:
                tail = (tail + data)[-_TAIL:]
            job.say(stream, data)

        job.enter(sandbox)
        outcome = await sandbox.run(build.payload, forward)
        printed = tail.replace(sandbox.work.encode(), WORK.encode()).decode(errors="replace")
        uncaught: tuple[Diagnostic, ...] = ()
        if outcome.reason == "exited" and outcome.exit_code != 0 and spec.run.error is not None:
            uncaught = find_error(spec.run.error, printed, files, language)
        await asyncio.wait({check}, timeout=_CHECK_SECONDS)
        if check.done():
            diagnostics = build.diagnostics + check.result() + uncaught
        else:
            diagnostics = build.diagnostics + uncaught
            job.checking = asyncio.ensure_future(_check_late(run_id, check, diagnostics, files))
    finally:
        if job.checking is None:
            check.cancel()
    outcome = judge(outcome, spec.run, printed, limits)
    return _ended(run_id, outcome, compile_ms, _shown(diagnostics, files))


async def _check_late(
    run_id: str,
    check: asyncio.Future[tuple[Diagnostic, ...]],
    known: tuple[Diagnostic, ...],
    files: Mapping[str, bytes],
) -> RunChecked | None:
    """Return what is told of a run once its types are known; None when there is nothing to add."""
    more = await check
    return RunChecked(run_id=run_id, diagnostics=_shown(known + more, files)) if more else None


def _did_not_compile(
    job: Job, build: Build, compile_ms: int | None, files: Mapping[str, bytes]
) -> ProgramEnded:
    """Say what the compiler said."""
    request, data = job.request, build.log.encode()[:_MAX_LOG]
    if request.terminal is not None:
        data = data.replace(b"\n", b"\r\n")
    job.say("stderr", data)
    return ProgramEnded.without_program(
        request.run_id,
        "compile_error",
        compile_ms=compile_ms,
        diagnostics=_shown(build.diagnostics, files),
    )


def judge(outcome: ProgramEnd, run: RunCommand, printed: str, limits: RunLimits) -> ProgramEnd:
    """Return how it ended, in our words: which limit a program met that ended badly by itself.

    What a runtime prints about memory counts only with a peak that bears it out: programs say such words too.
    """
    if outcome.reason != "exited" or outcome.exit_code == 0:
        return outcome
    if run.out_of_memory is not None and re.search(run.out_of_memory, printed, re.MULTILINE):
        heap = heap_mib(run, limits)
        most = limits.memory_bytes if heap is None else heap * MIB
        reason = "memory" if (outcome.memory_kb or 0) * 1024 >= _NEAR * most else "exited"
        if heap is not None:
            detail = f"It asked for more memory than its heap has: {heap} MiB of the {limits.memory_bytes // MIB} MiB."
            return replace(outcome, reason=reason, detail=detail)
        return replace(outcome, reason=reason)
    said = run.out_of_processes is not None and re.search(
        run.out_of_processes, printed, re.MULTILINE
    )
    if outcome.lacked_processes or said:
        detail = f"It wanted more than {limits.processes} processes and threads, the most a program may have."
        return replace(outcome, detail=detail)
    return outcome


def _ended(
    run_id: str, outcome: ProgramEnd, compile_ms: int | None, diagnostics: list[DiagnosticFound]
) -> ProgramEnded:
    return ProgramEnded.model_validate(
        {
            "run_id": run_id,
            "status": outcome.reason,
            "exit_code": outcome.exit_code,
            "signal": outcome.signal,
            "duration_ms": outcome.duration_ms,
            "memory_kb": outcome.memory_kb,
            "detail": outcome.detail,
            "compile_ms": compile_ms,
            "diagnostics": diagnostics,
        }
    )


async def prepare(
    environment: ExecutionEnvironment, language: str, sources: Sources, *, seconds: float
) -> list[DiagnosticFound] | None:
    """Compile ahead of time; return what there is to say, or None when that failed.

    Raises:
        TimeoutError: it took longer than `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            build = await environment.build(language, sources, hurry=False)
            more = await environment.check(language, sources) if build.payload is not None else ()
    except SandboxError as error:
        log.warning("nothing was prepared: %s", error)
        return None
    return _shown(build.diagnostics + more, sources.files)


def _shown(
    diagnostics: tuple[Diagnostic, ...], files: Mapping[str, bytes]
) -> list[DiagnosticFound]:
    lines = Lines(files)
    return [
        DiagnosticFound.model_validate({**each.as_dict(), "text": lines.text(each.path, each.line)})
        for each in diagnostics
        if each.line > 0
    ]
