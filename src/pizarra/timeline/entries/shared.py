"""The kinds of the shared log, one class each; `docs/timeline.md` explains them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, Field

from pizarra.sandbox.outcome import EndStatus, RunOutcome
from pizarra.timeline.entries.base import EntryData, Number, Seconds, Seq


class Edited(EntryData):
    """An edit, as the API and archives show it; the log itself keeps the bytes (`collab.journal.EditEntry`)."""

    kind: ClassVar[str] = "edit"
    update: str


class LanguageChosen(EntryData):
    """The session is about another language."""

    kind: ClassVar[str] = "language"
    language: str


class Joined(EntryData):
    """Somebody is here."""

    kind: ClassVar[str] = "join"
    name: str
    role: str


class Left(EntryData):
    """Somebody is gone."""

    kind: ClassVar[str] = "leave"
    name: str
    role: str


class Connected(EntryData):
    """Somebody's connection was lost, or is back."""

    kind: ClassVar[str] = "connection"
    name: str
    state: str
    reason: str = ""
    seconds: Seconds | None = None


class RunStarted(EntryData):
    """A program was asked for; `at` is the edit whose code it is."""

    kind: ClassVar[str] = "run.started"
    run_id: str
    language: str
    path: str
    stdin: str
    at: Seq
    terminal: dict[str, Any] | None = None
    limits: dict[str, Any] = Field(default_factory=dict)


class RunInput(EntryData):
    """Somebody typed into a program."""

    kind: ClassVar[str] = "run.input"
    run_id: str
    text: str
    eof: bool


class RunOutput(EntryData):
    """A program printed."""

    kind: ClassVar[str] = "run.output"
    run_id: str
    stream: str
    text: str


class RunResized(EntryData):
    """A program's terminal has another size."""

    kind: ClassVar[str] = "run.resized"
    run_id: str
    columns: Annotated[int, Field(ge=2, le=500)]
    rows: Annotated[int, Field(ge=1, le=300)]


class RunEnded(EntryData, RunOutcome):
    """A program ended."""

    kind: ClassVar[str] = "run.ended"
    run_id: str
    status: EndStatus
    compile_ms: Number | None = None  # older logs do not tell
    diagnostics: list[dict[str, Any]] = Field(default_factory=list)


class Locked(EntryData):
    """Candidates may edit or run, or may not."""

    kind: ClassVar[str] = "lock"
    editing: bool
    running: bool


class Thinking(EntryData):
    """Private thinking time begins, or ends (null)."""

    kind: ClassVar[str] = "thinking"
    until: str | None


class CursorMoved(EntryData):
    """Where somebody looks."""

    kind: ClassVar[str] = "cursor"
    path: str
    anchor: str
    head: str


class Branched(EntryData):
    """A follow-up question is asked from an earlier instant, or an earlier question is resumed."""

    kind: ClassVar[str] = "branch"
    name: str
    from_: Seq = Field(alias="from")
    resumes: Seq | None = None


class RoleChanged(EntryData):
    """Somebody has another role."""

    kind: ClassVar[str] = "role"
    participant_id: str
    name: str
    role: str = ""


class Removed(EntryData):
    """Somebody was taken out."""

    kind: ClassVar[str] = "removed"
    participant_id: str
    name: str
    role: str = ""


class Pasted(EntryData):
    """Somebody pasted much at once."""

    kind: ClassVar[str] = "paste"
    path: str
    characters: Number
    lines: Number
    source: str


class WentAway(EntryData):
    """Somebody left all windows, or is back after `seconds`."""

    kind: ClassVar[str] = "away"
    away: bool
    seconds: Number | None = None


class Explained(EntryData):
    """What somebody says about the signal `of`."""

    kind: ClassVar[str] = "explained"
    of: Seq
    text: str


class Said(EntryData):
    """A line to everybody."""

    kind: ClassVar[str] = "said"
    text: str


class Suggested(EntryData):
    """An edit that somebody proposes."""

    kind: ClassVar[str] = "suggestion"
    path: str
    start: str
    end: str
    before: str
    text: str


class SuggestionAnswered(EntryData):
    """The suggestion `of` was accepted, or was not."""

    kind: ClassVar[str] = "suggestion.answered"
    of: Seq
    accepted: bool


class Sample(BaseModel):
    """One of the cases of a `problem` that everybody sees."""

    name: str
    input: str
    expected: str


class Posed(EntryData):
    """The session is about a question: what everybody may see of it, as it was then."""

    kind: ClassVar[str] = "problem"
    question_id: str
    version: Number
    form: str
    title: str
    statement: str
    spoken: str
    translations: dict[str, dict[str, str]] = Field(default_factory=dict)
    images: dict[str, str] = Field(default_factory=dict)  # name → base64, which the statement shows
    languages: list[str] = Field(default_factory=list)
    samples: list[Sample] = Field(default_factory=list)
    signature: dict[str, Any] | None = None
    secret_count: Number | None = None
    folder: str = ""
    follow_up: Number | None = None  # which of the question's, from 0; none: the question itself


class SampleOutcome(BaseModel):
    """One of the `results` of `samples`."""

    name: str
    passed: bool
    status: str
    got: str
    stdout: str = ""
    duration_ms: Number | None = None


class OwnOutcome(SampleOutcome):
    """One of the `own` of `samples`: a case that somebody made up."""

    input: str
    expected: str | None = None


class Sampled(EntryData):
    """Somebody tried a program on the samples of the session's `problem`; `at` is the edit whose code it is."""

    kind: ClassVar[str] = "samples"
    problem: Seq
    language: str
    path: str
    at: Seq
    results: list[SampleOutcome]
    own: list[OwnOutcome] = Field(default_factory=list)


class SessionEnded(EntryData):
    """The session ended."""

    kind: ClassVar[str] = "session.ended"


class SessionReopened(EntryData):
    """The session is open again."""

    kind: ClassVar[str] = "session.reopened"


SharedData = (
    Edited
    | LanguageChosen
    | Joined
    | Left
    | Connected
    | RunStarted
    | RunInput
    | RunOutput
    | RunResized
    | RunEnded
    | Locked
    | RoleChanged
    | Removed
    | Pasted
    | WentAway
    | Explained
    | Said
    | Suggested
    | SuggestionAnswered
    | Thinking
    | Branched
    | CursorMoved
    | Posed
    | Sampled
    | SessionEnded
    | SessionReopened
)
SHARED: Mapping[str, type[SharedData]] = {each.kind: each for each in get_args(SharedData)}
