"""Libraries that programs may import: what the operator put into their folder, as the runner finds it.

Every language has one folder with all of its libraries, which a link names. It is never changed once the link leads
there: `installing.py` makes another one, and then moves the link. JavaScript's libraries are TypeScript's too.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from pizarra.sandbox.isolation.confinement import LIBRARIES
from pizarra.sandbox.runner.protocol import Library

log = logging.getLogger(__name__)

LANGUAGES = ("python", "javascript", "java", "cpp")
MANIFEST = "libraries.json"
_SHARED = {"typescript": "javascript"}
_TYPES = "@types/"  # what TypeScript knows of a library: nobody imports it


@dataclass(frozen=True, slots=True)
class Collection:
    """The libraries of one language: where they are, and what they are. `folder` is empty when there are none.

    `site` is where Python looks for them below it.
    """

    folder: str = ""
    libraries: tuple[Library, ...] = ()
    site: str = ""

    @property
    def inside(self) -> str:
        """Where they are inside a sandbox; empty when there are none."""
        return f"{LIBRARIES}/{self.folder}" if self.folder else ""

    @property
    def shown(self) -> list[Library]:
        """What people are told of."""
        return [each for each in self.libraries if not each.name.startswith(_TYPES)]


_NOTHING = Collection()


def default_folder(tools: Path) -> Path:
    """Return where libraries are kept when nothing else is said: beside the toolchains, where sandboxes can look."""
    return tools / "libraries"


def home_of(language: str) -> str:
    """Return the language whose libraries a language uses."""
    return _SHARED.get(language, language)


def target_of(folder: Path, language: str) -> str:
    """Return the name of a language's folder; empty when it has none."""
    try:
        return str((folder / language).readlink())
    except OSError:
        return ""


class Libraries:
    """What there is at the moment. A look costs a few system calls, and reads only what has changed."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._found: dict[str, Collection] = {}
        self.look()

    def of(self, language: str) -> Collection:
        """Return a language's libraries, as of the last look."""
        return self._found.get(home_of(language), _NOTHING)

    def look(self) -> bool:
        """Look again; tell whether anything has changed."""
        if self._folder is None:
            return False
        changed = False
        for language in LANGUAGES:
            name = target_of(self._folder, language)
            if name != self.of(language).folder:
                self._found[language] = _read(self._folder, name) if name else _NOTHING
                changed = True
        return changed


def _read(folder: Path, name: str) -> Collection:
    try:
        manifest = json.loads((folder / name / MANIFEST).read_bytes())
        libraries = tuple(
            Library(name=each["name"], version=each["version"]) for each in manifest["libraries"]
        )
        return Collection(name, libraries, manifest.get("site", ""))
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the libraries in %s cannot be read: %s", folder / name, error)
        return Collection(name)
