"""The report of an export: what was said, scored and run, to read and to print. One HTML file, nothing to load."""

import base64
import hashlib
from array import array
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, assert_never

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pizarra.exports.report.excerpts import Excerpt
from pizarra.exports.report.pace import Pace, clock
from pizarra.exports.report.progress import Picture, Progress
from pizarra.exports.report.words import Words
from pizarra.problems.course import Course, Posing
from pizarra.problems.suites import question_of_tests
from pizarra.timeline.entries.private import (
    Chatted,
    Decided,
    NoteChanged,
    Noted,
    NoteRemoved,
    Scored,
    Tested,
    TestsChanged,
)
from pizarra.timeline.entries.reading import Unknown, read_private, read_shared
from pizarra.timeline.entries.shared import (
    Branched,
    Connected,
    CursorMoved,
    Edited,
    Explained,
    Joined,
    LanguageChosen,
    Left,
    Locked,
    Pasted,
    Posed,
    Removed,
    RoleChanged,
    RunEnded,
    RunInput,
    RunOutput,
    RunResized,
    RunStarted,
    Said,
    Sampled,
    SessionEnded,
    SessionReopened,
    SharedData,
    Suggested,
    SuggestionAnswered,
    Thinking,
    WentAway,
)

_HERE = Path(__file__).parent
# In the page between two tags, and named by its hash: what is hashed is what stands there, to the byte.
_STYLE = Markup((_HERE / "report.css").read_text())  # noqa: S704 - ours
STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_MAX_ROWS = 500


class _Note(NamedTuple):
    at: str
    who: str
    text: str
    excerpt: Excerpt | None


