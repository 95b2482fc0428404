"""TypeScript's checker, kept loaded: it says what the types say, and builds nothing."""

import asyncio
import json
import struct
from dataclasses import dataclass

from pizarra.sandbox.compilers import MAX_DIAGNOSTICS, Diagnostic, Sources
from pizarra.sandbox.compilers.lanes import Lanes
from pizarra.sandbox.compilers.service import ServiceGone
from pizarra.sandbox.compilers.tsconfig import options_of, remarks_on
from pizarra.sandbox.isolation.payload import SandboxError

_CONFIGURATION = "tsconfig.json"  # the checker writes its own, in the folder of all
_CHECKED = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json")


@dataclass(frozen=True, slots=True)
class TypeChecker:
    """Reads a session's TypeScript in memory."""

    service: Lanes

    async def check(self, sources: Sources) -> tuple[Diagnostic, ...]:
        """Return what the type checker says.

        Raises:
            SandboxError: it was stopped, and nobody knows what it would have said.
        """
        # A configuration of the session's own would replace ours: what is honoured of it goes beside.
        files = {
            path: data.decode("utf-8", errors="replace")
            for path, data in sources.files.items()
            if path.endswith(_CHECKED)
            and not path.endswith(_CONFIGURATION)
            and not path.startswith(f"{_CONFIGURATION}/")  # a folder would be in its way
        }
        if sources.main not in files:
            return remarks_on(sources.files)
        told = {"files": files, "main": sources.main, "options": options_of(sources.files)}
        request = json.dumps(told).encode()
        try:
            answer = await self.service.ask(
                struct.pack(">I", len(request)) + request, sources.share
            )
        except ServiceGone as gone:
            raise SandboxError(f"the type checker was stopped: {gone}") from gone
        found = (await asyncio.to_thread(json.loads, answer))["diagnostics"][:MAX_DIAGNOSTICS]
        return remarks_on(sources.files) + tuple(Diagnostic(**each, source="tsc") for each in found)
