"""Shapes of notes, chat and scores."""

from typing import Annotated, Literal

from pydantic import Field

from pizarra.models import Verdict
from pizarra.schemas import (
    RequestModel,
    StorableText,
    VisibleText,
    WholeNumber,
)
from pizarra.timeline.private.schemas import Score


class NoteCreate(RequestModel):
    """What to write into the private log."""

    kind: Literal["note", "chat"] = Field(
        "note",
        description="`note`: about an instant; `chat`: to the other interviewers.",
        examples=["note"],
    )
    text: VisibleText = Field(
        description="The text.", examples=["Asks about duplicates before writing anything."]
    )
    anchor: WholeNumber | None = Field(
        None, description="The timeline `seq` it is about; the newest when left out.", examples=[17]
    )


class NoteUpdate(RequestModel):
    """Another text for a note."""

    text: VisibleText = Field(
        description="The text.", examples=["Asks about duplicates, and about empty input."]
    )


class ScoresUpdate(RequestModel):
    """A whole scorecard."""

    scores: list[Score] = Field(
        description="One for each criterion that is judged.",
        max_length=20,
        examples=[[{"criterion": "Problem solving", "score": 3, "comment": ""}]],
    )


class DecisionUpdate(RequestModel):
    """What you come to."""

    verdict: Annotated[Verdict, Field(strict=False)] = Field(
        description="strong_no, no, yes or strong_yes.", examples=["yes"]
    )
    text: StorableText = Field(
        "", description="Why.", examples=["Found the hash map by herself, tests first."]
    )
