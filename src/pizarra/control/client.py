"""What a client asks for or tells."""

from typing import Annotated, Literal

from pydantic import Field

from pizarra.control.shapes import ControlMessage
from pizarra.sandbox.outcome import TerminalSize
from pizarra.schemas import StorableText


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
    # `max_stdin_bytes` refuses with a sentence; `max_control_bytes` bounds what gets here at all
    stdin: str | None = None
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
