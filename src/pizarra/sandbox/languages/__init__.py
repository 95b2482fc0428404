"""Languages as data: one TOML file each. A file without `[run]` can be written in, not yet run."""

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field


class Toolchain(BaseModel):
    """Where the interpreter or compiler is, how it tells its version, how to get it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: list[str]
    version: list[str]
    install: str


class RunCommand(BaseModel):
    """How a program starts inside the sandbox; `{tool}` and `{main}` are filled in.

    `out_of_memory` begins the last line the interpreter prints when an allocation fails.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    argv: list[str]
    out_of_memory: str | None = None


class SelfTest(BaseModel):
    """A program and what it must print."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    stdout: str


class LanguageSpec(BaseModel):
    """One language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    name: str
    main: str = Field(description="The file that is run.")
    template: str = Field(description="What a new file starts with.")
    toolchain: Toolchain | None = None
    run: RunCommand | None = None
    self_test: SelfTest | None = None

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
        sorted(found.items(), key=lambda item: (item[0] not in order, order.index(item[0]) if item[0] in order else 0))
    )
