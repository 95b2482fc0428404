"""Languages as data: one TOML file each, proven by a self-test when the runner starts."""

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pizarra.sandbox.limits import MIB, RunLimits

_LEAST_HEAP = 32


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Toolchain(_Data):
    """Where the interpreter or compiler is, how it tells its version, how to get it."""

    product: str = Field(description="What it calls itself.")
    candidates: list[str] = Field(
        description="Paths, as inside the sandbox; the first that exists is `{tool}`."
    )
    version: list[str] = Field(description="The command that prints the version.")
    install: str = Field(description="What to do when it is missing.")
    requires: list[str] = Field([], description="Further paths that must exist.")


class CompileCommand(_Data):
    """How sources become something that can be run.

    `by` names the way: `command` runs `argv` for each file (`{columns}` has it count bytes) and links with the fastest
    linker found, `javac` and `esbuild` ask a compiler that stays loaded.
    """

    by: Literal["command", "javac", "esbuild"]
    argv: list[str] = []
    linkers: list[str] = Field(
        [], description="Arguments that name a linker: the fastest first, the clearest last."
    )
    sources: list[str] = Field([], description="Extensions of what is compiled.")
    artifact: str = Field("", description="The file in the work folder that comes out of it.")
    libraries: str = Field("", description="What `{libraries}` is in `argv`, when there are any.")
    precompiled_header: str = Field("", description="A header to be compiled ahead of time.")
    header_flags: list[str] = Field([], description="With these arguments, which `argv` has too.")


class ErrorPattern(_Data):
    """How to find, in what a runtime prints about an uncaught error, where it happened and what it was."""

    start: str = Field(description="A pattern of where it begins to tell; the last one counts.")
    until: str = Field("", description="A pattern of where it ends to tell, if not at the end.")
    place: str = Field(
        description="A pattern with the groups `path` and `line`; `package` where the path lacks that."
    )
    message: str = Field(
        description="A pattern with the group `message`, what it was; the first one counts."
    )
    take: Literal["first", "last"] = Field(
        description="Which match counts, when there are several."
    )


class RunCommand(_Data):
    """How a program starts inside the sandbox; `{tool}`, `{main}` and `{heap_mb}` are filled in.

    With `stub` the sandbox starts ahead of time with `argv` and `env`, the stub beside it, and is told `{main}` when it
    is time; without, `argv` is started then. `heap_beside` is how much of the memory the runtime needs beside its heap;
    `out_of_memory` and `out_of_processes` are patterns of what it prints when it is refused more.
    """

    argv: list[str]
    stub: str | None = None
    env: dict[str, str] = {}
    heap_beside: int | None = Field(None, description="In MiB.")
    libraries: str = Field("", description="What `{libraries}` is in `argv`, when there are any.")
    libraries_env: dict[str, str] = Field(
        {}, description="Variables that a program has beside `env` then."
    )
    out_of_memory: str | None = None
    out_of_processes: str | None = None
    error: ErrorPattern | None = None


def heap_mib(run: RunCommand, limits: RunLimits) -> int | None:
    """Return how large a runtime's heap may be; None for one that has no such bound."""
    return (
        None
        if run.heap_beside is None
        else max(_LEAST_HEAP, limits.memory_bytes // MIB - run.heap_beside)
    )


class SelfTest(_Data):
    """A program and what it must print."""

    code: str
    stdout: str


class LanguageSpec(_Data):
    """One language."""

    id: str
    name: str
    main: str = Field(description="The file that is run.")
    template: str = Field(description="What a new file starts with.")
    toolchain: Toolchain
    compile: CompileCommand | None = None
    run: RunCommand
    language_server: str | None = Field(
        None, description="What knows its programs: a file in `language_servers/`."
    )
    formatter: str = Field(description="What formats it: a package beside `toolchains/format.mjs`.")
    self_test: SelfTest

    @property
    def starter(self) -> str:
        """The template as it goes into a document."""
        return self.template.lstrip("\n")


@cache
def languages() -> dict[str, LanguageSpec]:
    """Return every language by its id, in the order people look for them."""
    found = {}
    for file in resources.files(__name__).iterdir():
        if file.name.endswith(".toml"):
            spec = LanguageSpec.model_validate(tomllib.loads(file.read_text()))
            found[spec.id] = spec
    order = ["python", "javascript", "typescript", "java", "cpp"]
    return dict(
        sorted(
            found.items(),
            key=lambda item: (
                item[0] not in order,
                order.index(item[0]) if item[0] in order else 0,
            ),
        )
    )


_MORE_EXTENSIONS = {
    **dict.fromkeys(("mjs", "cjs", "jsx"), "javascript"),
    **dict.fromkeys(("tsx", "mts", "cts"), "typescript"),
    **dict.fromkeys(("cc", "cxx", "h", "hpp", "hh"), "cpp"),
}


def language_of(path: str) -> LanguageSpec | None:
    """Return the language of a file by its extension; None where it has none, or another."""
    _, dot, extension = path.lower().rpartition(".")
    if not dot:
        return None  # a file may be called `py`
    for spec in languages().values():
        if spec.main.rpartition(".")[2] == extension:
            return spec
    return languages().get(_MORE_EXTENSIONS.get(extension, ""))
