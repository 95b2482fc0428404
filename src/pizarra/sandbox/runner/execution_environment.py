"""Everything a machine has for running programs: its languages, compilers, builds and waiting sandboxes."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable

from pizarra.sandbox.compilers import Build, Diagnostic, Sources
from pizarra.sandbox.compilers.cache import BuildCache
from pizarra.sandbox.isolation.payload import SandboxError
from pizarra.sandbox.isolation.probe import Machine
from pizarra.sandbox.isolation.sandbox import Sandbox
from pizarra.sandbox.isolation.uids import UidPool
from pizarra.sandbox.language_servers.server_pool import ServerPool
from pizarra.sandbox.languages import LanguageSpec, languages
from pizarra.sandbox.libraries import Libraries
from pizarra.sandbox.limits import RunLimits
from pizarra.sandbox.limits import compiler_limits as default_compiler_limits
from pizarra.sandbox.runner.pools import Pools
from pizarra.sandbox.runner.protocol import LanguageState
from pizarra.sandbox.runner.runtimes import (
    LanguageRuntime,
    Unusable,
    find_runtime,
    precompile_headers,
)

log = logging.getLogger(__name__)

NOTHING = "nothing"  # of what a self-test printed

_MAX_CHECKED = 1000
_LIBRARIES_SECONDS = 1.0


class ExecutionEnvironment:
    """Tries out the languages when it opens, and tells `on_change` what it finds."""

    def __init__(
        self,
        machine: Machine,
        *,
        max_idle: int,
        cache_bytes: int,
        max_language_servers: int = 0,
        compiler_limits: RunLimits | None = None,
        settle_seconds: float = 0.0,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self.machine = machine
        self.states: dict[str, LanguageState] = {}
        self.cache = BuildCache(cache_bytes)
        self._compiler_limits = compiler_limits or default_compiler_limits()
        self._settle_seconds = settle_seconds
        self._on_change = on_change or (lambda: None)
        self._runtimes: dict[str, LanguageRuntime] = {}
        self._checked: dict[str, tuple[Diagnostic, ...]] = {}
        self._warm_limits: list[RunLimits] = []
        confinement = machine.confinement
        self.libraries = Libraries(confinement.libraries if confinement is not None else None)
        self.pools: Pools | None = None
        self.language_servers: ServerPool | None = None
        if confinement is not None:
            self.pools = Pools(confinement, UidPool(confinement.first_uid), max_idle=max_idle)
            self.language_servers = ServerPool(
                self.pools, self.libraries, most=max_language_servers
            )
        for spec in languages().values():
            reason = (
                f"{spec.name} is being tried out on this machine."
                if self.pools
                else "no sandbox on this machine"
            )
            self.states[spec.id] = LanguageState(
                available=False, starting=self.pools is not None, version=None, reason=reason
            )

    async def open(self) -> None:
        """Try out every language. What works can be used before the last is known."""
        if self.pools is None:
            return
        turns = asyncio.Semaphore(max(1, (os.cpu_count() or 1) // 2))

        async def try_in_turn(spec: LanguageSpec) -> None:
            async with turns:
                await self._try(spec)
            self._on_change()

        compiled = [spec for spec in languages().values() if spec.compile is not None]
        await asyncio.gather(
            *(try_in_turn(spec) for spec in languages().values() if spec not in compiled)
        )
        # A server that has just come back has people to let in first: compilers take the machine for seconds.
        await asyncio.sleep(self._settle_seconds)
        await asyncio.gather(*(try_in_turn(spec) for spec in compiled))
        folder = self.pools.confinement.tools
        for runtime in list(self._runtimes.values()):
            await self._load_checker(runtime)
            if folder is not None:
                await precompile_headers(runtime, folder)

    async def close(self) -> None:
        """Stop the compilers and kill what waits."""
        for runtime in self._runtimes.values():
            await runtime.compiler.close()
        if self.language_servers is not None:
            await self.language_servers.close()
        if self.pools is not None:
            await self.pools.close()

    def look_at_libraries(self) -> None:
        """Use the libraries that there are now, from the next run on."""
        if not self.libraries.look() or self.pools is None:
            return
        self.pools.renew()
        if self.language_servers is not None:
            self.language_servers.renew()
        for language, runtime in self._runtimes.items():
            shown = runtime.collection.shown
            self.states[language] = self.states[language].model_copy(update={"libraries": shown})
            for limits in self._warm_limits:
                self._warm(runtime, limits)
        self._on_change()

    async def follow_libraries(self) -> None:
        """Look at them now and then, so that people are told of new ones before anybody runs anything."""
        while True:
            await asyncio.sleep(_LIBRARIES_SECONDS)
            self.look_at_libraries()

    def keep_ready(self, limits: RunLimits) -> None:
        """Keep a sandbox with a terminal ready for every language, from now on."""
        if limits not in self._warm_limits:
            self._warm_limits.append(limits)
            for runtime in self._runtimes.values():
                self._warm(runtime, limits)

    def compiles(self, language: str) -> bool:
        """Tell whether there is anything to prepare for a language."""
        runtime = self._runtimes.get(language)
        return runtime is not None and runtime.spec.compile is not None

    def is_built(self, language: str, sources: Sources) -> bool:
        """Tell whether a program needs no more compiling."""
        return (
            not self.compiles(language) or self.cache.find(self._key(language, sources)) is not None
        )

    async def build(self, language: str, sources: Sources, *, hurry: bool) -> Build:
        """Return what a program is run from.

        Raises:
            SandboxError: the sandbox failed.
        """
        runtime = self._runtimes[language]
        if runtime.spec.compile is None:
            return await runtime.compiler.build(sources, hurry=hurry)
        key = self._key(language, sources)
        return await self.cache.get(key, lambda: runtime.compiler.build(sources, hurry=hurry))

    async def check(self, language: str, sources: Sources) -> tuple[Diagnostic, ...]:
        """Return what else there is to say about a program; nothing when the check fails."""
        key = self._key(language, sources)
        if (known := self._checked.get(key)) is not None:
            return known
        try:
            found = await self._runtimes[language].compiler.check(sources)
        except SandboxError as error:
            log.warning("the check of a %s program failed: %s", language, error)
            return ()
        self._checked[key] = found
        while len(self._checked) > _MAX_CHECKED:
            del self._checked[next(iter(self._checked))]
        return found

    async def acquire(self, language: str, limits: RunLimits, *, terminal: bool) -> Sandbox:
        """Return a sandbox for a language.

        Raises:
            SandboxError: it does not start.
        """
        assert self.pools is not None
        return await self.pools.acquire(
            self._runtimes[language].stub(limits), limits, terminal=terminal
        )

    def spec(self, language: str) -> LanguageSpec | None:
        """Return a language that can be run here."""
        runtime = self._runtimes.get(language)
        return runtime.spec if runtime is not None else None

    async def _try(self, spec: LanguageSpec) -> None:
        assert self.pools is not None
        version = None
        try:
            runtime = await find_runtime(spec, self.pools, self._compiler_limits, self.libraries)
            version = runtime.version
            printed = await self._self_test(runtime)
            if printed != spec.self_test.stdout:
                said = repr(printed[:300]) if printed else NOTHING
                raise Unusable(f"{spec.name} failed its self-test: it printed {said}.")
        except (Unusable, SandboxError) as error:
            log.warning("%s cannot be run: %s", spec.name, error)
            self.states[spec.id] = LanguageState(
                available=False, version=version, reason=str(error)
            )
            return
        self._runtimes[spec.id] = runtime
        server = (
            await self.language_servers.find(spec) if self.language_servers is not None else None
        )
        self.states[spec.id] = LanguageState(
            available=True,
            version=version,
            reason=None,
            language_server=server,
            libraries=runtime.collection.shown,
        )
        for limits in self._warm_limits:
            self._warm(runtime, limits)

    async def _load_checker(self, runtime: LanguageRuntime) -> None:
        spec = runtime.spec
        with contextlib.suppress(SandboxError):  # whoever asks next is told
            await runtime.compiler.check(Sources(spec.main, {spec.main: b""}))

    async def _self_test(self, runtime: LanguageRuntime) -> str:
        assert self.pools is not None
        spec = runtime.spec
        sources = Sources(spec.main, {spec.main: spec.self_test.code.encode()})
        build = await runtime.compiler.build(sources, hurry=True)
        if build.payload is None:
            return build.log
        output = bytearray()
        limits = RunLimits()
        sandbox = await self.pools.fresh(runtime.stub(limits), limits)
        await sandbox.run(build.payload, lambda _stream, data: output.extend(data))
        return output.decode(errors="replace")

    def _warm(self, runtime: LanguageRuntime, limits: RunLimits) -> None:
        assert self.pools is not None
        self.pools.keep_ready(runtime.stub(limits), limits, terminal=True)

    def _key(self, language: str, sources: Sources) -> str:
        runtime = self._runtimes[language]
        return sources.digest(language, runtime.version, runtime.collection.folder)
