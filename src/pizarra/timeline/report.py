"""The report of an export: what was said, scored and run, to read and to print. One HTML file, nothing to load."""

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pizarra.timeline.excerpts import Excerpt
from pizarra.timeline.pace import Pace, clock
from pizarra.timeline.progress import Progress
from pizarra.timeline.words import Words

_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#e4e0d6, #2c3a36); --raised: light-dark(#f4f1e7, #1c2825);
  --muted: light-dark(#5f6b66, #9fb0a9); --good: light-dark(#1e7a46, #7fd1a0); --bad: light-dark(#b3372a, #ef8a7a);
  --accent: light-dark(#8a6200, #f2cf63) }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 15px/22px system-ui, sans-serif;
  background: light-dark(#fbfaf6, #16201d); color: light-dark(#1d2321, #e9ede8) }
h1 { font-size: 22px } h2 { margin-top: 2rem; font-size: 16px; border-bottom: 1px solid var(--line) }
h1, td, p { overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse }
td, th { padding: 4px 8px 4px 0; text-align: left; vertical-align: top }
td:first-child { white-space: nowrap } td:last-child, th:last-child { width: 62% }
pre { margin: 4px 0; padding: 8px; background: var(--raised); font: 13px/19px ui-monospace, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere }
svg { width: 100%; height: auto } svg text { font: 5px system-ui, sans-serif; fill: var(--muted) }
.typed { fill: var(--accent) } .passed { fill: var(--good) } .failed { fill: var(--bad) } .axis { fill: var(--line) }
.muted { color: var(--muted) }
@media print { :root { color-scheme: light } body { max-width: none; margin: 0; background: none }
  h2 { break-after: avoid } tr, svg { break-inside: avoid } }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_MAX_ROWS = 500


class Report:
    """Gathers what is worth reading from the entries of the logs as they pass by."""

    def __init__(
        self,
        manifest: Mapping[str, Any],
        files: Mapping[str, str],
        scores: Sequence[Mapping[str, Any]],
        excerpts: Mapping[int, Excerpt],
        words: Words,
    ) -> None:
        self._words = words
        self._manifest = manifest
        self._files = files
        self._scores = scores
        self._excerpts = excerpts
        self._start = datetime.fromisoformat(manifest["session"]["created_at"])
        self._pace = Pace()
        self._progress = Progress()
        self._names = {person["participant_id"]: person["name"] for person in manifest["people"]}
        self._started: dict[str, tuple[str, str, str]] = {}
        self._runs: list[tuple[str, str, str, str]] = []
        self._signals: list[tuple[str, str, str]] = []
        self._notes: dict[int, tuple[str, str, str, Excerpt | None]] = {}
        self._branches: list[tuple[str, str, str]] = []

    def add(self, log: str, entry: Mapping[str, Any]) -> None:
        """Take in one entry, as the API shows it."""
        words = self._words
        kind, data = entry["kind"], entry["data"]
        seconds = max(0.0, (datetime.fromisoformat(entry["at"]) - self._start).total_seconds())
        at, who = clock(seconds), self._name(entry["participant_id"])
        if log == "private":
            self._add_private(entry, at)
            return
        typed = kind == "edit" and entry["participant_id"] is not None  # the starter code is nobody's typing
        self._pace.add(kind, seconds, typed=typed)
        self._progress.add_time(seconds)
        if kind == "edit":
            if typed:
                self._pace.typed(who, seconds)
        elif kind == "run.started":
            self._started[data["run_id"]] = (at, who, data["path"])
        elif kind == "run.ended" and data["run_id"] in self._started:
            self._pace.ran(seconds, passed=data["status"] == "exited" and data["exit_code"] == 0)
            self._runs.append((*self._started.pop(data["run_id"]), self._ending(data)))
        elif kind == "branch":
            turn = words.went_back if "resumes" in data else words.asked
            self._branches.append((at, who, turn.format(name=data.get("name") or words.main_line)))
        elif kind == "paste":
            source = words.sources.get(data["source"], data["source"])
            self._signals.append((at, who, words.pasted.format(count=data["characters"], source=source)))
        elif kind == "away" and not data["away"]:
            self._signals.append((at, who, words.was_away.format(seconds=data.get("seconds") or 0)))
        elif kind == "connection":
            back = words.came_back.format(seconds=data.get("seconds") or 0)
            self._signals.append((at, who, words.lost if data.get("state") == "lost" else back))
        elif kind == "explained":
            self._signals.append((at, who, words.explained.format(text=data["text"])))

    def _add_private(self, entry: Mapping[str, Any], at: str) -> None:
        kind, data = entry["kind"], entry["data"]
        if kind in ("note", "chat"):
            excerpt = self._excerpts.get(data["anchor"]) if kind == "note" else None
            self._notes[entry["seq"]] = (at, data["name"], data["text"], excerpt)
        elif kind == "note.changed" and data["of"] in self._notes:
            self._notes[data["of"]] = (*self._notes[data["of"]][:2], data["text"], self._notes[data["of"]][3])
        elif kind == "note.removed":
            self._notes.pop(data["of"], None)
        elif kind == "tests":
            self._progress.add_tests(entry["seq"], data)
        elif kind == "test.result":
            self._progress.add_result(data["anchor"], data)

    def html(self) -> str:
        """Return the report."""
        session, words = self._manifest["session"], self._words
        begun = session["created_at"][:16].replace("T", " ")
        roles = [(each["name"], words.roles.get(each["role"], each["role"])) for each in self._manifest["people"]]
        people = ", ".join(f"{name} ({role})" for name, role in roles)
        parts = [
            f"<h1>{_text(session['title'])}</h1>",
            f"<p class=muted>{_text(begun)} UTC · {_text(session['language'])} · {_text(people)}</p>",
        ]
        for card in self._scores:
            rows = [(each["criterion"], str(each["score"] or ""), each.get("comment") or "") for each in card["scores"]]
            parts.append(_table(words.scores.format(name=card["name"]), words.scores_head, rows))
        if self._notes:
            parts.append(self._written())
        parts.append(self._progress.html(words))
        parts.append(self._pace.html(words))
        parts.append(_table(words.edits, words.edits_head, self._pace.edits()))
        parts.append(_table(words.runs, words.runs_head, self._runs))
        if self._branches:
            parts.append(_table(words.questions, words.happened_head, self._branches))
        if self._signals:
            parts.append(_table(words.signals, words.happened_head, self._signals))
        for path, content in self._files.items():
            parts.append(f"<h2>{_text(path)}</h2><pre>{_text(content)}</pre>")
        head = (
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{_text(session['title'])}</title><style>{_STYLE}</style>"
        )
        body = f"<body><main>{''.join(parts)}</main></body>"
        return f"<!doctype html><html lang={words.lang}><head>{head}</head>{body}</html>"

    def _name(self, participant_id: str | None) -> str:
        return str(self._names.get(participant_id, self._words.server))

    def _ending(self, data: Mapping[str, Any]) -> str:
        ending = self._words.endings.get(data["status"], data["status"])
        code = "" if data["exit_code"] is None else f" {data['exit_code']}"
        signal = f" {data['signal']}" if data["signal"] is not None else ""
        took = f", {data['duration_ms']} ms" if data["duration_ms"] is not None else ""
        return f"{ending}{code}{signal}{took}"

    def _written(self) -> str:
        """Return the notes, each with the code it is about."""
        rows = []
        for at, who, text, excerpt in list(self._notes.values())[:_MAX_ROWS]:
            code = ""
            if excerpt is not None:
                place = self._words.place.format(path=excerpt.path, line=excerpt.first)
                code = f"<p class=muted>{_text(place)}</p><pre>{_text(excerpt.text)}</pre>"
            rows.append(f"<tr><td>{_text(at)}</td><td>{_text(who)}</td><td>{_text(text)}{code}</td></tr>")
        return f"<h2>{self._words.notes}</h2><table><tbody>{''.join(rows)}</tbody></table>"


def _text(value: str) -> str:
    return html.escape(value)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<th>{_text(each)}</th>" for each in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in list(rows)[:_MAX_ROWS]
    )
    return f"<h2>{_text(title)}</h2><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"
