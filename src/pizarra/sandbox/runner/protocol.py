"""What the web process and a runner say to each other, in JSON: length-prefixed over a stream socket, or a message of a
WebSocket each (`remote/`).

One connection carries many runs. On a stream socket both ends are of one version: the web process starts the runner, or
refuses one that greets with another `protocol`. A worker on another machine says which versions it speaks.
"""

import asyncio
import struct
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

from pizarra.sandbox.outcome import DiagnosticFound, EndStatus, RunOutcome, Stream, TerminalSize

PROTOCOL = 8
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
OUTPUT_WINDOW = (
    256 * 1024
)  # of a run's output that nobody has dealt with yet: then the program waits
_OUTPUT_OVERHEAD = 256  # what a message of output costs beside its bytes
_LENGTH = struct.Struct(">I")


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Message):
    """Limits of one run, in seconds, bytes and counts; `RunLimits` says what each bounds."""

    wall_seconds: float
    idle_seconds: float | None
    cpu_seconds: float
    children_seconds: float
    memory_bytes: int
    processes: int
    output_bytes: int
    disk_bytes: int
    files: int


class StartRun(_Message):
    """Run `main` of `files` (path → text), on a terminal if one is given, else on pipes.

    With `keep_stdin_open`, more input may follow as `WriteStdin`. `share` and `team` tell whose turn it takes: the
    machine is shared out evenly between teams, and between the shares of a team. With `behind`, nobody waits for it: it
    lets programs of people that compute go first, for so many seconds at most. With a `window`, no more output is sent
    than that beyond what `Credit` has confirmed, as `output_cost` counts it.
    """

    type: Literal["start"] = "start"
    run_id: str
    language: str
    main: str
    files: dict[str, str]
    stdin: str
    keep_stdin_open: bool
    terminal: TerminalSize | None
    limits: Limits
    share: str = ""
    team: str = ""
    behind: float | None = None
    window: int | None = None


class Credit(_Message):
    """So much of a run's output was dealt with since the last: it may print as much again."""

    type: Literal["credit"] = "credit"
    run_id: str
    cost: int


class Resize(_Message):
    """The window of a run's terminal changed."""

    type: Literal["resize"] = "resize"
    run_id: str
    size: TerminalSize


class Prepare(_Message):
    """Compile ahead of time what may be run soon, at low priority. One with the same `prepare_id` replaces the last."""

    type: Literal["prepare"] = "prepare"
    prepare_id: str
    language: str
    main: str
    files: dict[str, str]
    share: str = ""


class CancelPrepare(_Message):
    """Somebody typed on: what is being prepared is out of date."""

    type: Literal["prepare.cancel"] = "prepare.cancel"
    prepare_id: str


class Warm(_Message):
    """Keep sandboxes of these limits ready."""

    type: Literal["warm"] = "warm"
    terminal_limits: Limits


class Format(_Message):
    """Format a file's text, at the way of its language. `share` tells whose turn it takes."""

    type: Literal["format"] = "format"
    format_id: str
    language: str
    path: str
    text: str
    share: str = ""


class Assist(_Message):
    """Ask a language server about a place in `files[path]`: a line, from 0, and a character, in UTF-16 units.

    `session` tells whose server is asked: no two sessions share one. `share` tells whose place it takes.
    """

    type: Literal["assist"] = "assist"
    assist_id: str
    session: str
    share: str = ""
    language: str
    path: str
    files: dict[str, str]
    line: int
    character: int
    want: Literal["completion", "hover"]


class WriteStdin(_Message):
    """More input for a run; `eof` closes it."""

    type: Literal["stdin"] = "stdin"
    run_id: str
    text: str
    eof: bool


class StopRun(_Message):
    """End a run, queued or running."""

    type: Literal["stop"] = "stop"
    run_id: str


class Check(_Message):
    """One thing that was tried on this machine; `fix` is what to do when it failed."""

    name: str
    ok: bool
    detail: str
    fix: str | None = None


class Library(_Message):
    """A library that programs of a language may import."""

    name: str = Field(description="What it is called.", examples=["numpy"])
    version: str = Field(description="Its version; empty where nobody knows.", examples=["2.3.1"])


class LanguageState(_Message):
    """Whether a language runs here: its version, or why not. `starting` while it is being tried out."""

    available: bool
    starting: bool = False
    version: str | None
    reason: str | None
    language_server: str | None = None
    libraries: list[Library] = []


class Capabilities(_Message):
    """First message of a runner, and again whenever something of it changes.

    `tier` is A (with cgroups), B (without), C (without namespaces), or None: nothing runs, `reason` says why.
    """

    type: Literal["capabilities"] = "capabilities"
    protocol: int = PROTOCOL
    tier: Literal["A", "B", "C"] | None
    reason: str | None
    checks: list[Check]
    languages: dict[str, LanguageState]
    slots: int
    queue: int
    resting: int = 0

    def problem_with(self, language: str) -> str | None:
        """Return why a language cannot be run, or None."""
        state = self.languages.get(language)
        if state is None:
            return "The runner does not know this language."
        return None if state.available else state.reason


