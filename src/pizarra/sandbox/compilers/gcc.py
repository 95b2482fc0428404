"""What g++ and the linker print, as places in the author's own lines."""

import re
from collections.abc import Mapping

from pizarra.sandbox.compilers import MAX_DIAGNOSTICS, MAX_PARSED, Diagnostic
from pizarra.sandbox.compilers.columns import Lines

_SAID = re.compile(
    r"^(?P<path>[^\s:][^:]*):(?P<line>\d+):(?P<column>\d+): (?P<kind>fatal error|error|warning): (?P<text>.*)$"
)
_BY_THE_WAY = re.compile(r"^(?P<path>[^\s:][^:]*):(?P<line>\d+):(?P<column>\d+):")
_INCLUDED = re.compile(r"^(?:In file included| {17}) from (?P<path>[^\s:][^:]*):(?P<line>\d+)[:,]")
_LINKED = re.compile(
    r"^(?P<path>[^\s:][^:]*):(?P<line>\d+): (?P<text>(?:undefined reference|multiple definition) .*)$"
)
_LINKER = re.compile(r"\bld")
_NO_MAIN = re.compile(r"undefined reference to [`']main'$")


def parse_gcc(text: str, files: Mapping[str, bytes], main: str) -> tuple[Diagnostic, ...]:
    """Return the places. What is wrong in a library's header is marked where the author's own code led there."""
    reader = _Reader(files, main)
    for line in text[:MAX_PARSED].splitlines():
        if ":" in line:  # as every place has
            reader.read(line)
    return tuple(reader.found)


class _Reader:
    """Reads line by line; `_led` is where the author's own code led to what is said next."""

    def __init__(self, files: Mapping[str, bytes], main: str) -> None:
        self.found: list[Diagnostic] = []
        self._files = files
        self._main = main
        self._lines = Lines(files)
        self._led: tuple[str, int, int] | None = None
        # said of a foreign line before anything told what led there
        self._lost: tuple[str, str] | None = None

    def read(self, line: str) -> None:
        """Take in one line."""
        if len(self.found) >= MAX_DIAGNOSTICS:
            return
        if (said := _SAID.match(line)) is not None:
            place = self._own(said["path"], said["line"], said["column"]) or self._led
            severity, message = ("warning" if said["kind"] == "warning" else "error"), said["text"]
            self._led = None
            self._lost = None if place is not None else (severity, message)
            if place is not None:
                self._add(place, severity, message)
        elif (linked := _LINKED.match(_without_linker(line))) is not None:
            self._add(self._own(linked["path"], linked["line"], "1"), "error", linked["text"])
        elif (by := _BY_THE_WAY.match(line)) is not None:
            self._note(
                self._own(by["path"], by["line"], by["column"]), leads=": note: " not in line
            )
        elif (included := _INCLUDED.match(line)) is not None:
            self._note(self._own(included["path"], included["line"], "1"), leads=True)
        elif _NO_MAIN.search(line):
            self._add(
                (self._main, 1, 1),
                "error",
                "undefined reference to 'main': where does the program start?",
            )

    def _own(self, path: str, line: str, column: str) -> tuple[str, int, int] | None:
        path = path.removeprefix("/work/").removeprefix("./")
        if path not in self._files or len(line) > 9 or len(column) > 9:
            return None
        return path, int(line), self._lines.from_bytes(path, int(line), int(column))

    def _note(self, place: tuple[str, int, int] | None, *, leads: bool) -> None:
        if place is None:
            return
        if self._lost is not None:
            self._add(place, *self._lost)
            self._lost = None
        elif leads:
            self._led = place

    def _add(self, place: tuple[str, int, int] | None, severity: str, message: str) -> None:
        if place is not None:
            self.found.append(Diagnostic(*place, severity, message, source="g++"))


def _without_linker(line: str) -> str:
    """Return a line without the linker's name before it; one pattern for both takes the square of its length."""
    name, _, rest = line.partition(": ")
    is_name = name.split(maxsplit=1) == [name] and _LINKER.search(name) is not None
    return rest if rest and is_name else line
