"""Reading an export back, as a ZIP archive or an HTML file, and finding out whether anything in it was changed."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from pizarra.exports.writer import FORMAT, LOG_FILES, VERSION
from pizarra.kit import strict_json
from pizarra.kit.text import why
from pizarra.timeline.integrity.chain import FIELDS, Log, first_link, next_link

_MAX_MANIFEST = 16 * 1024 * 1024
_MAX_LINE = 64 * 1024 * 1024


class ArchiveError(Exception):
    """The file is no export, or not a whole one; the message says why."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An opened export."""

    path: Path
    manifest: dict[str, Any]

    @property
    def session_id(self) -> str:
        """The session's id."""
        return str(self.manifest["session"]["session_id"])

    @property
    def logs(self) -> list[Log]:
        """Which logs it has."""
        return [log for log in LOG_FILES if log in self.manifest["logs"]]

    def lines(self, log: Log) -> Iterator[dict[str, Any]]:
        """Yield a log's entries, as they stand there.

        Raises:
            ArchiveError: it cannot be read.
        """
        try:
            with self._open(log) as lines:
                for line in lines:
                    if len(line) > _MAX_LINE:
                        raise ArchiveError("a line is too long")
                    if line.strip():
                        yield _object(line)
        except (zipfile.BadZipFile, zlib.error, KeyError, UnicodeDecodeError, OSError) as error:
            raise ArchiveError(f"its {LOG_FILES[log]} cannot be read: {why(error)}") from error

    @contextmanager
    def _open(self, log: Log) -> Iterator[Iterator[str]]:
        if zipfile.is_zipfile(self.path):
            with zipfile.ZipFile(self.path) as archive, archive.open(LOG_FILES[log]) as member:
                yield _lines(TextIOWrapper(member, "utf-8", newline="\n"))
        else:
            with self.path.open(encoding="utf-8", newline="\n") as page:
                yield _part(page, f'<script type="application/x-ndjson" id="{log}">')

    def scores(self) -> list[dict[str, Any]]:
        """Return the scorecards that are in it."""
        if not zipfile.is_zipfile(self.path):
            with self.path.open(encoding="utf-8") as page:
                return _embedded(page.read(_MAX_MANIFEST), "scores") or []
        with zipfile.ZipFile(self.path) as archive:
            return (
                strict_json.decode(archive.read("scores.json").decode())
                if "scores.json" in archive.namelist()
                else []
            )


def open_archive(path: Path, max_unpacked: int) -> Archive:
    """Open an export that unpacks to `max_unpacked` bytes at most.

    Raises:
        ArchiveError: it is none.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > max_unpacked:
                    raise ArchiveError(f"unpacked it would have more than {max_unpacked:,} bytes")
                if archive.getinfo("session.json").file_size > _MAX_MANIFEST:
                    raise ArchiveError("its session.json is too large")
                manifest = strict_json.decode(archive.read("session.json").decode())
        else:
            with path.open(encoding="utf-8") as page:
                found = re.search(
                    r'<script type="application/json" id="session">(.*?)</script>',
                    page.read(_MAX_MANIFEST),
                )
            if found is None:
                raise ArchiveError("it is neither an archive nor a page that Pizarra exported")
            manifest = strict_json.decode(found[1])
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, OSError, RecursionError) as error:
        raise ArchiveError(f"it cannot be read: {why(error)}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArchiveError("Pizarra did not export it")
    if manifest.get("version") != VERSION:
        raise ArchiveError(
            f"it is of version {str(manifest.get('version'))[:20]!r}, this program reads {VERSION}"
        )
    return Archive(path, manifest)


def problem_with(archive: Archive, log: Log) -> str | None:
    """Return what is wrong with a log of an export, or None: every entry is there, in order, as it was recorded."""
    link, expected = first_link(log, archive.session_id), 0
    try:
        for entry in archive.lines(log):
            expected += 1
            if entry.get("seq") != expected:
                return f"entry {expected} is missing"
            link = next_link(link, entry)
            if entry.get("hash") != link:
                return f"entry {expected} was changed"
        end = archive.manifest["logs"][log]
        if end["entries"] != expected:
            return f"the log ends at entry {expected}, and had {end['entries']}"
        return (
            None if end["hash"] == link else "the last hash is not the one that session.json names"
        )
    except (ArchiveError, KeyError, TypeError, RecursionError) as error:
        return str(error)


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """Yield the lines of a text, none of which is read much beyond what a line may have."""
    while line := text.readline(_MAX_LINE + 1):
        yield line


def _embedded(page: str, name: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page)
    return strict_json.decode(found[1]) if found is not None else None


def _object(line: str) -> dict[str, Any]:
    try:
        entry = strict_json.decode(line)
    except (ValueError, RecursionError):
        raise ArchiveError("a line is not JSON") from None
    if not isinstance(entry, dict) or not all(field in entry for field in FIELDS):
        raise ArchiveError("a line is no entry")
    return entry


def _part(page: Any, begin: str) -> Iterator[str]:
    """Yield the lines between `begin` and the end of its element."""
    inside = False
    for line in page:
        if inside and line.startswith("</script>"):
            return
        if inside:
            yield line
        elif line.rstrip("\n") == begin:
            inside = True
    raise ArchiveError("a part of it is missing")
