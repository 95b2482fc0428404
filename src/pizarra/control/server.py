"""What the server tells."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from pizarra.control.shapes import (
    Branch,
    Clock,
    ControlMessage,
    Line,
    OutputChunk,
    OwnRun,
    Person,
    PrivateEntry,
    RunSize,
    RunSummary,
    SampleRun,
    Signal,
    Suggestion,
)
from pizarra.models import Language, RunStatus, SessionStatus, Signals
from pizarra.sandbox.outcome import DiagnosticFound, RunOutcome


class Welcome(ControlMessage):
    """First control message of a connection."""

    type: Literal["welcome"] = "welcome"
    session_id: str
    title: str
    language: Language
    status: SessionStatus
    you: Person
    people: list[Person]
    waiting: list[Person]
    editing_locked: bool
    running_locked: bool
    max_text_bytes: int
    max_files: int
    run: RunSummary | None
    shown_signals: Signals
    signals: list[Signal]
    suggestions: list[Suggestion]
    thinking_until: datetime | None
    thinking_seconds_left: float | None
    branch: Branch | None
    lines: list[Line]
    clock: Clock | None
    clock_started_at: datetime | None


class Roster(ControlMessage):
    """Who is connected now."""

    type: Literal["roster"] = "roster"
    people: list[Person]


class Waiting(ControlMessage):
    """Who is in the waiting room; only hosts and interviewers are told."""

    type: Literal["waiting"] = "waiting"
    people: list[Person]


class SessionChanged(ControlMessage):
    """Something about the session changed; what is None stayed. Locks hold for candidates."""

    type: Literal["session.changed"] = "session.changed"
    title: str | None = None
    language: Language | None = None
    editing_locked: bool | None = None
    running_locked: bool | None = None


class YouChanged(ControlMessage):
    """You have another role from now on."""

    type: Literal["you.changed"] = "you.changed"
    you: Person


class Thinking(ControlMessage):
    """Until then interviewers' pages do not show the editor; None: they do. `seconds_left`: by the server's clock."""

    type: Literal["thinking"] = "thinking"
    until: datetime | None
    seconds_left: float | None


class BranchChanged(ControlMessage):
    """The session goes on at another line of work; None is the main one."""

    type: Literal["branch.changed"] = "branch.changed"
    branch: Branch | None


class Connected(ControlMessage):
    """How somebody's connection is, as their page says; only hosts and interviewers are told."""

    type: Literal["connection"] = "connection"
    participant_id: str
    unsaved: int
    round_trip_ms: int | None


class Signalled(ControlMessage):
    """A signal was recorded."""

    type: Literal["signal"] = "signal"
    signal: Signal


class Gathered(ControlMessage):
    """An interviewer asks everybody to look where they are."""

    type: Literal["gathered"] = "gathered"
    participant_id: str


class Suggested(ControlMessage):
    """Somebody proposes an edit."""

    type: Literal["suggestion"] = "suggestion"
    suggestion: Suggestion


class SuggestionAnswered(ControlMessage):
    """A proposed edit was answered; the page of whoever accepted it makes the edit."""

    type: Literal["suggestion.answered"] = "suggestion.answered"
    seq: int
    accepted: bool
    participant_id: str


class Said(ControlMessage):
    """Somebody wrote a line to everybody."""

    type: Literal["said"] = "said"
    line: Line


class ClockChanged(ControlMessage):
    """The interview's clock started or was set; None: it is not shown to you.

    `started_at` is told to everybody: what has happened is shown with its time since then.
    """

    type: Literal["clock"] = "clock"
    clock: Clock | None
    started_at: datetime | None


class ProblemChanged(ControlMessage):
    """The session is about another question: `GET …/problem` has it, and the entry `seq` of the timeline."""

    type: Literal["problem.changed"] = "problem.changed"
    seq: int
    question_id: str
    version: int
    folder: str


class SamplesRan(ControlMessage):
    """Somebody tried the program on the samples, and on cases of their own; the entry `seq` of the timeline has it.

    It was the code of `time`; `changed`: it is another one by now.
    """

    type: Literal["samples.ran"] = "samples.ran"
    seq: int
    participant_id: str | None
    language: str
    path: str
    results: list[SampleRun]
    own: list[OwnRun]
    time: datetime
    changed: bool


class NoteAdded(ControlMessage):
    """The interviewers' log has a new entry; only hosts and interviewers are told."""

    type: Literal["note.added"] = "note.added"
    entry: PrivateEntry


class ScoresChanged(ControlMessage):
    """Scores or a decision were submitted, or the criteria changed: ask. Only hosts and interviewers are told."""

    type: Literal["scores.changed"] = "scores.changed"


class RunStarted(ControlMessage):
    """Somebody ran the program."""

    type: Literal["run.started"] = "run.started"
    run: RunSummary


class RunProgress(ControlMessage):
    """A run waits in the queue, or has begun."""

    type: Literal["run.progress"] = "run.progress"
    run_id: str
    status: RunStatus
    queue_position: int | None


class RunOutput(ControlMessage):
    """A program printed something; it is on the timeline already."""

    type: Literal["run.output"] = "run.output"
    run_id: str
    chunk: OutputChunk


class RunResized(ControlMessage):
    """A run's terminal has another size; it is on the timeline already."""

    type: Literal["run.resized"] = "run.resized"
    run_id: str
    size: RunSize


class RunEnded(ControlMessage, RunOutcome):
    """A run ended."""

    type: Literal["run.ended"] = "run.ended"
    run_id: str
    status: RunStatus
    diagnostics: list[DiagnosticFound]


class RunChecked(ControlMessage):
    """What the type checker says of a run that has ended meanwhile: all there is to say of it."""

    type: Literal["run.checked"] = "run.checked"
    run_id: str
    diagnostics: list[DiagnosticFound]


class Diagnostics(ControlMessage):
    """What the compiler says about the program as it is now: it was compiled ahead of a run."""

    type: Literal["diagnostics"] = "diagnostics"
    language: Language
    diagnostics: list[DiagnosticFound]


class Pong(ControlMessage):
    """The answer to a ping; `id` is the ping's, `now` the server's clock."""

    type: Literal["pong"] = "pong"
    id: int
    now: datetime


class Refusal(ControlMessage):
    """A request on this socket was refused; `detail` says why and what to do."""

    type: Literal["refusal"] = "refusal"
    code: str
    detail: str


ServerMessage = Annotated[
    Welcome
    | Roster
    | Waiting
    | SessionChanged
    | YouChanged
    | Thinking
    | BranchChanged
    | Connected
    | Signalled
    | Gathered
    | Suggested
    | SuggestionAnswered
    | Said
    | ClockChanged
    | ProblemChanged
    | SamplesRan
    | NoteAdded
    | ScoresChanged
    | RunStarted
    | RunProgress
    | RunOutput
    | RunResized
    | RunEnded
    | RunChecked
    | Diagnostics
    | Pong
    | Refusal,
    Field(discriminator="type"),
]
