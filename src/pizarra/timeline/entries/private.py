"""The kinds of the log that only interviewers see, one class each; `docs/timeline.md` explains them.

Author and anchor of each are columns of the log; the API and archives show them in `data`, as `name` and `anchor`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel

from pizarra.timeline.entries.base import EntryData, Number, Seq


class Noted(EntryData):
    """A note about an instant."""

    kind: ClassVar[str] = "note"
    text: str


class Chatted(EntryData):
    """A line of the interviewers' chat."""

    kind: ClassVar[str] = "chat"
    text: str


class NoteChanged(EntryData):
    """The note `of` has another text."""

    kind: ClassVar[str] = "note.changed"
    of: Seq
    text: str


class NoteRemoved(EntryData):
    """The note `of` is gone."""

    kind: ClassVar[str] = "note.removed"
    of: Seq


class Score(BaseModel):
    """One of `scores`."""

    criterion: str
    score: Number | None
    comment: str = ""
    anchor: Seq | None = None


class Scored(EntryData):
    """A scorecard was submitted."""

    kind: ClassVar[str] = "scores"
    scores: list[Score]


class Decided(EntryData):
    """What an interviewer comes to."""

    kind: ClassVar[str] = "decision"
    verdict: Literal["strong_no", "no", "yes", "strong_yes"]
    text: str


class Test(BaseModel):
    """One of `tests`."""

    name: str
    stdin: str
    expected: str
    compare: str = ""
    tolerance: float = 0.0
    by_question: bool = False


class JudgedBy(BaseModel):
    """The tests of a project in one language: path → text, which of these are run, and by what command, if it says."""

    files: dict[str, str]
    run: list[str]
    command: list[str] = []


class Judge(BaseModel):
    """How the tests that are `by_question` are judged: as the question says."""

    comparator: dict[str, Any]
    signature: dict[str, Any] | None = None
    project: dict[str, JudgedBy] | None = None
    seconds: float | None = None


class TestsChanged(EntryData):
    """The session has these tests, of the question that the entry `problem` gave it; 0: of none."""

    kind: ClassVar[str] = "tests"
    tests: list[Test]
    judge: Judge | None = None
    problem: Seq | None = None


class CaseOutcome(BaseModel):
    """One of a `test.result`."""

    passed: bool
    status: str
    duration_ms: Number | None
    exit_code: Number | None = None
    got: str | None = None
    got_more: Seq = 0
    complaint: str | None = None


class Tested(EntryData):
    """What came of the tests `of`."""

    kind: ClassVar[str] = "test.result"
    of: Seq
    time: str | None = None
    results: list[CaseOutcome]


PrivateData = Noted | Chatted | NoteChanged | NoteRemoved | Scored | Decided | TestsChanged | Tested
PRIVATE: Mapping[str, type[PrivateData]] = {each.kind: each for each in get_args(PrivateData)}
