"""Formats a text in a sandbox of its own: formatters are programs too, and the text is a stranger's.

One at a time, twice: those whose texts lately took long or broke a formatter wait for each other, and for nobody else.
"""

import asyncio
from collections import Counter
from dataclasses import replace

from pizarra.kit.suspects import Suspects
from pizarra.sandbox.isolation.confinement import TOOLS, Stub
from pizarra.sandbox.isolation.payload import Payload, SandboxError
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.runner.execution_environment import ExecutionEnvironment
from pizarra.sandbox.runner.protocol import Format, Formatted
from pizarra.sandbox.toolchains import on_host

_SCRIPT = f"{TOOLS}/formatters/format.mjs"
_NODES = ("/usr/bin/node", "/usr/local/bin/node", f"{TOOLS}/node/bin/node")
_LIMITS = RunLimits(
    wall_seconds=10.0, cpu_seconds=10.0, memory_bytes=512 * 2**20, output_bytes=4 * 2**20
)
_QUICK_LIMITS = replace(_LIMITS, wall_seconds=4.0)
_MAX_PROBLEM = 400
_MOST_IN_LANE = 8  # texts under way in each
_MOST_OF_SHARE = 2  # of them those of one interview


class _Lane:
    """Texts that wait for each other."""

    def __init__(self, limits: RunLimits) -> None:
        self.limits = limits
        self.turn = asyncio.Lock()
        self.texts: Counter[str] = Counter()  # by share

    def is_full(self, share: str) -> bool:
        """Tell whether one more of `share`'s would be too many."""
        return self.texts[share] >= _MOST_OF_SHARE or self.texts.total() >= _MOST_IN_LANE


class Formatters:
    """Gives each interview its share of this machine's formatters."""

    def __init__(self, environment: ExecutionEnvironment) -> None:
        self._environment = environment
        self._quick, self._slow = _Lane(_QUICK_LIMITS), _Lane(_LIMITS)
        self._suspects = Suspects()

    async def format(self, request: Format) -> Formatted:
        """Return the text as its language's formatter writes it, or why not."""
        if request.share not in self._suspects:
            formatted = await self._format_in(self._quick, request)
            if formatted is not None:
                return formatted
            self._suspects.add(request.share)
        formatted = await self._format_in(self._slow, request)
        return formatted or _fault(
            request, "The formatter took too much time or memory for this text."
        )

    async def _format_in(self, lane: _Lane, request: Format) -> Formatted | None:
        if lane.is_full(request.share):
            busy = "The formatters are busy. Try again in a moment."
            return _fault(request, busy)
        lane.texts[request.share] += 1
        try:
            async with lane.turn:
                return await _format(self._environment, request, lane.limits)
        except SandboxError as error:
            return _fault(request, f"The sandbox failed: {error}.")
        finally:
            lane.texts -= Counter([request.share])


async def _format(
    environment: ExecutionEnvironment, request: Format, limits: RunLimits
) -> Formatted | None:
    """Return what the formatter made of a text; None when it took too much for that."""
    pools = environment.pools
    if pools is None:
        return _fault(
            request, f"Programs cannot be run on this machine. {environment.machine.reason}"
        )
    tools = pools.confinement.tools
    node = next(
        (path for path in _NODES if (found := on_host(path, tools)) is not None and found.exists()),
        None,
    )
    script = on_host(_SCRIPT, tools)
    if node is None or script is None or not script.exists():
        return _fault(
            request, "The formatters are not installed here. Install them: pizarra toolchains"
        )
    sandbox: Sandbox = await pools.acquire(Stub(), limits, terminal=False)
    printed: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    # The name in the sandbox is ours: only its extension is of interest.
    name = f"text.{request.path.rpartition('.')[2]}" if "." in request.path else "text"
    payload = Payload.of_command(
        [node, _SCRIPT, request.language, name], {"text": request.text.encode("utf-8", "replace")}
    )
    outcome = await sandbox.run(payload, lambda stream, data: printed[stream].extend(data))
    if outcome.reason != "exited":
        return None
    if outcome.exit_code != 0:
        problem = printed["stderr"].decode("utf-8", "replace").strip()[:_MAX_PROBLEM]
        return Formatted(
            format_id=request.format_id,
            text=None,
            problem=problem or "its formatter does not say why",
        )
    return Formatted(format_id=request.format_id, text=printed["stdout"].decode("utf-8", "replace"))


def _fault(request: Format, problem: str) -> Formatted:
    return Formatted(format_id=request.format_id, text=None, problem=problem, is_fault=True)
