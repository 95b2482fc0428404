"""What several control messages are made of."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pizarra.models import Language, Role, RunStatus
from pizarra.sandbox.protocol import DiagnosticFound, Stream


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
