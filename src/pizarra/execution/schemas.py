"""Shapes of runs."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from pizarra.models import Language, RunStatus
from pizarra.sandbox.outcome import DiagnosticFound, RunOutcome, TerminalSize
from pizarra.sandbox.runner.protocol import Library
from pizarra.schemas import LanguageChoice, RequestModel, ResponseModel, StorableText, WholeNumber


class RunCreate(RequestModel):
    """What to run. Everything may be left out: then it is the chosen language's file, as it is now."""

    language: LanguageChoice | None = Field(
        None,
        description="The language to run it as; the file's own when left out.",
        examples=["python"],
    )
    path: StorableText | None = Field(
        None, description="The file to run.", min_length=1, max_length=200, examples=["main.py"]
    )
    stdin: StorableText | None = Field(
        None,
        description="Standard input, ended after it. Left out, it stays open for `POST …/stdin` unless you wait.",
        examples=["3 4\n"],
    )
    terminal: TerminalSize | None = Field(
        None,
        description="Run it on a terminal of this size, as the page does: one stream, echo, colours, ^C and ^D. "
        "Left out, it runs on pipes with standard output and standard error apart.",
        examples=[None],
    )
    if_running: Literal["queue", "replace"] = Field(
        "queue",
        description="A session runs one program on a terminal at a time: wait for its end, or stop it.",
        examples=["queue"],
    )
    at: WholeNumber | None = Field(
        None,
        description="A timeline `seq`: run the code of that instant, for you alone. It is not recorded.",
        examples=[17],
    )


class StdinWrite(RequestModel):
    """More input for a running program."""

    text: StorableText = Field(description="The input.", max_length=262_144, examples=["Zoë\n"])
    eof: bool = Field(False, description="Whether the input ends here.", examples=[False])


class RunListed(ResponseModel, RunOutcome):
    """A run in the list: what it printed is read by its id."""

    run_id: str = Field(description="Its id.", examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
    session_id: str = Field(
        description="Its session.", examples=["0123456789abcdef0123456789abcdef"]
    )
    participant_id: str | None = Field(
        description="Who ran it; null for the owner's API call.",
        examples=["89abcdef0123456789abcdef01234567"],
    )
    language: Language = Field(description="The language.", examples=["python"])
    path: str = Field(description="The file that was run.", examples=["main.py"])
    status: RunStatus = Field(
        description="queued, compiling, running, exited, compile_error, timeout, memory, output_limit, stopped or "
        "sandbox_error: the last is the platform's fault, never the program's.",
        examples=["exited"],
    )
    terminal: bool = Field(
        description="Whether it ran on a terminal: then `stdout` is everything.", examples=[False]
    )
    at: int = Field(description="The timeline `seq` whose code was run.", examples=[17])
    created_at: datetime = Field(
        description="When it was asked for.", examples=["2026-11-22T09:31:00.000000Z"]
    )
    ended_at: datetime | None = Field(
        description="When it ended.", examples=["2026-11-22T09:31:00.041000Z"]
    )


class RunRead(RunListed):
    """A run."""

    stdout: str = Field(description="What it printed so far.", examples=["42\n"])
    stderr: str = Field(description="What it printed to standard error so far.", examples=[""])
    diagnostics: list[DiagnosticFound] = Field(
        description="Messages of the compiler and the type checker.", examples=[[]]
    )


class LanguageRead(ResponseModel):
    """A language, and whether this machine runs it."""

    id: Language = Field(description="Its id.", examples=["python"])
    name: str = Field(description="Its name.", examples=["Python"])
    main: str = Field(description="The file that is run.", examples=["main.py"])
    template: str = Field(
        description="What a new file starts with.", examples=['print("Hello from Pizarra")\n']
    )
    runnable: bool = Field(description="Whether this machine runs it.", examples=[True])
    starting: bool = Field(
        description="Whether that is still being tried out: a run waits for it.", examples=[False]
    )
    version: str | None = Field(description="The toolchain's version.", examples=["Python 3.11.2"])
    language_server: str | None = Field(
        description="What knows its programs, if anything.", examples=["ty 0.0.107"]
    )
    libraries: list[Library] = Field(
        description="What its programs may import besides what it brings itself.",
        examples=[[{"name": "numpy", "version": "2.3.1"}]],
    )
    reason: str | None = Field(
        description="Why it is not runnable, and what to do.", examples=[None]
    )
