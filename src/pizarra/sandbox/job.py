"""One run inside the runner: compiled, executed, told about."""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from pizarra.sandbox.box import Box
from pizarra.sandbox.compilers import Build, Diagnostic, Sources
from pizarra.sandbox.confinement import WORK
from pizarra.sandbox.languages import ErrorPattern
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.payload import Outcome, SandboxError
from pizarra.sandbox.protocol import (
    DiagnosticFound,
    RunEnded,
    RunEvent,
    RunOutput,
    RunState,
    StartRun,
    Stream,
    TerminalSize,
)
from pizarra.sandbox.workshop import Workshop

log = logging.getLogger(__name__)

_CHECK_SECONDS = 3.0  # how long the end of a run waits for the type checker
_PREPARE_SECONDS = 5.0  # what takes longer is compiled when somebody runs it
_TAIL = 8000
_WHOLE_LINE = 10_000
_MAX_LOG = 64 * 1024


class Job:
    """A run and what may happen to it from outside. `send` tells its peer."""

    def __init__(self, request: StartRun, send: Callable[[RunEvent], None]) -> None:
        self.request = request
        self.send = send
        self.stopped = False
        self.task: asyncio.Task[None] | None = None
        self.on_turn: Callable[[], None] = lambda: None
        self._box: Box | None = None
        self._working: asyncio.Task[object] | None = None
        self._size = request.terminal
        self._input = bytearray(request.stdin.encode("utf-8", errors="replace"))
        self._eof = not request.keep_stdin_open

    def stop(self) -> None:
        """End it wherever it is."""
        self.stopped = True
        if self._box is not None:
            self._box.kill("stopped")
        elif self._working is not None:
            self._working.cancel()

    def write_stdin(self, data: bytes, *, eof: bool) -> None:
        """Give the program more input, now or when it starts."""
        if self._box is not None:
            self._box.write_stdin(data, eof=eof)
        else:
            self._input += data
            self._eof = self._eof or eof

    def resize(self, size: TerminalSize) -> None:
        """Change the window of its terminal, now or when it starts."""
        self._size = size
        if self._box is not None:
            self._box.resize(size.columns, size.rows)

    def enter(self, box: Box) -> None:
        """The program is about to start in `box`."""
        self._box = box
        if self._size is not None:
            box.resize(self._size.columns, self._size.rows)
        box.write_stdin(bytes(self._input), eof=self._eof)
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


async def execute(job: Job, workshop: Workshop) -> RunEnded:
    """Run a job to its end. Whatever goes wrong with the platform ends as `sandbox_error`."""
    run_id = job.request.run_id
    try:
        return await _execute(job, workshop)
    except SandboxError as error:
        log.error("run %s: sandbox failed: %s", run_id, error)
        return RunEnded(run_id=run_id, status="sandbox_error", detail=f"The sandbox failed: {error}.")
    except Exception:
        log.exception("run %s: runner failed", run_id)
        return RunEnded(run_id=run_id, status="sandbox_error", detail="The runner failed; its log says how.")