class RunState(_Message):
    """A run waits (`position` in the queue, from 1) or has begun."""

    type: Literal["state"] = "state"
    run_id: str
    status: Literal["queued", "compiling", "running"]
    position: int | None = None


class ProgramOutput(_Message):
    """Bytes a program wrote."""

    type: Literal["output"] = "output"
    run_id: str
    stream: Stream
    data: Base64Bytes


class Prepared(_Message):
    """What the compiler says about what was prepared."""

    type: Literal["prepared"] = "prepared"
    prepare_id: str
    diagnostics: list[DiagnosticFound]


class Formatted(_Message):
    """A formatted text, or why there is none: `is_fault` when it is not the text's."""

    type: Literal["formatted"] = "formatted"
    format_id: str
    text: str | None
    problem: str | None = None
    is_fault: bool = False


class Offered(_Message):
    """A name that fits at a place."""

    label: str = Field(description="What it is called.", examples=["append"])
    insert: str = Field(
        description="What to write instead of the word before the place.", examples=["append"]
    )
    kind: str = Field(
        description="function, class, property, variable, keyword and so on.", examples=["function"]
    )
    detail: str = Field(description="Its type or signature.", examples=["(object, /) -> None"])


class Assisted(_Message):
    """What a language server said; `is_whole` when typing on needs no new question, `problem` when there is none."""

    type: Literal["assisted"] = "assisted"
    assist_id: str
    items: list[Offered] = []
    is_whole: bool = False
    hover: str | None = None
    problem: str | None = None


class Load(_Message):
    """How much a runner has to do for everybody, told soon after that changes; `draining` when it takes nothing new."""

    type: Literal["load"] = "load"
    computing: int
    waiting: int
    draining: bool = False


class Busy(_Message):
    """A run was not begun, and will not be: there is no room, or the runner ends. It may be sent elsewhere."""

    type: Literal["busy"] = "busy"
    run_id: str


class Held(_Message):
    """Something held the runner's event loop for so long: what its watchdog says."""

    type: Literal["held"] = "held"
    seconds: float


class ProgramEnded(_Message, RunOutcome):
    """A run ended."""

    type: Literal["ended"] = "ended"
    run_id: str
    status: EndStatus
    duration_ms: Annotated[int, Field(ge=0, le=2**31 - 1)]
    diagnostics: list[DiagnosticFound] = []

    @classmethod
    def without_program(
        cls,
        run_id: str,
        status: EndStatus,
        *,
        detail: str | None = None,
        compile_ms: int | None = None,
        diagnostics: Sequence[DiagnosticFound] = (),
    ) -> Self:
        """Return the end of a run whose program did not run, or of which nothing is known."""
        return cls(
            run_id=run_id,
            status=status,
            exit_code=None,
            signal=None,
            duration_ms=0,
            memory_kb=None,
            detail=detail,
            compile_ms=compile_ms,
            diagnostics=[*diagnostics],
        )


class RunChecked(_Message):
    """What the type checker says after a run's end: all there is to say of its program."""

    type: Literal["checked"] = "checked"
    run_id: str
    diagnostics: list[DiagnosticFound]


Request = Annotated[
    StartRun
    | Credit
    | WriteStdin
    | Resize
    | StopRun
    | Prepare
    | CancelPrepare
    | Warm
    | Format
    | Assist,
    Field(discriminator="type"),
]
RunEvent = RunState | ProgramOutput | ProgramEnded
Event = Annotated[
    Capabilities
    | Load
    | Busy
    | RunState
    | ProgramOutput
    | ProgramEnded
    | RunChecked
    | Prepared
    | Formatted
    | Assisted
    | Held,
    Field(discriminator="type"),
]

request_adapter: TypeAdapter[Request] = TypeAdapter(Request)
event_adapter: TypeAdapter[Event] = TypeAdapter(Event)


def output_cost(data: bytes) -> int:
    """Return what some output counts against a run's window: a byte at a time costs more than a byte."""
    return len(data) + _OUTPUT_OVERHEAD


def encode(message: BaseModel) -> bytes:
    """Return a message with its length before it."""
    body = message.model_dump_json().encode()
    return _LENGTH.pack(len(body)) + body


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """Return the next message's JSON, or None at the end of the stream.

    Raises:
        ValueError: the peer announces more than `MAX_MESSAGE_BYTES`.
    """
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        if length > MAX_MESSAGE_BYTES:
            raise ValueError(f"a message of {length} bytes")
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
