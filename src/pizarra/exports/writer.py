"""A session to take away: one ZIP archive, or one HTML file that plays by itself. Both are streamed.

What is in it is what the person who exports may see: only interviewers get notes and scores. `docs/timeline.md`
describes the format; `pizarra timeline verify FILE` shows that nothing in it was changed.
"""

import asyncio
import hashlib
import io
import json
import secrets
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pizarra.database import Database
from pizarra.exports.report.excerpts import Excerpt
from pizarra.exports.report.report import Report
from pizarra.exports.report.words import ENGLISH, Words
from pizarra.http.security import with_nonce
from pizarra.kit.paths import portable
from pizarra.kit.pauses import Pauses
from pizarra.models import SessionView
from pizarra.timeline.integrity.chain import Log
from pizarra.timeline.read.pages import encode_line, read_linked

FORMAT = "pizarra.export"
VERSION = 1
DATA_PLACE = "<!--PIZARRA-DATA-->"
_PIECE = 64 * 1024
LOG_FILES: dict[Log, str] = {"shared": "timeline.jsonl", "private": "notes.jsonl"}

_README = """This is what Pizarra kept of the session "{title}".

session.json    what it was, who took part, how many entries each log has and the hash of its last one
timeline.jsonl  everything recorded, one JSON object a line: seq, at, kind, participant_id, data, hash
notes.jsonl     the interviewers' notes and chat, in the same shape (only in an interviewer's export)
scores.json     submitted scores (only in an interviewer's export)
code/           the files as they are at the end
report.html     all of it to read and to print

Nothing was changed if `pizarra timeline verify` says so of this file.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What goes into an export beside the logs. `ends` are log → (seq of its last entry, its hash)."""

    session: SessionView
    at: str
    people: Sequence[Mapping[str, Any]]
    files: Mapping[str, str]
    ends: Mapping[Log, tuple[int, str]]
    scores: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    # the code at the notes, for the report
    excerpts: Mapping[int, Excerpt] = field(default_factory=dict)
    words: Words = ENGLISH  # what the report says
    shows_decisions: bool = True

    def manifest(self) -> dict[str, Any]:
        """Return `session.json`."""
        session = self.session
        return {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": self.at,
            "session": {
                "session_id": session.public_id,
                "title": session.title,
                "language": session.language,
                "status": session.status,
                "initial_code": session.initial_code,
                "created_at": session.created_at.isoformat(),
                "clock_started_at": session.clock_started_at.isoformat()
                if session.clock_started_at
                else None,
                "ended_at": session.ended_at.isoformat() if session.ended_at is not None else None,
                "signals": session.signals,
                "rules": session.rules,
            }
            | (
                {"candidate_name": session.candidate_name, "rubric": session.rubric}
                if "private" in self.ends
                else {}
            ),
            "people": list(self.people),
            "logs": {log: {"entries": seq, "hash": link} for log, (seq, link) in self.ends.items()},
        }


class _Pipe(io.RawIOBase):
    """What is written is taken out again: a file nobody can seek in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self.size += len(piece)
        return len(piece)

    def drain(self) -> bytes:
        pieces, self._pieces, self.size = self._pieces, [], 0
        return b"".join(pieces)


async def lines_of(
    database: Database, exported: Exported, log: Log
) -> AsyncIterator[tuple[dict[str, Any], str]]:
    """Yield a log's entries, and each as a line with its hash."""
    async for entry, link in read_linked(database, exported.session, log, exported.ends[log][0]):
        yield entry, encode_line({**entry, "hash": link})


async def stream_archive(database: Database, exported: Exported) -> AsyncIterator[bytes]:
    """Yield the ZIP archive, piece by piece; what is not streamed from the log is made beside the event loop."""
    pipe = _Pipe()
    pauses = Pauses()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(title=exported.session.title))
        archive.writestr(
            "session.json", json.dumps(exported.manifest(), ensure_ascii=False, indent=1)
        )
        report = _report(exported)
        for log in exported.ends:
            with archive.open(LOG_FILES[log], "w", force_zip64=True) as member:
                async for entry, line in lines_of(database, exported, log):
                    report.add(log, entry)
                    written = line.encode("utf-8", "replace") + b"\n"
                    if len(written) < _PIECE:
                        member.write(written)
                    else:
                        # to compress a large paste takes a while
                        await asyncio.to_thread(member.write, written)
                    await pauses.if_due()
                    if pipe.size >= _PIECE:
                        yield pipe.drain()
        if "private" in exported.ends:
            archive.writestr(
                "scores.json", json.dumps(list(exported.scores), ensure_ascii=False, indent=1)
            )
        await asyncio.to_thread(_write_rest, archive, exported, report)
    yield pipe.drain()


def _write_rest(archive: zipfile.ZipFile, exported: Exported, report: Report) -> None:
    """Write what is made at the end: at most what a document may hold, twice."""
    for name, content in code_members(exported.files):
        archive.writestr(name, content)
    archive.writestr("report.html", report.html())


def _report(exported: Exported) -> Report:
    about = (
        exported.manifest(),
        exported.files,
        exported.scores,
        exported.excerpts,
        exported.words,
    )
    return Report(*about, shows_decisions=exported.shows_decisions)


def code_members(files: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file of the code in an archive.

    A name that would lead out of the folder it is unpacked in, or that some computer cannot hold, gets another one.
    """
    for name, text in zip(portable(files), files.values(), strict=True):
        yield f"code/{name}", text.encode("utf-8", "replace")


async def write_report(database: Database, exported: Exported) -> str:
    """Return the report alone, to be read at once."""
    report, pauses = _report(exported), Pauses()
    for log in exported.ends:
        async for entry, _ in read_linked(database, exported.session, log, exported.ends[log][0]):
            await pauses.if_due()
            report.add(log, entry)
    return await asyncio.to_thread(report.html)


async def stream_html(database: Database, exported: Exported, player: str) -> AsyncIterator[bytes]:
    """Yield one HTML file: the player, everything it plays, and in the end the hash of all that, as a comment."""
    whole = hashlib.sha256()
    async for piece in _page(database, exported, player):
        whole.update(piece)
        yield piece
    yield f"<!--sha256:{whole.hexdigest()}-->\n".encode()


async def _page(database: Database, exported: Exported, player: str) -> AsyncIterator[bytes]:
    before, found, after = with_nonce(player, secrets.token_urlsafe(16)).partition(DATA_PLACE)
    if not found:
        raise ValueError("the player has no place for its data")
    yield before.encode()
    yield _data(
        "session", json.dumps({**exported.manifest(), "sealed": True}, ensure_ascii=False)
    ).encode("utf-8", "replace")
    yield _data("scores", json.dumps(list(exported.scores), ensure_ascii=False)).encode(
        "utf-8", "replace"
    )
    for log in exported.ends:
        yield f'<script type="application/x-ndjson" id="{log}">\n'.encode()
        piece: list[str] = []
        size, pauses = 0, Pauses()
        async for _, line in lines_of(database, exported, log):
            await pauses.if_due()
            piece.append(_inert(line))
            size += len(line)
            if size >= _PIECE:
                yield ("\n".join(piece) + "\n").encode("utf-8", "replace")
                piece, size = [], 0
        yield ("\n".join(piece) + "\n</script>\n").encode("utf-8", "replace")
    yield after.encode()


def _data(name: str, content: str) -> str:
    return f'<script type="application/json" id="{name}">{_inert(content)}</script>\n'


def _inert(content: str) -> str:
    """Nothing in JSON begins or ends an element: a candidate's text is data in the file, whatever it says."""
    return content.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
