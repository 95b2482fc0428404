"""JavaScript's and TypeScript's libraries, by npm: none of their scripts is run."""

import json
import re
import shutil
import tarfile
from pathlib import Path

from pizarra.sandbox.libraries.clients.order import (
    LOCAL,
    Entry,
    Filled,
    Order,
    keep_files,
    run_client,
)
from pizarra.sandbox.libraries.wanted import LibraryError, is_file
from pizarra.sandbox.toolchains import ToolchainError, npm_command

_INSTALL = (
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--no-update-notifier",
)
_PATIENCE = ("--fetch-retries=1", "--fetch-retry-maxtimeout=10000")
_MISSING = (
    r"(?:404\s+'|The requested resource '|No matching version found for )(?P<name>@?[^\s@']+)"
)
_TYPES = ("types", "typings")
_MOST_ABOUT = 1 << 20


def name_of(source: str) -> str:
    """Return a package's name; of a file, what the package inside says."""
    if is_file(source):
        return _name_inside(Path(source))
    return source[0] + source[1:].partition("@")[0]


def fill(fresh: Path, before: Path, order: Order) -> Filled:
    """Install into `node_modules`, with what TypeScript knows of those that bring no types of their own."""
    sources = keep_files(fresh, before, order.sources(name_of))
    if not sources:
        return Filled([])
    packages = {
        key: f"file:{source}" if source.startswith(f"{LOCAL}/") else source
        for key, source in sources.items()
    }
    (fresh / "package.json").write_text(json.dumps({"name": "libraries", "private": True}))
    if (before / "package-lock.json").exists():  # so that what others need keeps its version too
        shutil.copy2(before / "package-lock.json", fresh)
    _npm(fresh, list(packages.values()))
    entries = []
    for key, source in sources.items():
        about = _about(fresh, key)
        version = str(about.get("version", ""))
        entries.append(
            Entry(
                key, key, version, source if source.startswith(f"{LOCAL}/") else f"{key}@{version}"
            )
        )
        if not source.startswith(f"{LOCAL}/"):
            _add_types(fresh, key, about)
    return Filled(entries)


def _add_types(fresh: Path, name: str, about: dict[str, object]) -> None:
    if (
        any(about.get(each) for each in _TYPES)
        or (fresh / "node_modules" / name / "index.d.ts").exists()
    ):
        return
    types = "@types/" + name.removeprefix("@").replace("/", "__")
    if name.startswith("@types/") or (fresh / "node_modules" / types).exists():
        return
    try:
        _npm(fresh, [types])
    except LibraryError:
        return  # nobody has written any


def _npm(folder: Path, packages: list[str]) -> None:
    try:
        command, environment = npm_command()
    except ToolchainError as error:
        raise LibraryError(str(error)) from None
    run_client("npm", [*command, *_INSTALL, *_PATIENCE, *packages], folder, _MISSING, environment)


def _about(folder: Path, name: str) -> dict[str, object]:
    try:
        found = json.loads((folder / "node_modules" / name / "package.json").read_bytes())
    except (OSError, ValueError):
        raise LibraryError(f"npm installed nothing that is called {name}") from None
    return found if isinstance(found, dict) else {}


def _name_inside(path: Path) -> str:
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if re.fullmatch(r"[^/]+/package\.json", member.name) and member.size <= _MOST_ABOUT:
                    content = archive.extractfile(member)
                    return str(json.loads(content.read())["name"]) if content is not None else ""
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise LibraryError(
            f"{path} is no packed npm package: {error}. Make one: npm pack"
        ) from None
    raise LibraryError(
        f"{path} is no packed npm package: it has no package.json. Make one: npm pack"
    )
