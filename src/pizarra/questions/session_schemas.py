"""Shapes of what a session is about: its question, the samples, and what comes of them."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from pizarra.judging.signature import Signature
from pizarra.kit.text import visible
from pizarra.problems.content import (
    CaseGroup,
    FollowUp,
    Sources,
    Wording,
)
from pizarra.questions.schemas import ID
from pizarra.schemas import (
    LanguageChoice,
    RequestModel,
    ResponseModel,
    StorableText,
    WholeNumber,
)


class ProblemPut(RequestModel):
    """What the session is to be about: a question of the library, one of its follow-ups, or what it had before."""

    question_id: Annotated[StorableText, Field(max_length=32)] | None = Field(
        None, description="A question of your library; its newest version counts.", examples=[ID]
    )
    follow_up: int | None = Field(
        None,
        description="With neither of the others: which follow-up of the present question to ask, from 0.",
        ge=0,
        le=19,
        examples=[None],
    )
    seq: WholeNumber | None = Field(
        None,
        description="The entry of the timeline that gave a question before: it comes back in the version that it had.",
        examples=[None],
    )

    @model_validator(mode="after")
    def _says_one(self) -> "ProblemPut":
        if [self.question_id, self.follow_up, self.seq].count(None) != 2:
            raise ValueError("one of question_id, follow_up and seq is given")
        return self


class SampleRead(ResponseModel):
    """A case that everybody sees."""

    name: str = Field(description="What it is about.", examples=["empty list"])
    input: str = Field(
        description="Standard input; of a function its arguments as JSON, one a line.",
        examples=["3\n"],
    )
    expected: str = Field(
        description="What must be printed; of a function the value it must come to, as JSON.",
        examples=["6\n"],
    )


class OwnCase(RequestModel):
    """A case of one's own."""

    name: Annotated[StorableText, Field(max_length=80), AfterValidator(visible)] = Field(
        "", description="What it is about.", examples=["large"]
    )
    input: StorableText = Field(
        description="Standard input; of a function its arguments as JSON, one a line.",
        examples=["1000\n"],
    )
    expected: StorableText | None = Field(
        None,
        description="What must come out, compared as the question says, or word by word where that has a checker; "
        "null: it need only end well.",
        examples=["2000\n"],
    )


class SamplesRun(RequestModel):
    """What to try on the samples."""

    language: LanguageChoice | None = Field(
        None,
        description="The language whose file is tried; the one that is chosen when left out.",
        examples=["python"],
    )
    own: list[OwnCase] = Field(
        default_factory=list,
        description="Cases of one's own to try after them; everybody is told, and the timeline keeps them apart.",
        examples=[[{"name": "large", "input": "1000\n"}]],
    )


class SampleResult(ResponseModel):
    """What came of one sample."""

    name: str = Field(description="What the case is called.", examples=["three"])
    own: bool = Field(description="Whether it is a case of one's own.", examples=[False])
    passed: bool = Field(
        description="Whether it is right; where nothing is expected, whether it ended well.",
        examples=[True],
    )
    status: str = Field(
        description="How the program ended, as a run's `status`; `judge_error`: the question's checker failed; "
        "`not_tried`: three before it had run out of time.",
        examples=["exited"],
    )
    expected: str | None = Field(
        description="What was expected; null: nothing, of a case of one's own.", examples=["6\n"]
    )
    got: str = Field(
        description="What came out, its beginning if that is long: of a function its value.",
        examples=["6\n"],
    )
    stdout: str = Field(description="What was printed, its beginning.", examples=["6\n"])
    stderr: str = Field(description="What was complained, its end.", examples=[""])
    duration_ms: int | None = Field(description="How long it ran.", ge=0, examples=[12])


class GivenRead(ResponseModel):
    """A question that the session was given, as it was given last."""

    seq: int = Field(description="The entry of the timeline that gave it.", examples=[2])
    question_id: str = Field(description="The question's id.", examples=[ID])
    version: int = Field(description="In which version.", examples=[3])
    title: str = Field(description="What it is called.", examples=["Double it"])
    follow_up: int | None = Field(
        description="Which follow-up of the question it is, from 0; null: the question itself.",
        examples=[None],
    )


class ForInterviewers(ResponseModel):
    """What only interviewers see of the question of a session, in the version that it has."""

    guide: str = Field(description="What to look for, in Markdown.", examples=["Ask first."])
    rubric: list[str] = Field(description="What it is scored by.", examples=[["Finds it"]])
    follow_ups: list[FollowUp] = Field(
        description="What can be asked next.",
        examples=[[{"title": "Sorted?", "text": "Do it without more memory."}]],
    )
    secret: list[CaseGroup] = Field(
        description="The cases that only interviewers see.",
        examples=[[{"name": "small", "cases": [{"input": "0\n", "expected": "0\n"}]}]],
    )
    references: Sources = Field(
        description="Solutions that are right, by language.",
        examples=[{"python": "print(int(input()) * 2)\n"}],
    )
    newest: int | None = Field(
        description="The number of the question's newest version; null: it was deleted.",
        examples=[3],
    )
    given: list[GivenRead] = Field(
        description="The questions that the session was given, this one too: each comes back by its `seq`.",
        examples=[
            [{"seq": 2, "question_id": ID, "version": 3, "title": "Double it", "follow_up": None}]
        ],
    )


class ProblemRead(ResponseModel):
    """What a session is about, as you may see it."""

    question_id: str = Field(description="The question's id.", examples=[ID])
    version: int = Field(description="The version that the session was given.", examples=[3])
    seq: int = Field(description="The entry of the timeline that gave it.", examples=[2])
    kind: str = Field(description="`stdio`, `function` or `project`.", examples=["stdio"])
    title: str = Field(description="What it is called.", examples=["Double it"])
    statement: str = Field(
        description="What is asked, in Markdown, in the language you ask for (`Accept-Language`) where there is one.",
        examples=["Read an integer, print it twice."],
    )
    spoken: str = Field(description="The language of title and statement.", examples=["en"])
    translations: dict[str, Wording] = Field(
        description="The same in every language that there is.",
        examples=[{"es": {"title": "Duplica", "statement": "Lee un entero y duplícalo."}}],
    )
    images: dict[str, str] = Field(
        description="Pictures that the statement shows: name → content in base64.",
        examples=[{"dot.gif": "R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="}],
    )
    languages: list[str] = Field(
        description="The languages it can be solved in.", examples=[["python", "java"]]
    )
    samples: list[SampleRead] = Field(
        description="Cases that everybody sees.",
        examples=[[{"name": "", "input": "3\n", "expected": "6\n"}]],
    )
    signature: Signature | None = Field(
        description="Of a `function`: what it takes and returns.", examples=[None]
    )
    folder: str = Field(
        description="Where its files lie in the document: nothing, or a folder with its slash.",
        examples=["two-sum-0011/"],
    )
    secret_count: int | None = Field(
        description="How many secret cases there are, where the question lets that be known.",
        examples=[None],
    )
    follow_up: int | None = Field(
        description="Which follow-up of the question this is, from 0; null: the question itself.",
        examples=[None],
    )
    for_interviewers: ForInterviewers | None = Field(
        description="What only interviewers see; null for others, and where the question is not here.",
        examples=[None],
    )