async def _execute(job: Job, workshop: Workshop) -> RunEnded:
    request = job.request
    run_id, language = request.run_id, request.language
    spec = workshop.spec(language)
    if spec is None:
        return RunEnded(run_id=run_id, status="sandbox_error", detail="The language cannot be run here.")
    limits = RunLimits(**request.limits.model_dump())
    files = {path: text.encode("utf-8", errors="replace") for path, text in request.files.items()}
    sources = Sources(request.main, files)
    started = time.monotonic()
    compiles = not workshop.is_built(language, sources)
    if compiles:
        job.send(RunState(run_id=run_id, status="compiling"))
    build = await job.unless_stopped(workshop.build(language, sources, hurry=True))
    if build is None:
        return RunEnded(run_id=run_id, status="stopped")
    assert isinstance(build, Build)
    compile_ms = int((time.monotonic() - started) * 1000) if compiles else None
    if build.payload is None:
        data = build.log.encode()[:_MAX_LOG]
        if request.terminal is not None:
            data = data.replace(b"\n", b"\r\n")
        job.send(RunOutput.model_construct(run_id=run_id, stream="stderr", data=data))
        return RunEnded(
            run_id=run_id, status="compile_error", compile_ms=compile_ms, diagnostics=_shown(build.diagnostics)
        )
    check = asyncio.ensure_future(workshop.check(language, sources))
    try:
        job.send(RunState(run_id=run_id, status="running"))
        box = await job.unless_stopped(workshop.take(language, limits, terminal=request.terminal is not None))
        if box is None:
            return RunEnded(run_id=run_id, status="stopped")
        assert isinstance(box, Box)
        if job.stopped:
            await box.close()
            return RunEnded(run_id=run_id, status="stopped")
        tail = b""

        def forward(stream: Stream, data: bytes) -> None:
            nonlocal tail
            if stream == "stderr" or request.terminal is not None:
                tail = (tail + data)[-_TAIL:]
            job.send(RunOutput.model_construct(run_id=run_id, stream=stream, data=data))

        job.enter(box)
        outcome = await box.run(build.payload, forward)
        diagnostics = build.diagnostics
        with contextlib.suppress(TimeoutError):
            diagnostics += await asyncio.wait_for(asyncio.shield(check), _CHECK_SECONDS)
    finally:
        check.cancel()
    tail = tail.replace(box.work.encode(), WORK.encode())
    if outcome.reason == "exited" and outcome.exit_code != 0 and spec.run.error is not None:
        diagnostics += find_error(spec.run.error, tail.decode("utf-8", errors="replace"), files, language)
    marker = spec.run.out_of_memory
    ran_out = outcome.reason == "exited" and outcome.exit_code != 0 and marker is not None and marker.encode() in tail
    return _ended(run_id, outcome, "memory" if ran_out else outcome.reason, compile_ms, diagnostics)


def find_error(pattern: ErrorPattern, printed: str, files: Mapping[str, bytes], source: str) -> tuple[Diagnostic, ...]:
    """Return where in the session's files an uncaught error happened, if what was printed tells."""
    text = printed.replace("\r\n", "\n")
    places = [each for each in re.finditer(pattern.place, text, re.MULTILINE) if each["path"] in files]
    messages = re.findall(pattern.message, text, re.MULTILINE)
    if not places or not messages:
        return ()
    index = 0 if pattern.take == "first" else -1
    line = int(places[index]["line"])
    return (Diagnostic(places[index]["path"], line, 1, "error", messages[index], line, _WHOLE_LINE, source),)


def _ended(
    run_id: str, outcome: Outcome, reason: str, compile_ms: int | None, diagnostics: tuple[Diagnostic, ...]
) -> RunEnded:
    return RunEnded.model_validate(
        {
            "run_id": run_id,
            "status": reason,
            "exit_code": outcome.exit_code if reason == "exited" else None,
            "signal": outcome.signal if reason == "exited" else None,
            "duration_ms": outcome.duration_ms,
            "memory_kb": outcome.memory_kb,
            "detail": outcome.detail,
            "compile_ms": compile_ms,
            "diagnostics": _shown(diagnostics),
        }
    )


async def prepare(workshop: Workshop, language: str, sources: Sources) -> list[DiagnosticFound] | None:
    """Compile ahead of time; return what there is to say, or None when that took too long or failed."""
    try:
        async with asyncio.timeout(_PREPARE_SECONDS):
            build = await workshop.build(language, sources, hurry=False)
            more = await workshop.check(language, sources) if build.payload is not None else ()
    except TimeoutError:
        return None  # others wait for their turn
    except SandboxError as error:
        log.warning("nothing was prepared: %s", error)
        return None
    return _shown(build.diagnostics + more)


def _shown(diagnostics: tuple[Diagnostic, ...]) -> list[DiagnosticFound]:
    return [DiagnosticFound.model_validate(each.as_dict()) for each in diagnostics if each.line > 0]
