"""A compiler that is a command: one sandbox per compilation."""

import json
from dataclasses import dataclass

from pizarra.sandbox import stubs
from pizarra.sandbox.compilers import Build, Diagnostic, Sources
from pizarra.sandbox.compilers.gcc import parse_gcc
from pizarra.sandbox.isolation.confinement import Stub
from pizarra.sandbox.isolation.payload import Payload, ProgramEnd
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.languages import LanguageSpec
from pizarra.sandbox.libraries import Libraries
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.runner.pools import Pools

_KILLED = "Killed signal terminated program"  # what g++ says when a part of it was
_MAX_ARTIFACT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CommandCompiler:
    """Runs a language's `compile.argv`; `values` fill in its placeholders."""

    spec: LanguageSpec
    values: dict[str, str]
    pools: Pools
    limits: RunLimits
    libraries: Libraries

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Compile the main file and those beside it, and link what belongs together: see `build_units.py`."""
        command = self.spec.compile
        assert command is not None
        mine = sources.with_extension(command.sources)
        others = sorted(path for path in mine if path != sources.main)
        about = {"main": sources.main, "others": others, "artifact": command.artifact}
        about["linkers"] = [self.values["linker"], command.linkers[-1]]
        script = stubs.source("build_units.py").decode()
        argv = [
            self.pools.confinement.shim_interpreter,
            "-I",
            "-S",
            "-c",
            script,
            json.dumps(about),
        ]
        libraries = fill_libraries(command.libraries, self.libraries.of(self.spec.id).inside)
        argv += fill_in(command.argv, {**self.values, **libraries}, [])
        payload = Payload.of_command(
            argv, sources.files, collect=(command.artifact,), collect_bytes=_MAX_ARTIFACT
        )
        outcome, log = await run_to_end(self.pools, self.limits, payload, hurry=hurry)
        diagnostics = parse_gcc(log, sources.files, sources.main)
        artifact = outcome.collected.get(command.artifact)
        if artifact is None or outcome.exit_code != 0:
            stopped = outcome.reason != "exited" or outcome.signal is not None or _KILLED in log
            return Build(
                None, diagnostics, log or explain(outcome, self.limits), is_final=not stopped
            )
        run = Payload.of_command(self.spec.run.argv, {**sources.files, command.artifact: artifact})
        return Build(Payload(run.go, run.files, executable=command.artifact), diagnostics)

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """The compilation says everything."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""


async def run_to_end(
    pools: Pools, limits: RunLimits, payload: Payload, *, hurry: bool
) -> tuple[ProgramEnd, str]:
    """Run a compiler in a sandbox of its own; return how it ended and what it printed."""
    return await _to_end(
        await pools.acquire(Stub(nice=0 if hurry else 10), limits, terminal=False), payload
    )


async def run_once(pools: Pools, limits: RunLimits, argv: list[str]) -> tuple[ProgramEnd, str]:
    """Like `run_to_end` for a command that is seldom run and needs no files."""
    return await _to_end(await pools.fresh(Stub(), limits), Payload.of_command(argv, {}))


async def _to_end(sandbox: Sandbox, payload: Payload) -> tuple[ProgramEnd, str]:
    output = bytearray()
    outcome = await sandbox.run(payload, lambda _stream, data: output.extend(data))
    log = output.decode("utf-8", errors="replace")
    return outcome, log if outcome.reason == "exited" and outcome.signal is None else explain(
        outcome, sandbox.limits
    )


def explain(outcome: ProgramEnd, limits: RunLimits) -> str:
    """Return why a compiler gave nothing, for people."""
    match outcome.reason:
        case "timeout":
            return f"The compiler took longer than {limits.wall_seconds:g} s and was stopped.\n"
        case "memory":
            return (
                f"The compiler used more than {limits.memory_bytes // 2**20} MiB and was stopped.\n"
            )
        case "output_limit":
            return "The compiler printed too much and was stopped.\n"
        case _:
            return (
                f"The compiler ended with {outcome.signal or outcome.exit_code} and made nothing.\n"
            )


def fill_libraries(pattern: str, inside: str) -> dict[str, str]:
    """Return the placeholder `{libraries}`, from where they are: nothing when there are none."""
    return {"libraries": pattern.format(libraries=inside) if inside else ""}


def fill_in(argv: list[str], values: dict[str, str], sources: list[str]) -> list[str]:
    """Return a command with its placeholders filled in; one that becomes empty is left out."""
    filled: list[str] = []
    for part in argv:
        if part == "{sources}":
            filled += sources
        elif text := part.format(**values):
            filled.append(text)
    return filled
