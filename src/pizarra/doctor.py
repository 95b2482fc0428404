"""Tells what works on this machine, what does not, and the exact fix."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pizarra import __version__, migrate
from pizarra.config import Settings
from pizarra.database import DATABASE_ERRORS, DatabaseUrlError, connect, database_url
from pizarra.page import STATIC
from pizarra.sandbox.languages import languages
from pizarra.sandbox.probe import probe
from pizarra.sandbox.toolchains import default_folder
from pizarra.sandbox.workshop import Workshop


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
    yield await _database(settings)
    yield _page()
    async for finding in _programs(settings):
        yield finding


async def _programs(settings: Settings) -> AsyncIterator[Finding]:
    folder = settings.cache_dir or default_folder()
    machine = await probe(
        first_uid=settings.runner_first_uid, tools=folder, by=settings.sandbox, folders=settings.sandbox_dir
    )
    for check in machine.checks:
        # Without a cgroup programs still run, in tier B; without our toolchains all but TypeScript do.
        ok = None if check.name in ("cgroup", "toolchains") and not check.ok else check.ok
        yield Finding(ok, check.name, check.detail, check.fix)
    yield Finding(machine.tier is not None, "tier", machine.tier or "none: programs are not run here")
    workshop = Workshop(machine, max_idle=0, cache_bytes=1, max_language_servers=1)
    try:
        await workshop.open()
        for spec in languages().values():
            state = workshop.states[spec.id]
            found = ", ".join(filter(None, (state.version, state.language_server)))
            yield Finding(state.available, spec.name, found if state.available else state.reason or "")
    finally:
        await workshop.close()
        if machine.confinement is not None:
            machine.confinement.close()


def _data_dir(settings: Settings) -> Finding:
    folder = settings.data_dir
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if os.access(existing, os.W_OK | os.X_OK):
        return Finding(True, "data directory", str(folder))
    return Finding(False, "data directory", f"{folder} cannot be written", "Choose another with --data-dir.")


async def _database(settings: Settings) -> Finding:
    try:
        url = database_url(settings)
    except DatabaseUrlError as error:
        return Finding(False, "database", str(error), "Mend DATABASE_URL.")
    if settings.database_url is None and not settings.sqlite_path.exists():
        return Finding(True, "database", f"SQLite, to be made at {settings.sqlite_path}")
    shown = url.render_as_string(hide_password=True)
    database = connect(settings)
    try:
        current = await migrate.current_revision(database)
    except DATABASE_ERRORS as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return Finding(False, "database", f"{shown}: {reason}", "Start it, or mend DATABASE_URL.")
    finally:
        await database.dispose()
    if current in (None, migrate.head_revision()):
        return Finding(True, "database", f"{shown}, {'empty' if current is None else 'revision ' + current}")
    return Finding(False, "database", f"{shown} is at revision {current}", "Run: pizarra db upgrade")


def _page() -> Finding:
    if (STATIC / "index.html").exists():
        return Finding(True, "page", "built")
    return Finding(False, "page", "not built: the API works, the browser shows nothing", "Run: make page")
