"""What several control messages are made of."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pizarra.models import Language, Role, RunStatus
from pizarra.sandbox.outcome import DiagnosticFound, RunOutcome, Stream


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


class RunSize(ControlMessage):
    """The size a run's terminal has from a place on the timeline on; everybody is shown it at that size."""

    seq: int
    columns: int
    rows: int


class RunSummary(ControlMessage, RunOutcome):
    """A run, as a late joiner needs it: what is known, and all output so far. On pipes it has no `sizes`."""

    run_id: str
    status: RunStatus
    language: Language
    path: str
    participant_id: str | None
    started_at: datetime
    terminal: bool
    diagnostics: list[DiagnosticFound]
    queue_position: int | None
    output: list[OutputChunk]
    sizes: list[RunSize]


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


class SampleRun(BaseModel):
    """What came of one sample."""

    name: str
    passed: bool
    status: str
    expected: str
    got: str
    stdout: str
    duration_ms: int | None


class OwnRun(BaseModel):
    """What came of a case that somebody made up; `expected` None: it need only end well."""

    name: str = Field(description="What the case is called.", examples=["large"])
    input: str = Field(description="What it was given.", examples=["1000\n"])
    passed: bool = Field(description="Whether it went as was expected.", examples=[True])
    status: str = Field(description="How the program ended, as of a run.", examples=["exited"])
    expected: str | None = Field(
        description="What must come out; null when it need only end well.", examples=["2000\n"]
    )
    got: str = Field(description="What came out.", examples=["2000\n"])
    stdout: str = Field(description="What was printed.", examples=["2000\n"])
    duration_ms: int | None = Field(
        description="How long it took, in milliseconds; null when it did not run.", examples=[12]
    )


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


class Line(ControlMessage):
    """What somebody wrote to everybody; `seq` is its place on the timeline."""

    seq: int
    at: datetime
    participant_id: str
    name: str
    text: str


class ClockStep(ControlMessage):
    """A part of the interview."""

    name: str
    minutes: int


class Clock(ControlMessage):
    """The interview's clock: `seconds` since the candidate joined, by the server's time; None: not yet."""

    seconds: float | None
    minutes: int
    steps: list[ClockStep]
    shown: bool
