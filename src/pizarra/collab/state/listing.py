"""Which files there are, and which root `Y.Text` each has: a file's identity is its text, a path is only its name.

An entry of the root map `files` may name its text; else it is `file:` + path, which is all that a stock client knows.
Entries come from anybody, so every text has exactly one file: the one whose own `file:` + path it is, else the first in
order of the paths. The other entries that name it are not listed. `web/src/collab/listing.ts` holds to the same rule.
"""

from collections.abc import Callable, Mapping

MAX_TEXT_NAME = 300  # UTF-16 units, as the page counts
_MAPS = ("files", "settings")  # the roots that are no texts


def text_names(entries: Mapping[str, object]) -> dict[str, str]:
    """Return path → the name of its root text for every file that is listed; `entries` are path → what names it."""
    owners: dict[str, str] = {}
    for path in sorted(entries, key=_utf16):
        name = named_text(path, entries[path])
        if name not in owners or name == _default(path):
            owners[name] = path
    return {path: name for name, path in owners.items()}


def named_text(path: str, name: object) -> str:
    """Return the text of an entry that says `name`: the default when that cannot be the name of a text."""
    usable = (
        isinstance(name, str) and 0 < len(_utf16(name)) <= 2 * MAX_TEXT_NAME and name not in _MAPS
    )
    return name if isinstance(name, str) and usable else _default(path)


def fresh_text(path: str, taken: Callable[[str], bool]) -> str | None:
    """Return the name of a text for a new file; None for the default one, which needs no name."""
    if not taken(_default(path)):
        return None
    number = 2
    while taken(name := f"{_default(path)}#{number}"):
        number += 1
    return name


def _default(path: str) -> str:
    return f"file:{path}"


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")
