"""Formats a text in a sandbox of its own: formatters are programs too, and the text is a stranger's."""

from pizarra.sandbox.box import Box
from pizarra.sandbox.confinement import TOOLS, Stub
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.payload import Payload, SandboxError
from pizarra.sandbox.protocol import Format, Formatted
from pizarra.sandbox.toolchains import on_host
from pizarra.sandbox.workshop import Workshop

_SCRIPT = f"{TOOLS}/formatters/format.mjs"
_NODES = ("/usr/bin/node", "/usr/local/bin/node", f"{TOOLS}/node/bin/node")
_LIMITS = RunLimits(wall_seconds=10.0, cpu_seconds=10.0, memory_bytes=512 * 2**20, output_bytes=4 * 2**20)
_MAX_PROBLEM = 400


async def format_text(workshop: Workshop, request: Format) -> Formatted:
    """Return the text as its language's formatter writes it, or why not."""
    try:
        return await _format(workshop, request)
    except SandboxError as error:
        return _fault(request, f"The sandbox failed: {error}.")


async def _format(workshop: Workshop, request: Format) -> Formatted:
    pools = workshop.pools
    if pools is None:
        return _fault(request, f"Programs cannot be run on this machine. {workshop.machine.reason}")
    tools = pools.confinement.tools
    node = next((path for path in _NODES if (found := on_host(path, tools)) is not None and found.exists()), None)
    script = on_host(_SCRIPT, tools)
    if node is None or script is None or not script.exists():
        return _fault(request, "The formatters are not installed here. Install them: pizarra toolchains")
    box: Box = await pools.take(Stub(), _LIMITS, terminal=False)
    printed: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    # The name in the sandbox is ours: only its extension is of interest.
    name = f"text.{request.path.rpartition('.')[2]}" if "." in request.path else "text"
    payload = Payload.of_command(
        [node, _SCRIPT, request.language, name], {"text": request.text.encode("utf-8", "replace")}
    )
    outcome = await box.run(payload, lambda stream, data: printed[stream].extend(data))
    if outcome.reason != "exited":
        return _fault(request, "The formatter took too much time or memory for this text.")
    if outcome.exit_code != 0:
        problem = printed["stderr"].decode("utf-8", "replace").strip()[:_MAX_PROBLEM]
        return Formatted(format_id=request.format_id, text=None, problem=problem or "It could not be formatted.")
    return Formatted(format_id=request.format_id, text=printed["stdout"].decode("utf-8", "replace"))


def _fault(request: Format, problem: str) -> Formatted:
    return Formatted(format_id=request.format_id, text=None, problem=problem, is_fault=True)
