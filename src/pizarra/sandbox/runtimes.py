"""A language as this machine has it: its tool, its compiler, and how its sandboxes start."""

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import time
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path

from pizarra.sandbox import stubs
from pizarra.sandbox.compilers import Compiler
from pizarra.sandbox.compilers.command import CommandCompiler, fill_in, run_once
from pizarra.sandbox.compilers.esbuild import TypeScriptCompiler
from pizarra.sandbox.compilers.interpreted import Interpreted
from pizarra.sandbox.compilers.javac import JavaCompiler
from pizarra.sandbox.compilers.service import Service
from pizarra.sandbox.confinement import STUBS, TOOLS, Stub
from pizarra.sandbox.java_stub import java_classes
from pizarra.sandbox.languages import LanguageSpec
from pizarra.sandbox.limits import MIB, RunLimits, compiler_limits
from pizarra.sandbox.payload import Payload
from pizarra.sandbox.pools import Pools
from pizarra.sandbox.toolchains import add_file, on_host

log = logging.getLogger(__name__)

_HEADROOM_MIB = 96  # of a run's memory, what a runtime needs beside its heap
_FOREVER = 1e9
_LOCK_SECONDS = 120
_OUR_LIMITS = compiler_limits(60)  # of what no candidate wrote
_SERVICE_LIMITS = RunLimits(
    wall_seconds=_FOREVER,
    cpu_seconds=1e8,
    memory_bytes=640 * MIB,
    output_bytes=None,
    processes=128,
    cpus=2.0,
)
_SERVICE_USES = 500
_JAVAC_FLAGS = ("-Xmx256m", "-Xss8m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData")


