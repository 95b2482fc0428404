"""TypeScript: esbuild, kept loaded, to run; its own compiler beside it, to check the types."""

import asyncio
import json
import struct
from dataclasses import dataclass

from pizarra.sandbox.compilers import (
    MAX_DIAGNOSTICS,
    Build,
    Diagnostic,
    Sources,
    describe,
)
from pizarra.sandbox.compilers.lanes import Lanes
from pizarra.sandbox.compilers.service import ServiceGone
from pizarra.sandbox.compilers.tsc import TypeChecker
from pizarra.sandbox.compilers.tsconfig import for_esbuild, options_of
from pizarra.sandbox.isolation.payload import Payload


@dataclass(frozen=True, slots=True)
class TypeScriptCompiler:
    """Bundles a session's TypeScript into one file."""

    service: Lanes
    checker: TypeChecker

    async def build(self, sources: Sources, *, hurry: bool) -> Build:
        """Return the bundle with a source map; only what cannot be read as TypeScript is refused."""
        files = {
            path: data.decode("utf-8", errors="replace") for path, data in sources.files.items()
        }
        options = for_esbuild(options_of(sources.files))
        request = json.dumps({"files": files, "main": sources.main, "options": options}).encode()
        try:
            answered = await self.service.ask(
                struct.pack(">I", len(request)) + request, sources.share
            )
            answer = await asyncio.to_thread(json.loads, answered)  # a bundle may have megabytes
        except ServiceGone as gone:
            return Build(None, log=f"{gone}\n", is_final=False)
        diagnostics = tuple(map(_diagnostic, answer["diagnostics"][:MAX_DIAGNOSTICS]))
        if not answer["ok"]:
            return Build(None, diagnostics, describe(diagnostics))
        name = sources.main + (".mjs" if answer["format"] == "esm" else ".cjs")
        return Build(
            Payload(f"{name}\tmaps", {**sources.files, name: answer["code"].encode()}), diagnostics
        )

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """Return what the type checker says."""
        return await self.checker.check(sources)

    async def close(self) -> None:
        """Stop both."""
        await self.service.close()
        await self.checker.service.close()


def _diagnostic(found: dict[str, object]) -> Diagnostic:
    line, column, length = (int(str(found[name])) for name in ("line", "column", "length"))
    place = (str(found["path"]), line, column, str(found["severity"]), str(found["message"]))
    return Diagnostic(*place, line, column + length, "esbuild")