class Report:
    """Gathers what is worth reading from the entries of the logs as they pass by."""

    def __init__(
        self,
        manifest: Mapping[str, Any],
        files: Mapping[str, str],
        scores: Sequence[Mapping[str, Any]],
        excerpts: Mapping[int, Excerpt],
        words: Words,
        *,
        shows_decisions: bool = True,
    ) -> None:
        self._words = words
        self._shows_decisions = shows_decisions
        self._manifest = manifest
        self._files = files
        self._scores = scores
        self._excerpts = excerpts
        self._start = datetime.fromisoformat(manifest["session"]["created_at"])
        # with the candidate's coming; older files do not tell
        began = manifest["session"].get("clock_started_at")
        self._zero = (datetime.fromisoformat(began) - self._start).total_seconds() if began else 0.0
        self._pace = Pace()
        self._seconds = array("f")  # of each entry of the shared log
        self._course = Course()
        self._titles: dict[str | None, str] = {}  # of the questions, by folder
        self._progress: dict[str | None, Progress] = {}
        self._tests_of: dict[int, Progress] = {}  # by the entry that has them
        self._names = {person["participant_id"]: person["name"] for person in manifest["people"]}
        self._started: dict[str, tuple[str, str, str]] = {}
        self._runs: list[tuple[str, str, str, str]] = []
        self._signals: list[tuple[str, str, str]] = []
        self._notes: dict[int, _Note] = {}
        self._decisions: dict[str, tuple[str, str, str]] = {}
        self._said: list[tuple[str, str, str]] = []
        self._branches: list[tuple[str, str, str]] = []

    def add(self, log: str, entry: Mapping[str, Any]) -> None:
        """Take in one entry, as the API shows it."""
        seconds = max(0.0, (datetime.fromisoformat(entry["at"]) - self._start).total_seconds())
        at, who = clock(seconds - self._zero), self._name(entry["participant_id"])
        if log == "private":
            self._add_private(entry, at)
            return
        # the starter code is nobody's typing
        typed = entry["kind"] == "edit" and entry["participant_id"] is not None
        self._pace.add(entry["kind"], seconds, typed=typed)
        self._seconds.append(seconds)
        if typed:
            self._pace.typed(who, seconds)
        told = read_shared(entry["kind"], entry["data"])
        self._follow(entry["seq"], told)
        self._add_shared(told, seconds, at, who)

    def _follow(self, seq: int, told: SharedData | Unknown) -> None:
        """Know which question it was about when."""
        match told:
            case Posed(folder=folder, title=title):
                self._course.add_problem(Posing(seq, folder))
                self._titles[folder] = title
            case Branched(from_=since, resumes=resumes):
                self._course.add_branch(seq, since, resumes)
            case _:
                pass

    def _add_shared(self, told: SharedData | Unknown, seconds: float, at: str, who: str) -> None:
        words = self._words
        match told:
            case RunStarted():
                self._started[told.run_id] = (at, who, told.path)
            case RunEnded() if told.run_id in self._started:
                self._pace.ran(seconds, passed=told.status == "exited" and told.exit_code == 0)
                self._runs.append((*self._started.pop(told.run_id), self._ending(told)))
            case Branched():
                turn = words.asked if told.resumes is None else words.went_back
                self._branches.append((at, who, turn.format(name=told.name or words.main_line)))
            case Posed(title=title, version=version):
                posed = words.posed.format(title=title, version=version)
                self._branches.append((at, who, posed))
            case Sampled(path=path, results=results):
                passed = sum(each.passed for each in results)
                tried = words.tried.format(passed=passed, count=len(results))
                self._runs.append((at, who, path, tried))
            case Said(text=text):
                self._said.append((at, who, text))
            case Pasted(characters=count):
                source = words.sources.get(told.source, told.source)
                self._signals.append((at, who, words.pasted.format(count=count, source=source)))
            case WentAway(away=False, seconds=gone):
                self._signals.append((at, who, words.was_away.format(seconds=gone or 0)))
            case Connected(state="lost"):
                self._signals.append((at, who, words.lost))
            case Connected(seconds=gone):
                self._signals.append((at, who, words.came_back.format(seconds=f"{gone or 0:g}")))
            case Explained(text=text):
                self._signals.append((at, who, words.explained.format(text=text)))
            case (  # what the report does not tell
                Unknown()
                | Edited()
                | LanguageChosen()
                | Joined()
                | Left()
                | RunInput()
                | RunOutput()
                | RunResized()
                | RunEnded()
                | Locked()
                | RoleChanged()
                | Removed()
                | WentAway()
                | Suggested()
                | SuggestionAnswered()
                | Thinking()
                | CursorMoved()
                | SessionEnded()
                | SessionReopened()
            ):
                pass
            case _:
                assert_never(told)

    def _add_private(self, entry: Mapping[str, Any], at: str) -> None:
        seq, name, anchor = entry["seq"], entry["data"]["name"], entry["data"]["anchor"]
        match read_private(entry["kind"], entry["data"]):
            case Noted(text=text):
                self._notes[seq] = _Note(at, name, text, self._excerpts.get(anchor))
            case Chatted(text=text):
                self._notes[seq] = _Note(at, name, text, None)
            case NoteChanged(of=of, text=text) if of in self._notes:
                self._notes[of] = self._notes[of]._replace(text=text)
            case NoteRemoved(of=of):
                self._notes.pop(of, None)
            case Decided(verdict=verdict, text=text):  # the latest of each interviewer
                decided = (name, self._words.verdicts.get(verdict, ""), text)
                self._decisions[entry["participant_id"]] = decided
            case TestsChanged(tests=tests) as told:
                posing = question_of_tests(
                    self._course, anchor, told.problem, judged=bool(told.judge)
                )
                folder = posing.folder if posing is not None else None
                title = self._titles.get(folder or "", "") if posing is not None else ""
                progress = self._progress.setdefault(folder, Progress(self._seconds, title))
                by_itself = told.judge is not None and told.judge.project is not None
                progress.add_tests(seq, [each.name for each in tests], self_reported=by_itself)
                self._tests_of[seq] = progress
            case Tested(of=of, results=results) if of in self._tests_of:
                passed = [each.passed for each in results]
                self._tests_of[of].add_result(anchor, of, passed)
            case Unknown() | NoteChanged() | Scored() | Tested():
                pass  # scores are told from the cards
            case told:
                assert_never(told)

    def html(self) -> str:
        """Return the report."""
        session, words = self._manifest["session"], self._words
        roles = [
            f"{each['name']} ({words.roles.get(each['role'], each['role'])})"
            for each in self._manifest["people"]
        ]
        return _template().render(
            words=words,
            style=_STYLE,
            most_rows=_MAX_ROWS,
            session=session,
            begun=session["created_at"][:16].replace("T", " "),
            people=roles,
            decisions=list(self._decisions.values()),
            shows_decisions=self._shows_decisions,
            scores=[self._card(card) for card in self._scores],
            notes=list(self._notes.values()),
            progress=self._pictures(),
            pace=self._pace.picture(words),
            edits=self._pace.edits(),
            runs=self._runs,
            said=self._said,
            branches=self._branches,
            signals=self._signals,
            files=self._files,
        )

    def _pictures(self) -> list[Picture]:
        found = [each.picture(self._words, self._zero) for each in self._progress.values()]
        return [each for each in found if each is not None]

    def _card(self, card: Mapping[str, Any]) -> dict[str, Any]:
        rows = [
            (
                self._words.criterion(each["criterion"]),
                str(each["score"] or ""),
                each.get("comment") or "",
            )
            for each in card["scores"]
        ]
        return {"name": card["name"], "rows": rows}

    def _name(self, participant_id: str | None) -> str:
        return str(self._names.get(participant_id, self._words.server))

    def _ending(self, ended: RunEnded) -> str:
        ending = self._words.endings.get(ended.status, ended.status)
        code = "" if ended.exit_code is None else f" {ended.exit_code}"
        signal = f" {ended.signal}" if ended.signal is not None else ""
        took = f", {ended.duration_ms} ms" if ended.duration_ms is not None else ""
        return f"{ending}{code}{signal}{took}"


@cache
def _template() -> Template:
    """Return the report's template: what is put into it is escaped, and a name that it does not know is an error."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html")