class Unusable(Exception):
    """A language cannot be used on this machine; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class LanguageRuntime:
    """What it takes to run a language here."""

    spec: LanguageSpec
    tool: str
    version: str
    compiler: Compiler
    stub_files: dict[str, bytes]

    def stub(self, limits: RunLimits) -> Stub:
        """Return what its sandboxes start with."""
        if self.spec.run.stub is None:
            return Stub()
        heap = max(32, limits.memory_bytes // MIB - _HEADROOM_MIB)
        return Stub(fill_in(self.spec.run.argv, {"tool": self.tool, "heap_mb": str(heap)}, []), self.stub_files)


async def find_runtime(spec: LanguageSpec, pools: Pools, limits: RunLimits) -> LanguageRuntime:
    """Return a language's runtime; `limits` are those of its compiler.

    Raises:
        Unusable: it is not installed, or does not start.
        SandboxError: the sandbox failed.
    """
    folder = pools.confinement.tools
    tool = next((path for path in spec.toolchain.candidates if _exists(path, folder)), None)
    if tool is None or not all(_exists(path, folder) for path in spec.toolchain.requires):
        raise Unusable(f"{spec.name} is not installed. Install it: {spec.toolchain.install}")
    version = await _version(spec, tool, pools)
    needs_java = spec.compile is not None and spec.compile.by == "javac"
    classes = await java_classes(version, pools, _OUR_LIMITS) if needs_java else {}
    files = {f"{STUBS}/{name}": content for name, content in classes.items()}
    if spec.run.stub is not None and not needs_java:
        files = {f"{STUBS}/{spec.run.stub}": stubs.source(spec.run.stub)}
    return LanguageRuntime(spec, tool, version, _compiler(spec, tool, version, files, pools, limits), files)


async def precompile_headers(runtime: LanguageRuntime, folder: Path) -> None:
    """Compile a language's large header ahead of time, if nobody has: it may take some seconds, at low priority.

    The header is the system's own, so this needs no sandbox.
    """
    command = runtime.spec.compile
    if command is None or not command.precompiled_header:
        return
    header = command.precompiled_header
    target = f"{_headers(runtime.spec, runtime.version)}/{header}.gch"
    lock = folder / f".lock-{target.partition('/')[0]}"
    if (folder / target).exists() or not _alone(lock):
        return
    source, fresh = (folder / f".header-{os.getpid()}.{kind}" for kind in ("hpp", "gch"))
    argv = ["nice", "-n", "10", runtime.tool, *command.header_flags, "-x", "c++-header", str(source), "-o", str(fresh)]
    try:
        source.write_text(f"#include <{header}>\n")
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env={"PATH": "/usr/bin:/bin"}
        )
        _, errors = await process.communicate()
        if process.returncode != 0:
            log.warning("%s was not precompiled: %s", header, errors.decode(errors="replace")[-300:])
            return
        add_file(folder, target, fresh.replace)
    except OSError as error:
        log.warning("%s was not precompiled: %s", header, error)
    finally:
        lock.unlink(missing_ok=True)
        source.unlink(missing_ok=True)
        fresh.unlink(missing_ok=True)


def _alone(lock: Path) -> bool:
    """Tell whether nobody else is at it: several runners may share the folder. One that died is forgotten."""
    with contextlib.suppress(OSError):
        if time.time() - lock.stat().st_mtime > _LOCK_SECONDS:
            lock.unlink(missing_ok=True)
    try:
        lock.touch(exist_ok=False)
    except OSError:
        return False
    return True


def _exists(path: str, folder: Path | None) -> bool:
    there = on_host(path, folder)
    return there is not None and there.exists()


async def _version(spec: LanguageSpec, tool: str, pools: Pools) -> str:
    argv = fill_in(spec.toolchain.version, {"tool": tool}, [])
    outcome, printed = await run_once(pools, _OUR_LIMITS, argv)
    number = re.search(r"\d+(\.\d+)+", printed)
    if outcome.exit_code != 0 or number is None:
        raise Unusable(f"{spec.name} does not start: {printed.strip()[:200]}. Install it: {spec.toolchain.install}")
    return f"{spec.toolchain.product} {number[0]}"


def _compiler(
    spec: LanguageSpec, tool: str, version: str, stub_files: dict[str, bytes], pools: Pools, limits: RunLimits
) -> Compiler:
    command = spec.compile
    if command is None:
        return Interpreted()
    if command.by == "javac":
        argv = [tool, *_JAVAC_FLAGS, "-cp", STUBS, "JavaCompiler"]
        return JavaCompiler(_service("javac", argv, stub_files, {}, pools, limits), command.sources)
    if command.by == "esbuild":
        files = {f"{STUBS}/esbuild_service.cjs": stubs.source("esbuild_service.cjs")}
        env = {"NODE_PATH": f"{TOOLS}/typescript/node_modules"}
        service = _service("esbuild", [tool, f"{STUBS}/esbuild_service.cjs"], files, env, pools, limits)
        return TypeScriptCompiler(service, command, pools, limits)
    values = {"tool": tool, "headers": _headers(spec, version), "linker": _linker(command.linkers)}
    return CommandCompiler(spec, values, pools, limits)


def _service(
    name: str, argv: list[str], files: dict[str, bytes], env: dict[str, str], pools: Pools, limits: RunLimits
) -> Service:
    stub = Stub(files=files, env=env)
    payload = Payload.of_command(argv, {})
    new_box = lambda: pools.new(stub, _SERVICE_LIMITS)  # noqa: E731
    return Service(name, new_box, payload, seconds=limits.wall_seconds / 3, uses=_SERVICE_USES)


def _linker(candidates: list[str]) -> str:
    """Return the argument for the first linker that is installed, or nothing."""
    for argument in candidates:
        name = f"ld.{argument.rpartition('=')[2]}"
        if any(Path(folder, name).exists() for folder in ("/usr/bin", "/usr/local/bin")):
            return argument
    return ""


def _headers(spec: LanguageSpec, version: str) -> str:
    assert spec.compile is not None
    name = " ".join((version, *spec.compile.header_flags))
    return f"headers-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
