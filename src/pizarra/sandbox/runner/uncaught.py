"""Where an uncaught error happened, from what the runtime printed about it."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from pizarra.sandbox.compilers import Diagnostic
from pizarra.sandbox.languages import ErrorPattern

_WHOLE_LINE = 10_000


def find_error(
    pattern: ErrorPattern, printed: str, files: Mapping[str, bytes], source: str
) -> tuple[Diagnostic, ...]:
    """Return where in the session's files an uncaught error happened, if what was printed tells."""
    text = printed.replace("\r\n", "\n")
    report = _last(re.finditer(pattern.start, text, re.MULTILINE))
    if report is None:
        return ()
    until = (
        re.compile(pattern.until, re.MULTILINE).search(text, report.end())
        if pattern.until
        else None
    )
    end = until.start() if until is not None else len(text)
    message = re.compile(pattern.message, re.MULTILINE).search(text, report.start(), end)
    found = re.compile(pattern.place, re.MULTILINE).finditer(text, report.start(), end)
    known = _Files(files)
    places = [(path, int(each["line"])) for each in found if (path := known.of(each)) is not None]
    if not places or message is None:
        return ()
    path, line = places[0 if pattern.take == "first" else -1]
    return (Diagnostic(path, line, 1, "error", message["message"], line, _WHOLE_LINE, source),)


def _last(matches: Iterator[re.Match[str]]) -> re.Match[str] | None:
    last = None
    for last in matches:  # noqa: B007
        pass
    return last


class _Files:
    """The session's files, as places name them; Java says the package and the file's name, no folder."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    @cached_property
    def _in_folders(self) -> dict[str, str]:
        """Path without its first folders → the first file that ends so."""
        found: dict[str, str] = {}
        for path in self._files:
            rest = path
            while "/" in rest:
                rest = rest.partition("/")[2]
                found.setdefault(rest, path)
        return found

    def of(self, place: re.Match[str]) -> str | None:
        """Return the file that a place names."""
        package = place.groupdict().get("package") or ""
        path = "/".join([*package.split(".")[:-1], place["path"]])
        if path in self._files:
            return path
        return self._in_folders.get(path) if package else None
