"""What each language's libraries come from: the ordinary client of its registry, or a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pizarra.sandbox.libraries.clients import headers, jars, npm, pip
from pizarra.sandbox.libraries.clients.order import Entry, Filled, Order

__all__ = ["Entry", "Filled", "Order", "fill", "name_of"]


@dataclass(frozen=True, slots=True)
class _Client:
    fill: Callable[[Path, Path, Order], Filled]
    name_of: Callable[[str], str]


_CLIENTS = {
    "python": _Client(pip.fill, pip.name_of),
    "javascript": _Client(npm.fill, npm.name_of),
    "java": _Client(jars.fill, jars.name_of),
    "cpp": _Client(headers.fill, headers.name_of),
}


def fill(language: str, fresh: Path, before: Path, order: Order) -> Filled:
    """Fill an empty folder with what is ordered; `before` is the folder that it is to replace, if that exists.

    Raises:
        LibraryError: it failed.
    """
    return _CLIENTS[language].fill(fresh, before, order)


def name_of(language: str, source: str) -> str:
    """Return which library a source is of: its `Entry.key`."""
    return _CLIENTS[language].name_of(source)
