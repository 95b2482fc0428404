"""Shapes of what an editor asks about a text."""

from typing import Literal

from pydantic import Field

from pizarra.sandbox.runner.protocol import Offered
from pizarra.schemas import RequestModel, ResponseModel, StorableText, WholeNumber


class FormatCreate(RequestModel):
    """A text to be formatted."""

    path: StorableText = Field(
        description="The file's path: its extension tells the language.",
        min_length=1,
        max_length=200,
        examples=["main.py"],
    )
    text: StorableText = Field(description="Its text.", examples=["x = [ 1,2 ]\n"])
    client: WholeNumber | None = Field(
        None,
        description="The Yjs client id that will make the edit, which tells windows apart; left out when none will.",
        examples=[2178532],
    )


class FormatRead(ResponseModel):
    """A formatted text."""

    text: str = Field(description="The text.", examples=["x = [1, 2]\n"])
    tool: str = Field(description="What formatted it.", examples=["Ruff"])


class AssistCreate(RequestModel):
    """A question about a place in a program."""

    path: StorableText = Field(
        description="The file.", min_length=1, max_length=200, examples=["main.py"]
    )
    text: StorableText = Field(
        description="Its text, as the editor has it.", examples=["values = []\nvalues.\n"]
    )
    line: WholeNumber = Field(description="The line, from 0.", examples=[1])
    character: WholeNumber = Field(
        description="The place in the line, in UTF-16 units from 0.", examples=[7]
    )
    want: Literal["completion", "hover"] = Field(
        description="Names that fit there, or what is known about what is there.",
        examples=["completion"],
    )


class AssistRead(ResponseModel):
    """What a language server knows about a place."""

    items: list[Offered] = Field(description="Names that fit, the best first.", examples=[[]])
    is_whole: bool = Field(
        description="Whether that is all: typing on needs no new question.", examples=[True]
    )
    hover: str | None = Field(
        description="What is known about what is there.", examples=["def main() -> None"]
    )
