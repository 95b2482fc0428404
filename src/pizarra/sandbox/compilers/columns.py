"""Columns as the page counts them, in UTF-16 units from 1, from what compilers count."""

from collections.abc import Mapping

_MOST_TOLD = 2000
_MOST_COUNTED = 16 * 1024  # bytes of a line: a hundred messages may be about the end of a long one


def utf16_units(text: str) -> int:
    """Return how long a text is to the page."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Lines:
    """The lines of a program's files; each file is split once, when somebody asks."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._split: dict[str, list[bytes]] = {}

    def find(self, path: str, number: int) -> bytes | None:
        """Return a line, counted from 1; None when it is not there."""
        if path not in self._files:
            return None
        if path not in self._split:
            self._split[path] = self._files[path].split(b"\n")
        lines = self._split[path]
        return lines[number - 1] if 0 < number <= len(lines) else None

    def line(self, path: str, number: int) -> bytes:
        """Return a line, or nothing."""
        return self.find(path, number) or b""

    def text(self, path: str, number: int) -> str | None:
        """Return a line as people are told of it; None when it is not there."""
        line = self.find(path, number)
        if line is None:
            return None
        return line[: 4 * _MOST_TOLD].decode(errors="replace")[:_MOST_TOLD]

    def from_bytes(self, path: str, number: int, column: int) -> int:
        """Return a column that was counted in bytes; far to the right, one that is near enough."""
        before = self.line(path, number)[: min(column - 1, _MOST_COUNTED)]
        return utf16_units(before.decode(errors="replace")) + 1
