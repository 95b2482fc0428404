"""Language servers as data: one TOML file each."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ServerSpec(BaseModel):
    """What answers an editor's questions about a program: a server of the Language Server Protocol."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: str = Field(description="What it calls itself.")
    candidates: list[str] = Field(
        description="Paths, as inside the sandbox; the first that exists is `{tool}`."
    )
    version: list[str] = Field(description="The command that prints the version.")
    argv: list[str] = Field(description="The command that starts it.")
    language_ids: dict[str, str] = Field(
        description="What it calls a file, by extension; `*` is any other."
    )
    rereads: bool = Field(
        True, description="Whether it takes a change of another file that is open in it."
    )
    publishes: bool = Field(
        False, description="Whether it tells that it has read a file: before it may know nothing."
    )
    files: dict[str, str] = Field(
        {}, description="Settings that lie beside the program, unless it has its own."
    )
    libraries: dict[str, str] = Field(
        {}, description="What is added to them when there are `{libraries}`."
    )
    libraries_of: str = Field("", description="Whose libraries those are: a language.")
    options: dict[str, Any] = Field({}, description="Its initialization options.")


@cache
def server_spec(name: str) -> ServerSpec:
    """Return a language server by its name."""
    file = resources.files(__package__ or "") / f"{name}.toml"
    return ServerSpec.model_validate(tomllib.loads(file.read_text()))
