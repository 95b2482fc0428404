"""Control messages of the `pizarra.v1` subprotocol: JSON in message type 110, beside the document."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pizarra.models import Language, Role, RunStatus, SessionStatus, Signals
from pizarra.sandbox.protocol import DiagnosticFound, Stream, TerminalSize
from pizarra.schemas import StorableText

SUBPROTOCOL = "pizarra.v1"


class ControlMessage(BaseModel):
    """Base of all control messages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def encode(self) -> bytes:
        """Return the message as JSON."""
        return self.model_dump_json().encode()


class Person(ControlMessage):
    """Somebody in the session, as the server knows them."""

    participant_id: str
    name: str
    role: Role


class OutputChunk(ControlMessage):
    """A piece of output; `seq` is its place on the timeline."""

    seq: int
    stream: Stream
    text: str


class RunSummary(ControlMessage):
    """A run, as a late joiner needs it: what is known, and all output so far."""

    run_id: str
    status: RunStatus
    language: Language
    path: str
    participant_id: str | None
    started_at: datetime
    exit_code: int | None
    signal: str | None
    duration_ms: int | None
    memory_kb: int | None
    detail: str | None
    compile_ms: int | None
    terminal: bool
    diagnostics: list[DiagnosticFound]
    queue_position: int | None
    output: list[OutputChunk]


class Signal(ControlMessage):
    """Something about a person that everybody is shown; `seq` is its place on the timeline.

    `paste`: `path`, `characters`, `lines`, `source` (own, session or outside). `away`: `away`, and coming back the
    `seconds`. `explained`: what the person says about the signal `of`: `text`.
    """

    seq: int
    at: datetime
    kind: Literal["paste", "away", "explained"]
    participant_id: str
    data: dict[str, Any]


class Suggestion(ControlMessage):
    """An edit that somebody proposes; `seq` is its place on the timeline.

    `start` and `end` are Yjs relative positions in the file, as JSON; `before` is what stood there, `text` what is
    proposed.
    """

    seq: int
    participant_id: str
    path: str
    start: str
    end: str
    before: str
    text: str


class PrivateEntry(ControlMessage):
    """An entry of the interviewers' log, as `GET …/notes` shows it."""

    seq: int
    at: datetime
    kind: str
    participant_id: str
    data: dict[str, Any]


class Branch(ControlMessage):
    """A follow-up question that the session is at; its id is the `seq` of the entry that opened it."""

    branch_id: int
    name: str


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
    run: RunSummary | None
    shown_signals: Signals
    signals: list[Signal]
    suggestions: list[Suggestion]
    thinking_until: datetime | None
    branch: Branch | None


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
    """Until then interviewers' pages do not show the editor; None: they do."""

    type: Literal["thinking"] = "thinking"
    until: datetime | None


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


class NoteAdded(ControlMessage):
    """The interviewers' log has a new entry; only hosts and interviewers are told."""

    type: Literal["note.added"] = "note.added"
    entry: PrivateEntry


class ScoresChanged(ControlMessage):
    """An interviewer submitted scores: ask for them. Only hosts and interviewers are told."""

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


class RunEnded(ControlMessage):
    """A run ended."""

    type: Literal["run.ended"] = "run.ended"
    run_id: str
    status: RunStatus
    exit_code: int | None
    signal: str | None
    duration_ms: int | None
    memory_kb: int | None
    detail: str | None
    compile_ms: int | None
    diagnostics: list[DiagnosticFound]


class Diagnostics(ControlMessage):
    """What the compiler says about the program as it is now: it was compiled ahead of a run."""

    type: Literal["diagnostics"] = "diagnostics"
    language: Language
    diagnostics: list[DiagnosticFound]


class Pong(ControlMessage):
    """The answer to a ping; `id` is the ping's."""

    type: Literal["pong"] = "pong"
    id: int


class Refusal(ControlMessage):
    """A request on this socket was refused; `detail` says why and what to do."""

    type: Literal["refusal"] = "refusal"
    code: str
    detail: str


