"""A language as this machine has it: its tool, its compiler, and how its sandboxes start."""

import asyncio
import contextlib
import hashlib
import logging
import os
import re
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path

from pizarra.sandbox import stubs
from pizarra.sandbox.compilers import Compiler
from pizarra.sandbox.compilers.command import CommandCompiler, fill_in, fill_libraries, run_once
from pizarra.sandbox.compilers.esbuild import TypeScriptCompiler
from pizarra.sandbox.compilers.interpreted import Interpreted
from pizarra.sandbox.compilers.javac import JavaCompiler
from pizarra.sandbox.compilers.lanes import Lanes
from pizarra.sandbox.compilers.service import Service
from pizarra.sandbox.compilers.tsc import TypeChecker
from pizarra.sandbox.isolation.confinement import STUBS, TOOLS, Stub
from pizarra.sandbox.isolation.payload import Payload
from pizarra.sandbox.languages import LanguageSpec, heap_mib
from pizarra.sandbox.libraries import Collection, Libraries
from pizarra.sandbox.limits import MIB, RunLimits, compiler_limits
from pizarra.sandbox.runner.java_stub import java_classes
from pizarra.sandbox.runner.pools import Pools
from pizarra.sandbox.toolchains import add_file, on_host

log = logging.getLogger(__name__)

_FOREVER = 1e9
_COUNTS_DISPLAYED = 11  # since then g++ counts a tab as eight columns, unless told otherwise
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
_QUICKER = 3  # times: what takes longer is compiled where it holds up nobody else
_JAVAC_FLAGS = (
    "-Xmx256m",
    "-Xss8m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
)


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
    libraries: Libraries

    @property
    def collection(self) -> Collection:
        """What its programs may import."""
        return self.libraries.of(self.spec.id)

    def stub(self, limits: RunLimits) -> Stub:
        """Return what its sandboxes start with."""
        run, libraries = self.spec.run, self.collection.inside
        if run.stub is None:
            return Stub()
        values = {
            "tool": self.tool,
            "heap_mb": str(heap_mib(run, limits)),
            **fill_libraries(run.libraries, libraries),
        }
        return Stub(fill_in(run.argv, values, []), self.stub_files, self._environment())

    def _environment(self) -> dict[str, str]:
        run, libraries = self.spec.run, self.collection.inside
        if not libraries:
            return run.env
        return {
            **run.env,
            **{
                name: value.format(libraries=libraries) for name, value in run.libraries_env.items()
            },
        }


async def find_runtime(
    spec: LanguageSpec, pools: Pools, limits: RunLimits, libraries: Libraries
) -> LanguageRuntime:
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
    compiler = _compiler(spec, tool, version, files, pools, limits, libraries)
    return LanguageRuntime(spec, tool, version, compiler, files, libraries)


async def precompile_headers(runtime: LanguageRuntime, folder: Path) -> None:
    """Compile a language's large header ahead of time, if nobody has: it may take some seconds, at low priority.

    The header is the system's own, so this needs no sandbox.
    """
    command = runtime.spec.compile
    if command is None or not command.precompiled_header:
        return
    header = command.precompiled_header
    target = f"{_headers(runtime.spec, runtime.version)}/{header}.gch"
    # g++ takes what is precompiled the first time only: who includes it once more is led on to the system's own.
    plain = f"#include_next <{header}>\n"
    try:
        add_file(folder, target.removesuffix(".gch"), lambda path: path.write_text(plain))
    except OSError as error:
        log.warning("%s was not precompiled: %s", header, error)
        return
    lock = folder / f".lock-{target.partition('/')[0]}"
    if (folder / target).exists() or not _alone(lock):
        return
    source, fresh = (folder / f".header-{os.getpid()}.{kind}" for kind in ("hpp", "gch"))
    argv = [
        "nice",
        "-n",
        "10",
        runtime.tool,
        *command.header_flags,
        "-x",
        "c++-header",
        str(source),
        "-o",
        str(fresh),
    ]
    try:
        source.write_text(f"#include <{header}>\n")
        status, errors = await _run_apart(argv)
        if status != 0:
            log.warning("%s was not precompiled: %s", header, errors[-300:])
            return
        add_file(folder, target, fresh.replace)
    except OSError as error:
        log.warning("%s was not precompiled: %s", header, error)
    finally:
        lock.unlink(missing_ok=True)
        source.unlink(missing_ok=True)
        fresh.unlink(missing_ok=True)


async def _run_apart(argv: list[str]) -> tuple[int | None, str]:
    """Run a command of ours to its end; return its status and what it complained. Cancelled, nothing of it goes on.

    It has a group of its own: g++ has another program do the work, which would write its file after we are gone.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        env={"PATH": "/usr/bin:/bin"},
        process_group=0,
    )
    try:
        _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode, errors.decode(errors="replace")


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
        raise Unusable(
            f"{spec.name} does not start: {printed.strip()[:200]}. Install it: {spec.toolchain.install}"
        )
    return f"{spec.toolchain.product} {number[0]}"


def _compiler(
    spec: LanguageSpec,
    tool: str,
    version: str,
    stub_files: dict[str, bytes],
    pools: Pools,
    limits: RunLimits,
    libraries: Libraries,
) -> Compiler:
    command = spec.compile
    if command is None:
        return Interpreted()
    if command.by == "javac":
        argv = [tool, *_JAVAC_FLAGS, "-cp", STUBS, "JavaCompiler"]
        service = _lanes("javac", argv, stub_files, {}, pools, limits)
        return JavaCompiler(service, command.sources, pools, libraries)
    if command.by == "esbuild":
        files = {f"{STUBS}/esbuild_service.cjs": stubs.source("esbuild_service.cjs")}
        env = {"NODE_PATH": f"{TOOLS}/typescript/node_modules"}
        service = _lanes(
            "esbuild", [tool, f"{STUBS}/esbuild_service.cjs"], files, env, pools, limits
        )
        name = "typescript_checker.mjs"
        argv = [tool, f"{STUBS}/{name}", f"{TOOLS}/typescript"]
        files = {f"{STUBS}/{name}": stubs.source(name)}
        checker = TypeChecker(_lanes("the type checker", argv, files, {}, pools, limits))
        return TypeScriptCompiler(service, checker)
    values = {"tool": tool, "headers": _headers(spec, version), "linker": _linker(command.linkers)}
    values["columns"] = (
        "-fdiagnostics-column-unit=byte" if _major(version) >= _COUNTS_DISPLAYED else ""
    )
    return CommandCompiler(spec, values, pools, limits, libraries)


def _lanes(
    name: str,
    argv: list[str],
    files: dict[str, bytes],
    env: dict[str, str],
    pools: Pools,
    limits: RunLimits,
) -> Lanes:
    stub = Stub(files=files, env=env)
    payload = Payload.of_command(argv, {})
    new_sandbox = lambda: pools.new(stub, _SERVICE_LIMITS)  # noqa: E731
    seconds = limits.wall_seconds / 3
    return Lanes(
        lambda: Service(name, new_sandbox, payload, seconds=seconds, uses=_SERVICE_USES),
        quick_seconds=min(seconds, max(1.0, seconds / _QUICKER)),
    )


def _major(version: str) -> int:
    return int(version.rpartition(" ")[2].partition(".")[0])


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
