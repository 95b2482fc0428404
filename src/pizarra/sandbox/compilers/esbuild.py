"""TypeScript: esbuild, kept loaded, to run; the native compiler beside it, to check the types."""

import json
import struct
from dataclasses import dataclass

from pizarra.sandbox.compilers import Build, Diagnostic, Sources, describe, parse_tsc
from pizarra.sandbox.compilers.command import fill_in, run_to_end
from pizarra.sandbox.compilers.service import Service, ServiceGone
from pizarra.sandbox.languages import CompileCommand
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.payload import Payload
from pizarra.sandbox.pools import Pools

_CHECKED = (".ts", ".tsx", ".mts", ".cts", ".json")


@dataclass(frozen=True, slots=True)
class TypeScriptCompiler:
    """Bundles a session's TypeScript into one file."""

    service: Service
    command: CompileCommand
    pools: Pools
    limits: RunLimits

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Return the bundle with a source map; only what cannot be read as TypeScript is refused."""
        files = {path: data.decode("utf-8", errors="replace") for path, data in sources.files.items()}
        request = json.dumps({"files": files, "main": sources.main}).encode()
        try:
            answer = json.loads(await self.service.ask(struct.pack(">I", len(request)) + request))
        except ServiceGone as gone:
            return Build(None, log=f"{gone}\n", is_final=False)
        diagnostics = tuple(_diagnostic(each) for each in answer["diagnostics"])
        if not answer["ok"]:
            return Build(None, diagnostics, describe(diagnostics))
        name = sources.main + (".mjs" if answer["format"] == "esm" else ".cjs")
        return Build(Payload(f"{name}\tmaps", {**sources.files, name: answer["code"].encode()}), diagnostics)

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """Return what the type checker says."""
        # A configuration of the session's own would replace ours.
        files = {path: data for path, data in sources.files.items() if path.endswith(_CHECKED)}
        files = {path: data for path, data in files.items() if not path.endswith("tsconfig.json")}
        argv = fill_in(self.command.argv, {}, [f"./{sources.main}"])
        _, log = await run_to_end(self.pools, self.limits, Payload.of_command(argv, files), hurry=False)
        return parse_tsc(log)

    async def close(self) -> None:
        """Stop the service."""
        await self.service.close()


def _diagnostic(found: dict[str, object]) -> Diagnostic:
    line, column, length = (int(str(found[name])) for name in ("line", "column", "length"))
    place = (str(found["path"]), line, column, str(found["severity"]), str(found["message"]))
    return Diagnostic(*place, line, column + length, "esbuild")
