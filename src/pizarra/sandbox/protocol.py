"""What the web process and a runner say to each other: length-prefixed JSON over a stream socket.

One connection carries many runs. New kinds of messages may be added; a peer ignores none, so both ends are of one
version: the web process starts the runner, or refuses one that greets with another `protocol`.
"""

import asyncio
import struct
from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

PROTOCOL = 4
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
_LENGTH = struct.Struct(">I")

Stream = Literal["stdout", "stderr"]
EndStatus = Literal["exited", "compile_error", "timeout", "memory", "output_limit", "stopped", "sandbox_error"]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Message):
    """Limits of one run, in seconds, bytes and counts; `RunLimits` says what each bounds."""

    wall_seconds: float
    idle_seconds: float | None
    cpu_seconds: float
    memory_bytes: int
    processes: int
    output_bytes: int
    disk_bytes: int
    files: int


class TerminalSize(_Message):
    """A terminal's window, in characters."""

    columns: int = Field(80, ge=2, le=500, description="Its width.", examples=[80])
    rows: int = Field(24, ge=1, le=300, description="Its height.", examples=[24])


class StartRun(_Message):
    """Run `main` of `files` (path → text), on a terminal if one is given, else on pipes.

    With `keep_stdin_open`, more input may follow as `WriteStdin`.
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


class CancelPrepare(_Message):
    """Somebody typed on: what is being prepared is out of date."""

    type: Literal["prepare.cancel"] = "prepare.cancel"
    prepare_id: str


class Warm(_Message):
    """Keep sandboxes of these limits ready."""

    type: Literal["warm"] = "warm"
    terminal_limits: Limits


class Format(_Message):
    """Format a file's text, at the way of its language."""

    type: Literal["format"] = "format"
    format_id: str
    language: str
    path: str
    text: str


class Assist(_Message):
    """Ask a language server about a place in `files[path]`: a line, from 0, and a character, in UTF-16 units.

    `session` tells whose server is asked: no two sessions share one.
    """

    type: Literal["assist"] = "assist"
    assist_id: str
    session: str
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


class LanguageState(_Message):
    """Whether a language runs here: its version, or why not. `starting` while it is being tried out."""

    available: bool
    starting: bool = False
    version: str | None
    reason: str | None
    language_server: str | None = None


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


class RunOutput(_Message):
    """Bytes a program wrote."""

    type: Literal["output"] = "output"
    run_id: str
    stream: Stream
    data: Base64Bytes


class DiagnosticFound(_Message):
    """A compiler's message about a place; lines and columns count from 1."""

    path: str = Field(description="The file.", examples=["main.cpp"])
    line: int = Field(description="The line.", examples=[2])
    column: int = Field(description="The column.", examples=[11])
    end_line: int = Field(description="Where it ends; the same line when the compiler names a point.", examples=[2])
    end_column: int = Field(description="The column there.", examples=[18])
    severity: Literal["error", "warning"] = Field(description="How bad it is.", examples=["error"])
    message: str = Field(description="What the compiler says.", examples=["'nothing' was not declared in this scope"])
    source: str = Field(description="Which compiler.", examples=["g++"])


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
    insert: str = Field(description="What to write instead of the word before the place.", examples=["append"])
    kind: str = Field(description="function, class, property, variable, keyword and so on.", examples=["function"])
    detail: str = Field(description="Its type or signature.", examples=["(object, /) -> None"])


class Assisted(_Message):
    """What a language server said; `is_whole` when typing on needs no new question, `problem` when there is none."""

    type: Literal["assisted"] = "assisted"
    assist_id: str
    items: list[Offered] = []
    is_whole: bool = False
    hover: str | None = None
    problem: str | None = None


class RunEnded(_Message):
    """How a run ended; `detail` explains what the status does not. `duration_ms` and `memory_kb` are the program's."""

    type: Literal["ended"] = "ended"
    run_id: str
    status: EndStatus
    exit_code: int | None = None
    signal: str | None = None
    duration_ms: int = 0
    memory_kb: int | None = None
    detail: str | None = None
    compile_ms: int | None = None
    diagnostics: list[DiagnosticFound] = []


Request = Annotated[
    StartRun | WriteStdin | Resize | StopRun | Prepare | CancelPrepare | Warm | Format | Assist,
    Field(discriminator="type"),
]
RunEvent = RunState | RunOutput | RunEnded
Event = Annotated[
    Capabilities | RunState | RunOutput | RunEnded | Prepared | Formatted | Assisted, Field(discriminator="type")
]

request_adapter: TypeAdapter[Request] = TypeAdapter(Request)
event_adapter: TypeAdapter[Event] = TypeAdapter(Event)


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
