"""The stubs written in Java, compiled once per machine and version."""

import contextlib
import hashlib
from pathlib import Path

from pizarra.sandbox import stubs
from pizarra.sandbox.compilers.command import run_to_end
from pizarra.sandbox.isolation.payload import Payload, SandboxError
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.runner.pools import Pools
from pizarra.sandbox.toolchains import add_file

_SOURCES = ("WarmJava.java", "JavaCompiler.java")
_CLASSES = (
    *("WarmJava.class", "WarmJava$Pair.class"),
    *(
        "JavaCompiler.class",
        "JavaCompiler$Source.class",
        "JavaCompiler$Memory.class",
        "JavaCompiler$Memory$1.class",
    ),
    *("JavaCompiler$Attempt.class", "JavaCompiler$Units.class"),
)
_EXPORTS = (
    "--add-exports",
    "java.base/jdk.internal.vm.annotation=ALL-UNNAMED",
)  # what hides a frame


async def java_classes(version: str, pools: Pools, limits: RunLimits) -> dict[str, bytes]:
    """Return file name → content of every class.

    Raises:
        SandboxError: javac refused them.
    """
    sources = {name: stubs.source(name) for name in _SOURCES}
    folder = pools.confinement.tools
    name = hashlib.sha256(version.encode() + b"".join(sources.values())).hexdigest()[:12]
    kept = folder / f"stubs-{name}" if folder is not None else None
    if kept is not None and all((kept / each).exists() for each in _CLASSES):
        return {each: (kept / each).read_bytes() for each in _CLASSES}
    argv = ["/usr/bin/javac", "-proc:none", "-g", *_EXPORTS, "-d", ".", *_SOURCES]
    payload = Payload.of_command(argv, sources, collect=_CLASSES, collect_bytes=1_000_000)
    outcome, printed = await run_to_end(pools, limits, payload, hurry=True)
    if set(outcome.collected) != set(_CLASSES):
        raise SandboxError(f"javac did not compile our own classes: {printed.strip()[:300]}")
    if kept is not None:
        with contextlib.suppress(OSError):
            for each, content in outcome.collected.items():
                _keep(kept.parent, f"{kept.name}/{each}", content)
    return dict(outcome.collected)


def _keep(folder: Path, path: str, content: bytes) -> None:
    def write(fresh: Path) -> None:
        fresh.write_bytes(content)

    add_file(folder, path, write)
