"""Shapes of questions as packages: imported, edited file by file, and proposed from a text that was pasted."""

from typing import Annotated, ClassVar

from pydantic import Field

from pizarra.problems.content import Content, QuestionKind
from pizarra.schemas import RequestModel, ResponseModel, StorableText

_ID = "00112233445566778899aabbccddeeff"
_FILES = {
    "problem.yaml": "problem_format_version: 2025-09\nname: Double it\n",
    "data/sample/001.in": "3\n",
    "data/sample/001.ans": "6\n",
}


class QuestionImported(ResponseModel):
    """A question that a package became."""

    question_id: str = Field(description="Its id.", examples=[_ID])
    version: int = Field(description="The number of its newest version.", ge=1, examples=[1])
    title: str = Field(description="What it is called.", examples=["Double it"])
    kind: QuestionKind = Field(description="`stdio`, `function` or `project`.", examples=["stdio"])
    runnable: bool = Field(description="Whether it can be tried here.", examples=[True])
    detail: str | None = Field(
        description="Why it cannot be tried here, and what was left out; null: there is nothing to say.",
        examples=[None],
    )
    remarks: list[str] = Field(
        description="The same, a sentence each.",
        examples=[["These parts were left out: attachments."]],
    )


class QuestionFiles(ResponseModel):
    """A version of a question as a package of the format 2025-09; what only we know lies in `.pizarra.yaml`."""

    version: int = Field(description="The number of this version.", ge=1, examples=[3])
    files: dict[str, str] = Field(description="Path → text of every file.", examples=[_FILES])


class QuestionFilesPut(RequestModel):
    """All files of a question's package: what is not among them is gone."""

    files: dict[Annotated[StorableText, Field(min_length=1, max_length=300)], StorableText] = Field(
        description="Path → text of every file.", examples=[_FILES]
    )


class ProposalCreate(RequestModel):
    """What a question is to be made of."""

    text: StorableText = Field(
        description="A signature in the first line and an example in each below, `twoSum([2, 7], 9) -> [0, 1]`; or an "
        "exercise's `canonical-data.json` (Exercism).",
        examples=["twoSum(int[] nums, int target) -> int[]\ntwoSum([2, 7], 9) -> [0, 1]"],
    )
    statement: StorableText = Field(
        "", description="What is asked, in Markdown.", examples=["Return the indices of the two."]
    )


class QuestionDraft(Content):
    """A question that is not there yet: send it to `POST /api/questions` when it is as you want it."""

    checks_values: ClassVar[bool] = False


class QuestionProposed(ResponseModel):
    """What would come of a text. Nothing of it is kept."""

    question: QuestionDraft = Field(
        description="The question that it would be, as a draft.",
        examples=[{"title": "Two sum", "draft": True}],
    )
    remarks: list[str] = Field(
        description="What to look at, and what was left out, a sentence each.",
        examples=[["3 cases that expect an error were left out."]],
    )
