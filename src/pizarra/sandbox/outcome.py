"""What is said of a run, whoever says it: a runner, the timeline, a control message, the API."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Stream = Literal["stdout", "stderr"]
EndStatus = Literal[
    "exited", "compile_error", "timeout", "memory", "output_limit", "stopped", "sandbox_error"
]
_Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TerminalSize(_Fact):
    """A terminal's window, in characters."""

    columns: int = Field(80, ge=2, le=500, description="Its width.", examples=[80])
    rows: int = Field(24, ge=1, le=300, description="Its height.", examples=[24])


class DiagnosticFound(_Fact):
    """A message about a place; lines and columns count from 1. `text` finds the line when people have typed since."""

    path: str = Field(description="The file.", examples=["main.cpp"])
    line: int = Field(description="The line.", examples=[2])
    column: int = Field(description="The column.", examples=[11])
    end_line: int = Field(
        description="Where it ends; the same line when the compiler names a point.", examples=[2]
    )
    end_column: int = Field(description="The column there.", examples=[18])
    severity: Literal["error", "warning"] = Field(description="How bad it is.", examples=["error"])
    message: str = Field(
        description="What the compiler says.", examples=["'nothing' was not declared in this scope"]
    )
    source: str = Field(description="Which compiler.", examples=["g++"])
    text: str | None = Field(
        None,
        description="The line as it was compiled, up to 2,000 characters; null when it is no line of the program.",
        examples=["    return nothing;"],
    )


class RunOutcome(BaseModel):
    """What is known of a run's end beside its status, wherever that is told: all null before it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    exit_code: _Int32 | None = Field(description="The exit status, if it exited.", examples=[0])
    signal: Annotated[str, Field(max_length=20)] | None = Field(
        description="The signal that ended it, if one did.", examples=["SIGSEGV"]
    )
    duration_ms: _Int32 | None = Field(
        description="How long it took, in milliseconds.", examples=[41]
    )
    memory_kb: _Int32 | None = Field(description="Its highest memory use, in KiB.", examples=[8312])
    detail: str | None = Field(
        description="What the status does not say, and what to do.", examples=[None]
    )
    compile_ms: _Int32 | None = Field(
        description="How long compiling took, in milliseconds; null when there was nothing to do.",
        examples=[None],
    )


def outcome_of(told: object) -> dict[str, Any]:
    """Return the fields of a `RunOutcome` by name, from a message, an entry or a row that has them."""
    return {name: getattr(told, name) for name in RunOutcome.model_fields}
