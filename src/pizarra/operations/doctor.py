"""Tells what works on this machine, what does not, and the exact fix."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pizarra import __version__
from pizarra.access.disk import Disk
from pizarra.access.worker_tokens import list_worker_tokens
from pizarra.config import Settings
from pizarra.database import connect
from pizarra.health.readiness import find_fault
from pizarra.http.page import STATIC
from pizarra.kit.tokens import DamagedKey, read_key
from pizarra.migrations import migrate
from pizarra.operations.lost_proofs import lost_proofs
from pizarra.sandbox import libraries
from pizarra.sandbox.isolation.probe import probe
from pizarra.sandbox.languages import LanguageSpec, languages
from pizarra.sandbox.runner.execution_environment import NOTHING, ExecutionEnvironment
from pizarra.sandbox.toolchains import default_folder
from pizarra.storage.addresses import DatabaseUrlError, database_url, without_secret
from pizarra.storage.failures import DATABASE_ERRORS, reason_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `ok` is None for a note."""

    ok: bool | None
    subject: str
    detail: str
    fix: str | None = None


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield findings as they are made."""
    yield Finding(None, "pizarra", __version__)
    yield _data_dir(settings)
    yield _disk(settings)
    yield await _database(settings)
    if (bus := await _bus(settings)) is not None:
        yield bus
    yield _page()
    if settings.runner != "embedded" and (workers := await _workers(settings)) is not None:
        yield workers
    if settings.runner == "workers":
        yield Finding(None, "programs", "run on workers alone: what works there, this tells there")
        return
    async for finding in _programs(settings):
        yield finding


async def _programs(settings: Settings) -> AsyncIterator[Finding]:
    folder = settings.cache_dir or default_folder()
    machine = await probe(
        first_uid=settings.runner_first_uid,
        tools=folder,
        by=settings.sandbox,
        folders=settings.sandbox_dir,
        libraries=settings.libraries_dir or libraries.default_folder(folder),
    )
    for check in machine.checks:
        # Without a cgroup programs still run, in tier B; without our toolchains all but TypeScript do.
        ok = (
            None
            if check.name in ("cgroup", "toolchains", "libraries") and not check.ok
            else check.ok
        )
        yield Finding(ok, check.name, check.detail, check.fix)
    yield Finding(
        machine.tier is not None, "tier", machine.tier or "none: programs are not run here"
    )
    environment = ExecutionEnvironment(machine, max_idle=0, cache_bytes=1, max_language_servers=1)
    try:
        await environment.open()
        for spec in languages().values():
            state = environment.states[spec.id]
            found = ", ".join(filter(None, (state.version, state.language_server)))
            detail = found if state.available else state.reason or ""
            yield Finding(
                state.available,
                spec.name,
                detail,
                _fix_of_silence(spec) if NOTHING in detail else None,
            )
            names = ", ".join(f"{each.name} {each.version}".strip() for each in state.libraries)
            if names:
                yield Finding(None, f"{spec.name}'s libraries", names)
        versions = {name: state.version for name, state in environment.states.items()}
        if (lost := await lost_proofs(settings, versions)) is not None:
            yield Finding(None, "proofs", lost, "Run: pizarra questions prove")
    finally:
        await environment.close()
        if machine.confinement is not None:
            machine.confinement.close()


def _fix_of_silence(spec: LanguageSpec) -> str:
    """Return what helps a language whose programs end without a word: it is broken, or not given what it needs."""
    return (
        f"Try it by hand: {spec.toolchain.candidates[0]}. If that fails too, install it anew: "
        f"{spec.toolchain.install}. If it works, this user may have too little: look at `ulimit -v`, `ulimit -u` "
        "and the limits of the container."
    )


def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if settings.secret_key is None and settings.key_path.exists():
        try:
            read_key(settings.key_path)
        except (DamagedKey, OSError):
            return Finding(
                False,
                "data directory",
                f"{settings.key_path} does not hold a key that can be read",
                "Put it back from a backup. Where nothing was ever recorded, remove it.",
            )
    if os.access(existing, os.W_OK | os.X_OK):
        return Finding(True, "data directory", str(folder))
    return Finding(
        False, "data directory", f"{folder} cannot be written", "Choose another with --data-dir."
    )


def _disk(settings: Settings) -> Finding:
    try:
        ok, detail = Disk(settings).describe()
    except DatabaseUrlError:
        return Finding(None, "disk", "see the database")
    return Finding(
        ok,
        "disk",
        detail,
        None if ok else "Make room there, or keep the data elsewhere with --data-dir.",
    )


async def _database(settings: Settings) -> Finding:
    try:
        url = database_url(settings)
    except DatabaseUrlError as error:
        return Finding(False, "database", str(error), "Mend DATABASE_URL.")
    if settings.database_url is None and not settings.sqlite_path.exists():
        return Finding(True, "database", f"SQLite, to be made at {settings.sqlite_path}")
    where = without_secret(url)
    database = connect(settings)
    try:
        standing = await migrate.standing_of(database)
        is_served = migrate.is_served(database, standing)
        fault = await find_fault(database) if is_served else None
    except DATABASE_ERRORS as error:
        reason = reason_of(error)
        return Finding(False, "database", f"{where}: {reason}", "Start it, or mend DATABASE_URL.")
    finally:
        await database.dispose()
    if fault is not None:
        told = f"it cannot be written: {fault.reason}" if fault.reason else fault.told
        return Finding(
            False, "database", f"{where}: {told}", "Let it be written, or restore a backup."
        )
    if standing is None:
        return Finding(True, "database", f"{where}, empty")
    head, current = migrate.head_revision(), standing.revision
    if is_served and current != head:
        told = f"{where} is ahead of this program: at revision {current}, not {head}; it may work on it"
        return Finding(True, "database", told)
    if is_served:
        return Finding(True, "database", f"{where}, revision {current}")
    if current in migrate.revisions():
        fix = "Run: pizarra db upgrade"
        return Finding(False, "database", f"{where} is at revision {current}", fix)
    return Finding(
        False,
        "database",
        f"{where} is newer than this program: at revision {current}, not {head}",
        "Install the Pizarra that wrote it, or restore a backup.",
    )


async def _bus(settings: Settings) -> Finding | None:
    """Return whether there is a Valkey/Redis where one is expected; None where none is."""
    if settings.redis_url is None:
        return None
    from pizarra.cluster.redis_bus import address_fault, greet

    fix = (
        "Start it, or mend PIZARRA_REDIS_URL. Until then other processes see edits a second later."
    )
    if settings.database_url is None:
        return Finding(False, "bus", "Valkey/Redis is for PostgreSQL", "Give DATABASE_URL too.")
    fault = address_fault(settings.redis_url) or await greet(settings.redis_url)
    if fault is not None:
        return Finding(False, "bus", f"Valkey/Redis: {fault}", fix)
    return Finding(True, "bus", "Valkey/Redis answers")


async def _workers(settings: Settings) -> Finding | None:
    """Tell which workers may connect; nothing where there is no database yet, or it was complained about."""
    try:
        database_url(settings)
    except DatabaseUrlError:
        return None
    if settings.database_url is None and not settings.sqlite_path.exists():
        return None
    database = connect(settings)
    try:
        if not migrate.is_served(database, await migrate.standing_of(database)):
            return None
        async with database.read() as db:
            tokens = await list_worker_tokens(db)
    except DATABASE_ERRORS:
        return None
    finally:
        await database.dispose()
    if tokens:
        told = (
            f"{token.name} (connected {token.used_at:%Y-%m-%d %H:%M})"
            if token.used_at is not None
            else f"{token.name} (never connected)"
            for token in tokens
        )
        return Finding(None, "workers", ", ".join(told))
    if settings.runner == "workers":
        fix = "Run: pizarra worker-token create NAME"
        return Finding(False, "workers", "none has a token, and nobody else runs programs", fix)
    return None


def _page() -> Finding:
    if (STATIC / "index.html").exists():
        return Finding(True, "page", "built")
    return Finding(
        False, "page", "not built: the API works, the browser shows nothing", "Run: make page"
    )
