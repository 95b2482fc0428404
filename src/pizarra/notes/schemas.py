"""Shapes of notes, chat and scores."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from pizarra.schemas import RequestModel, ResponseModel, StorableText, VisibleText, WholeNumber, whole_number

_PERSON = "89abcdef0123456789abcdef01234567"
_TIME = "2026-11-24T09:30:00Z"

PrivateKind = Literal["note", "chat", "note.changed", "note.removed", "scores", "tests", "test.result"]


class NoteCreate(RequestModel):
    """What to write into the private log."""

    kind: Literal["note", "chat"] = Field(
        "note", description="`note`: about an instant; `chat`: to the other interviewers.", examples=["note"]
    )
    text: VisibleText = Field(description="The text.", examples=["Asks about duplicates before writing anything."])
    anchor: WholeNumber | None = Field(
        None, description="The timeline `seq` it is about; the newest when left out.", examples=[17]
    )


class NoteUpdate(RequestModel):
    """Another text for a note."""

    text: VisibleText = Field(description="The text.", examples=["Asks about duplicates, and about empty input."])


class PrivateEntryRead(ResponseModel):
    """An entry of the private log."""

    seq: int = Field(description="Its number in the private log: dense from 1.", ge=1, examples=[1])
    at: datetime = Field(description="When it was written.", examples=[_TIME])
    kind: str = Field(  # an archive of a newer version may hold others
        description="`note`, `chat`; `note.changed` and `note.removed` are about the entry `data.of`; `scores`: a "
        "scorecard was submitted; `tests`: the session's tests; `test.result`: what came of those in `data.of`. "
        "Readers skip kinds they do not know.",
        examples=["note"],
    )
    participant_id: str = Field(description="Who wrote it.", examples=[_PERSON])
    data: dict[str, Any] = Field(
        description="`name` of the author, `anchor`: the timeline `seq` it is about, and what the kind says: `text`, "
        "`of`, `scores`, `tests`, `results`.",
        examples=[{"name": "Ana", "anchor": 17, "text": "Asks about duplicates."}],
    )


class Score(RequestModel):
    """One criterion's score."""

    criterion: Annotated[StorableText, Field(min_length=1, max_length=80)] = Field(
        description="A criterion of the session's rubric.", examples=["Problem solving"]
    )
    score: Annotated[int, Field(ge=1, le=4), BeforeValidator(whole_number)] | None = Field(
        description="1 (poor) to 4 (excellent); null: not judged.", examples=[3]
    )
    comment: StorableText = Field("", description="Why.", examples=["Found the hash map by herself."], max_length=2000)
    anchor: WholeNumber | None = Field(
        None, description="The timeline `seq` it rests on; the newest when left out.", examples=[17]
    )


class ScoresUpdate(RequestModel):
    """A whole scorecard."""

    scores: list[Score] = Field(
        description="One for each criterion that is judged.",
        max_length=20,
        examples=[[{"criterion": "Problem solving", "score": 3, "comment": ""}]],
    )


class ScorecardRead(ResponseModel):
    """Somebody's scores: your own, or another interviewer's that they have submitted."""

    participant_id: str = Field(description="Whose they are.", examples=[_PERSON])
    name: str = Field(description="Their name.", examples=["Ana"])
    yours: bool = Field(description="Whether they are yours.", examples=[True])
    scores: list[dict[str, Any]] = Field(
        description="`criterion`, `score`, `comment`, `anchor` each.",
        examples=[[{"criterion": "Problem solving", "score": 3, "comment": "", "anchor": 17}]],
    )
    submitted_at: datetime | None = Field(
        description="When the others could read them; null: they cannot yet.", examples=[_TIME]
    )
