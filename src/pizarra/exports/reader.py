"""Reading an export back, as a ZIP archive or an HTML file, and finding out whether anything in it was changed."""

import mmap
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from pizarra.exports.writer import FORMAT, LOG_FILES, VERSION
from pizarra.kit import strict_json
from pizarra.kit.ids import is_public_id
from pizarra.kit.text import why
from pizarra.timeline.integrity.chain import FIELDS, Log, first_link, next_link

_MAX_MANIFEST = 16 * 1024 * 1024
_MAX_LINE = 64 * 1024 * 1024
_MOST_MEMBERS = (
    20_000  # half a KiB of memory each, before anything of it is known; we write a few thousand
)
_MEMBER = b"PK\x01\x02"
# `zipfile` unpacks what else it knows in pieces of any size, and has no word for what it does not know.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What a file that somebody else made brings about here: `zipfile` lets out whatever its parts raise.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError),
    *(LookupError, TypeError, ValueError, ArithmeticError),
)


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
        except UNREADABLE as error:
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
                found = _embedded(page.read(_MAX_MANIFEST), "scores")
        else:
            with zipfile.ZipFile(self.path) as archive:
                has_some = "scores.json" in archive.namelist()
                found = archive.read("scores.json").decode() if has_some else None
        return strict_json.decode(found) if found is not None else []


def open_archive(path: Path, max_unpacked: int) -> Archive:
    """Open an export that unpacks to `max_unpacked` bytes at most.

    Raises:
        ArchiveError: it is none.
    """
    try:
        if zipfile.is_zipfile(path):
            _count_members(path)
            with zipfile.ZipFile(path) as archive:
                _check_members(archive.infolist(), max_unpacked)
                found: str | None = archive.read("session.json").decode()
        else:
            with path.open(encoding="utf-8") as page:
                found = _embedded(page.read(_MAX_MANIFEST), "session")
        if found is None:
            raise ArchiveError("it is neither an archive nor a page that Pizarra exported")
        manifest = strict_json.decode(found)
    except UNREADABLE as error:
        raise ArchiveError(f"it cannot be read: {why(error)}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArchiveError("Pizarra did not export it")
    if manifest.get("version") != VERSION:
        raise ArchiveError(
            f"it is of version {str(manifest.get('version'))[:20]!r}, this program reads {VERSION}"
        )
    _check_manifest(manifest)
    return Archive(path, manifest)


def _count_members(path: Path) -> None:
    """Refuse a directory of millions before it is read."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        count, at = 0, whole.find(_MEMBER)
        while at >= 0:
            count += 1
            if count > _MOST_MEMBERS:
                raise ArchiveError(f"it has more than {_MOST_MEMBERS:,} files")
            at = whole.find(_MEMBER, at + 1)


def _check_members(members: list[zipfile.ZipInfo], max_unpacked: int) -> None:
    if sum(member.file_size for member in members) > max_unpacked:
        raise ArchiveError(f"unpacked it would have more than {max_unpacked:,} bytes")
    for member in members:
        if member.flag_bits & 1:
            raise ArchiveError("it is encrypted")
        if member.compress_type not in _METHODS:
            raise ArchiveError(
                f"its {member.filename[:80]} is compressed in a way that is not taken"
            )
        if member.filename in ("session.json", "scores.json") and member.file_size > _MAX_MANIFEST:
            raise ArchiveError(f"its {member.filename} is too large")


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    """Require what every export names: a session, and its log. One without a log would have nothing to be wrong."""
    session, logs = manifest.get("session"), manifest.get("logs")
    session_id = session.get("session_id") if isinstance(session, dict) else None
    if not isinstance(session_id, str) or not is_public_id(session_id):
        raise ArchiveError("its session.json names no session")
    if not isinstance(logs, dict) or "shared" not in logs:
        raise ArchiveError("its session.json names no log")
    for end in (logs[log] for log in LOG_FILES if log in logs):
        fits = isinstance(end, dict) and isinstance(end.get("hash"), str)
        if not fits or type(end.get("entries")) is not int:
            raise ArchiveError("its session.json does not say where its logs end")


def problem_with(archive: Archive, log: Log) -> str | None:
    """Return what is wrong with a log of an export, or None: every entry is there, in order, as it was recorded."""
    link, expected = first_link(log, archive.session_id), 0
    try:
        for entry in archive.lines(log):
            expected += 1
            if type(entry["seq"]) is not int or entry["seq"] != expected:
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
    except (ArchiveError, TypeError, RecursionError) as error:
        return str(error)


def _lines(text: IO[str]) -> Iterator[str]:
    """Yield the lines of a text, none of which is read much beyond what a line may have."""
    while line := text.readline(_MAX_LINE + 1):
        yield line


def _embedded(page: str, name: str) -> str | None:
    """Return what an element of the page holds; a pattern would look for each beginning's end anew."""
    _, found, rest = page.partition(f'<script type="application/json" id="{name}">')
    content, ended, _ = rest.partition("</script>")
    return content if found and ended else None


def _object(line: str) -> dict[str, Any]:
    try:
        entry = strict_json.decode(line)
    except (ValueError, RecursionError):
        raise ArchiveError("a line is not JSON") from None
    if not isinstance(entry, dict) or not all(field in entry for field in FIELDS):
        raise ArchiveError("a line is no entry")
    return entry


def _part(page: IO[str], begin: str) -> Iterator[str]:
    """Yield the lines between `begin` and the end of its element."""
    inside = False
    for line in _lines(page):
        if inside and line.startswith("</script>"):
            return
        if inside:
            yield line
        elif line.rstrip("\n") == begin:
            inside = True
    raise ArchiveError("a part of it is missing")
