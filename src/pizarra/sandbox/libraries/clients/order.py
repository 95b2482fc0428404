"""What is ordered of a client, and what it delivers; how a client's program is run."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pizarra.sandbox.libraries.wanted import LibraryError, is_file

# where copies of files lie that an operator named: they are wanted again the next time
LOCAL = "local"
_SECONDS = 900
_AWAY = re.compile(
    r"name or service not known|temporary failure in name|name resolution|network is unreachable|connection refused"
    r"|newconnectionerror|connecttimeout|timed out|enotfound|econnrefused|econnreset|etimedout|eai_again|enetunreach"
    r"|unknown host|could not transfer|transfer failed",
    re.IGNORECASE,
)
_SAID = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A library that somebody asked for. `source` is what to ask for the next time; `key` tells it from others."""

    key: str
    name: str
    version: str
    source: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be there: `kept` as it was, and `added` (names with versions, or absolute paths)."""

    kept: list[Entry]
    added: list[str]
    from_source: bool

    def sources(self, name_of: Callable[[str], str]) -> dict[str, str]:
        """Return key → source of everything; what is added replaces what was there."""
        return {each.key: each.source for each in self.kept} | {
            name_of(each): each for each in self.added
        }


@dataclass(frozen=True, slots=True)
class Filled:
    """What is there now; `site` is where Python looks for it."""

    entries: list[Entry]
    site: str = ""


def keep_files(fresh: Path, before: Path, sources: Mapping[str, str]) -> dict[str, str]:
    """Copy the files among the sources to `fresh/local`; return the sources with those copies in their place."""
    kept: dict[str, str] = {}
    for key, source in sources.items():
        if not is_file(source) and not source.startswith(f"{LOCAL}/"):
            kept[key] = source
            continue
        path = Path(source) if is_file(source) else before / source
        target = fresh / LOCAL / path.name
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            raise LibraryError(f"two files are called {path.name}: rename one of them")
        if path.is_dir():
            shutil.copytree(path, target)
        else:
            shutil.copy2(path, target)
        kept[key] = f"{LOCAL}/{path.name}"
    return kept


def run_client(
    name: str,
    argv: list[str],
    folder: Path,
    missing: str,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return what a client printed, to standard output.

    Raises:
        LibraryError: it failed. `missing` is a pattern of how it says that it knows no such library, with a group
            `name`.
    """
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            env=dict(environment or os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LibraryError(f"{name} took longer than {_SECONDS // 60} minutes") from None
    except OSError as error:
        raise LibraryError(f"{name} does not start: {error.strerror}") from None
    if done.returncode == 0:
        return done.stdout
    said = f"{done.stdout}\n{done.stderr}"
    if _AWAY.search(said):
        raise LibraryError(
            f"{name} cannot reach its registry. Try again later, or name files of this machine"
        )
    if (found := re.search(missing, said)) is not None:
        raise LibraryError(
            f"{name} knows no library {found['name']!r} of that version that would work here"
        )
    lines = [line.strip() for line in said.splitlines() if re.search(r"error", line, re.IGNORECASE)]
    raise LibraryError(f"{name} failed: {(' '.join(lines) or said.strip())[-_SAID:]}")
