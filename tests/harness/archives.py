"""Archives as another server may have written them: their hashes fit, whatever they hold."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pizarra.exports.writer import FORMAT, LOG_FILES, VERSION
from pizarra.timeline.integrity.chain import Log, first_link, next_link

SESSION = "5e" * 16
ANA, ZOE = "a" * 32, "b" * 32
AT = "2026-11-30T12:00:00Z"
PEOPLE = [
    {"participant_id": ANA, "name": "Ana", "role": "host"},
    {"participant_id": ZOE, "name": "Zoë", "role": "candidate"},
]
ABOUT: Mapping[str, Any] = {
    "session_id": SESSION,
    "title": "Two Sum",
    "language": "python",
    "status": "ended",
    "initial_code": "",
    "created_at": AT,
    "ended_at": "2026-11-30T13:00:00Z",
    "signals": "all",
    "rules": "",
}


def entry(kind: str, data: Mapping[str, Any], who: str | None = ZOE, at: str = AT) -> Any:
    """Return an entry; it gets its number and its hash where it stands in a log."""
    return {"at": at, "kind": kind, "participant_id": who, "data": dict(data)}


def said(text: str = "hello", **changes: Any) -> Any:
    """Return a line that somebody wrote to everybody."""
    return {**entry("said", {"text": text}), **changes}


def note(text: str = "a note", anchor: int = 0, **changes: Any) -> Any:
    """Return a note of Ana's."""
    return {**entry("note", {"name": "Ana", "anchor": anchor, "text": text}, ANA), **changes}


def linked(log: Log, entries: Sequence[Any], session: str = SESSION) -> tuple[list[Any], str]:
    """Return entries with their numbers and hashes, and the last hash."""
    link, found = first_link(log, session), []
    for seq, each in enumerate(entries, 1):
        numbered = {"seq": seq, **each}
        link = next_link(link, numbered)
        found.append({**numbered, "hash": link})
    return found, link


def write_archive(
    path: Path,
    shared: Sequence[Any] = (),
    private: Sequence[Any] | None = None,
    *,
    people: Sequence[Any] = PEOPLE,
    members: Mapping[str, str] | None = None,
    manifest: Mapping[str, Any] | None = None,
    **about: Any,
) -> Path:
    """Write an archive; `members` are further files in it, or others in place of its own."""
    told = {**ABOUT, **about}
    logs: dict[Log, Sequence[Any]] = {"shared": shared}
    if private is not None:
        logs["private"] = private
    files: dict[str, str] = {}
    ends = {}
    for log, entries in logs.items():
        written, link = linked(log, entries, str(told["session_id"]))
        ends[log] = {"entries": len(written), "hash": link}
        files[LOG_FILES[log]] = "".join(f"{json.dumps(each)}\n" for each in written)
    whole = {"format": FORMAT, "version": VERSION, "session": told, "people": people, "logs": ends}
    files["session.json"] = json.dumps({**whole, **(manifest or {})})
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, **(members or {})}.items():
            archive.writestr(name, content)
    return path