class Ping(ControlMessage):
    """Asks for a pong, to measure the round trip."""

    type: Literal["ping"] = "ping"
    id: int = Field(ge=0, le=2**53 - 1)


class StartRun(ControlMessage):
    """Run a file: the language's own when `path` is left out.

    With a `terminal` its input stays open. One program of a session has a terminal at a time: `if_running` says
    whether to wait for it or to stop it.
    """

    type: Literal["run.start"] = "run.start"
    path: str | None = None
    stdin: str | None = Field(None, max_length=1_000_000)
    terminal: TerminalSize | None = None
    if_running: Literal["queue", "replace"] = "replace"


class RunInput(ControlMessage):
    """Somebody types into a run. On a terminal, "\\x03" is ^C and "\\x04" is ^D."""

    type: Literal["run.input"] = "run.input"
    run_id: str
    text: str = Field(max_length=262_144)


class ResizeRun(ControlMessage):
    """The window of a run's terminal changed; only the person who started the run decides."""

    type: Literal["run.resize"] = "run.resize"
    run_id: str
    size: TerminalSize


class StopRun(ControlMessage):
    """Stop a run."""

    type: Literal["run.stop"] = "run.stop"
    run_id: str


class Report(ControlMessage):
    """How this page's connection is: the interviewers see it."""

    type: Literal["report"] = "report"
    unsaved: int = Field(ge=0, le=2**31 - 1)
    round_trip_ms: int | None = Field(None, ge=0, le=2**31 - 1)


class Away(ControlMessage):
    """This person left the page, or is back."""

    type: Literal["away"] = "away"
    away: bool
    seconds: int | None = Field(None, ge=0, le=2**31 - 1)


class Paste(ControlMessage):
    """This person pasted something large, about to arrive as an edit."""

    type: Literal["paste"] = "paste"
    path: StorableText = Field(max_length=200)
    characters: int = Field(ge=1, le=2**31 - 1)
    lines: int = Field(ge=1, le=2**31 - 1)
    source: Literal["own", "session", "outside"]


class Explain(ControlMessage):
    """What this person says about a signal of theirs."""

    type: Literal["signal.explain"] = "signal.explain"
    seq: int = Field(ge=1, le=2**53 - 1)
    text: StorableText = Field(min_length=1, max_length=500)


class Gather(ControlMessage):
    """Ask everybody to look where this person is."""

    type: Literal["gather"] = "gather"


class Suggest(ControlMessage):
    """Propose an edit; see `Suggestion`."""

    type: Literal["suggest"] = "suggest"
    path: StorableText = Field(max_length=200)
    start: StorableText = Field(max_length=1000)
    end: StorableText = Field(max_length=1000)
    before: StorableText = Field(max_length=20_000)
    text: StorableText = Field(max_length=20_000)


class AnswerSuggestion(ControlMessage):
    """Accept a proposed edit, or decline it; its author may take it back."""

    type: Literal["suggestion.answer"] = "suggestion.answer"
    seq: int = Field(ge=1, le=2**53 - 1)
    accepted: bool


class Moved(ControlMessage):
    """The caret went elsewhere, not by typing; `anchor` and `head` are Yjs relative positions, as JSON."""

    type: Literal["cursor"] = "cursor"
    path: StorableText = Field(max_length=200)
    anchor: StorableText = Field(max_length=300)
    head: StorableText = Field(max_length=300)


class EndThinking(ControlMessage):
    """Show the editor again before the time is over."""

    type: Literal["thinking.end"] = "thinking.end"


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
    | NoteAdded
    | ScoresChanged
    | RunStarted
    | RunProgress
    | RunOutput
    | RunEnded
    | Diagnostics
    | Pong
    | Refusal,
    Field(discriminator="type"),
]
ClientMessage = Annotated[
    Ping
    | StartRun
    | RunInput
    | ResizeRun
    | StopRun
    | Report
    | Away
    | Paste
    | Explain
    | Gather
    | Suggest
    | AnswerSuggestion
    | EndThinking
    | Moved,
    Field(discriminator="type"),
]

client_message: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)
server_message: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)
