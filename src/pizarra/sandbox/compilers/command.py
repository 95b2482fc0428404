"""A compiler that is a command: one sandbox per compilation."""

import re
from dataclasses import dataclass

from pizarra.sandbox.box import Box
from pizarra.sandbox.compilers import Build, Diagnostic, Sources, parse_gcc
from pizarra.sandbox.confinement import Stub
from pizarra.sandbox.languages import LanguageSpec
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.payload import Outcome, Payload
from pizarra.sandbox.pools import Pools

_MAX_ARTIFACT = 64 * 1024 * 1024
_MAIN = re.compile(rb"^[^\n/]*\bmain\s*\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CommandCompiler:
    """Runs a language's `compile.argv`; `values` fill in its placeholders."""

    spec: LanguageSpec
    values: dict[str, str]
    pools: Pools
    limits: RunLimits

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Compile the main file and those beside it that have no `main` of their own."""
        command = self.spec.compile
        assert command is not None
        mine = sources.with_extension(command.sources)
        chosen = [path for path, code in mine.items() if path == sources.main or not _MAIN.search(code)]
        argv = fill_in(command.argv, {**self.values, "artifact": command.artifact}, [f"./{path}" for path in chosen])
        payload = Payload.of_command(argv, sources.files, collect=(command.artifact,), collect_bytes=_MAX_ARTIFACT)
        outcome, log = await run_to_end(self.pools, self.limits, payload, hurry=hurry)
        log = log.replace("./", "") if log else ""
        diagnostics = parse_gcc(log)
        artifact = outcome.collected.get(command.artifact)
        if artifact is None or outcome.exit_code != 0:
            stopped = outcome.reason != "exited" or outcome.signal is not None
            return Build(None, diagnostics, log or explain(outcome, self.limits), is_final=not stopped)
        run = Payload.of_command(self.spec.run.argv, {**sources.files, command.artifact: artifact})
        return Build(Payload(run.go, run.files, executable=command.artifact), diagnostics)

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """The compilation says everything."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""


async def run_to_end(pools: Pools, limits: RunLimits, payload: Payload, *, hurry: bool) -> tuple[Outcome, str]:
    """Run a compiler in a sandbox of its own; return how it ended and what it printed."""
    return await _to_end(await pools.take(Stub(nice=0 if hurry else 10), limits, terminal=False), payload)


async def run_once(pools: Pools, limits: RunLimits, argv: list[str]) -> tuple[Outcome, str]:
    """Like `run_to_end` for a command that is seldom run and needs no files."""
    return await _to_end(await pools.fresh(Stub(), limits), Payload.of_command(argv, {}))


async def _to_end(box: Box, payload: Payload) -> tuple[Outcome, str]:
    output = bytearray()
    outcome = await box.run(payload, lambda _stream, data: output.extend(data))
    log = output.decode("utf-8", errors="replace")
    return outcome, log if outcome.reason == "exited" and outcome.signal is None else explain(outcome, box.limits)


def explain(outcome: Outcome, limits: RunLimits) -> str:
    """Return why a compiler gave nothing, for people."""
    match outcome.reason:
        case "timeout":
            return f"The compiler took longer than {limits.wall_seconds:g} s and was stopped.\n"
        case "memory":
            return f"The compiler used more than {limits.memory_bytes // 2**20} MiB and was stopped.\n"
        case "output_limit":
            return "The compiler printed too much and was stopped.\n"
        case _:
            return f"The compiler ended with {outcome.signal or outcome.exit_code} and made nothing.\n"


def fill_in(argv: list[str], values: dict[str, str], sources: list[str]) -> list[str]:
    """Return a command with its placeholders filled in; one that becomes empty is left out."""
    filled: list[str] = []
    for part in argv:
        if part == "{sources}":
            filled += sources
        elif text := part.format(**values):
            filled.append(text)
    return filled
