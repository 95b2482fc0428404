"""The report of an export: what was said, scored and run, to read and to print. One HTML file, nothing to load."""

import html
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_STYLE = """
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 15px/22px system-ui, sans-serif; color: #1d2321 }
h1 { font-size: 22px } h2 { margin-top: 2rem; font-size: 16px; border-bottom: 1px solid #e4e0d6 }
table { width: 100%; border-collapse: collapse }
td, th { padding: 4px 8px 4px 0; text-align: left; vertical-align: top }
pre { padding: 8px; background: #fbfaf6; font: 13px/19px ui-monospace, monospace; white-space: pre-wrap }
.muted { color: #5f6b66 } @media print { body { margin: 0 } pre { border: 1px solid #e4e0d6 } }
"""
_MAX_ROWS = 500


class Report:
    """Gathers what is worth reading from the lines of the logs as they pass by."""

    def __init__(
        self, manifest: Mapping[str, Any], files: Mapping[str, str], scores: Sequence[Mapping[str, Any]]
    ) -> None:
        self._manifest = manifest
        self._files = files
        self._scores = scores
        self._names = {person["participant_id"]: person["name"] for person in manifest["people"]}
        self._started: dict[str, tuple[str, str, str]] = {}
        self._runs: list[tuple[str, str, str, str]] = []
        self._signals: list[tuple[str, str, str]] = []
        self._notes: dict[int, tuple[str, str, str]] = {}
        self._edits: dict[str, int] = {}
        self._branches: list[tuple[str, str, str]] = []

    def add(self, log: str, line: str) -> None:
        """Take in one entry."""
        if log == "shared" and '"kind":"edit"' in line[:200]:
            who = self._name(json.loads(line)["participant_id"])
            self._edits[who] = self._edits.get(who, 0) + 1
            return
        entry = json.loads(line)
        kind, data, at = entry["kind"], entry["data"], self._since(entry["at"])
        who = self._name(entry["participant_id"])
        if kind == "run.started":
            self._started[data["run_id"]] = (at, who, data["path"])
        elif kind == "run.ended" and data["run_id"] in self._started:
            code = "" if data["exit_code"] is None else f" {data['exit_code']}"
            took = f", {data['duration_ms']} ms" if data["duration_ms"] is not None else ""
            self._runs.append((*self._started.pop(data["run_id"]), f"{data['status']}{code}{took}"))
        elif kind == "branch":
            turn = "went back to" if "resumes" in data else "asked"
            self._branches.append((at, who, f"{turn}: {data['name'] or 'the main line'}"))
        elif kind == "paste":
            self._signals.append((at, who, f"pasted {data['characters']} characters ({data['source']})"))
        elif kind == "away" and not data["away"]:
            self._signals.append((at, who, f"away for {data.get('seconds') or 0} s"))
        elif kind == "explained":
            self._signals.append((at, who, f"said: {data['text']}"))
        elif kind in ("note", "chat"):
            self._notes[entry["seq"]] = (at, data["name"], data["text"])
        elif kind == "note.changed" and data["of"] in self._notes:
            self._notes[data["of"]] = (*self._notes[data["of"]][:2], data["text"])
        elif kind == "note.removed":
            self._notes.pop(data["of"], None)

    def html(self) -> str:
        """Return the report."""
        session = self._manifest["session"]
        begun = session["created_at"][:16].replace("T", " ")
        people = ", ".join(f"{each['name']} ({each['role']})" for each in self._manifest["people"])
        parts = [
            f"<h1>{_text(session['title'])}</h1>",
            f"<p class=muted>{_text(begun)} UTC · {_text(session['language'])} · {_text(people)}</p>",
        ]
        for card in self._scores:
            rows = [(each["criterion"], str(each["score"] or ""), each.get("comment") or "") for each in card["scores"]]
            parts.append(_table(f"Scores: {card['name']}", ("", "1 to 4", "why"), rows))
        if self._notes:
            parts.append(_table("Notes", ("at", "by", ""), list(self._notes.values())))
        parts.append(_table("Edits", ("who", "edits"), [(who, str(count)) for who, count in self._edits.items()]))
        parts.append(_table("Runs", ("at", "who", "file", "how it ended"), self._runs))
        if self._branches:
            parts.append(_table("Follow-up questions", ("at", "who", ""), self._branches))
        if self._signals:
            parts.append(_table("Pastes and time away", ("at", "who", ""), self._signals))
        for path, content in self._files.items():
            parts.append(f"<h2>{_text(path)}</h2><pre>{_text(content)}</pre>")
        head = f'<meta charset="utf-8"><title>{_text(session["title"])}</title><style>{_STYLE}</style>'
        return f"<!doctype html><html lang=en><head>{head}</head><body>{''.join(parts)}</body></html>"

    def _name(self, participant_id: str | None) -> str:
        return str(self._names.get(participant_id, "the server"))

    def _since(self, at: str) -> str:
        start = datetime.fromisoformat(self._manifest["session"]["created_at"])
        seconds = max(0, int((datetime.fromisoformat(at) - start).total_seconds()))
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _text(value: str) -> str:
    return html.escape(value)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<th>{_text(each)}</th>" for each in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in list(rows)[:_MAX_ROWS]
    )
    return f"<h2>{_text(title)}</h2><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
