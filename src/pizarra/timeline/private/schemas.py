"""Shapes of the private log."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pizarra.models import Verdict
from pizarra.schemas import (
    RequestModel,
    ResponseModel,
    StorableText,
    WholeNumber,
    whole_number,
)

EXAMPLE_PERSON = "89abcdef0123456789abcdef01234567"

EXAMPLE_TIME = "2026-11-24T09:30:00Z"


class PrivateEntryRead(ResponseModel):
    """An entry of the private log."""

    seq: int = Field(description="Its number in the private log: dense from 1.", ge=1, examples=[1])
    at: datetime = Field(description="When it was written.", examples=[EXAMPLE_TIME])
    kind: str = Field(  # an archive of a newer version may hold others
        description="`note`, `chat`; `note.changed` and `note.removed` are about the entry `data.of`; `scores`: a "
        "scorecard was submitted; `decision`: what somebody comes to; `tests`: the session's tests; `test.result`: "
        "what came of those in `data.of`. Readers skip kinds they do not know.",
        examples=["note"],
    )
    participant_id: str = Field(description="Who wrote it.", examples=[EXAMPLE_PERSON])
    data: dict[str, Any] = Field(
        description="`name` of the author, `anchor`: the timeline `seq` it is about, and what the kind says: `text`, "
        "`of`, `scores`, `verdict` (null while it is not for you to read), `tests`, `results`.",
        examples=[{"name": "Ana", "anchor": 17, "text": "Asks about duplicates."}],
    )


class DecisionRead(ResponseModel):
    """What an interviewer came to."""

    participant_id: str = Field(description="Who.", examples=[EXAMPLE_PERSON])
    name: str = Field(description="Their name.", examples=["Ana"])
    yours: bool = Field(description="Whether it is you.", examples=[True])
    verdict: Verdict = Field(description="What they came to.", examples=["yes"])
    text: str = Field(description="Why.", examples=["Found the hash map by herself, tests first."])
    decided_at: datetime = Field(description="When.", examples=[EXAMPLE_TIME])


class DecisionsRead(ResponseModel):
    """The decisions of a session that you may read."""

    decisions: list[DecisionRead] = Field(
        description="Yours, and those of others once you may read them.",
        examples=[
            [
                {
                    "participant_id": EXAMPLE_PERSON,
                    "name": "Ana",
                    "yours": True,
                    "verdict": "yes",
                    "text": "",
                    "decided_at": EXAMPLE_TIME,
                }
            ]
        ],
    )
    waiting_for: list[str] = Field(
        description="The other interviewers who have still to decide.", examples=[["Leo"]]
    )
    readable: bool = Field(
        description="Whether you may read everybody's: once you have decided, or, if you did not interview, once all "
        "who did have.",
        examples=[True],
    )


class Score(RequestModel):
    """One criterion's score."""

    criterion: Annotated[StorableText, Field(min_length=1, max_length=80)] = Field(
        description="A criterion of the session's rubric.", examples=["Problem solving"]
    )
    score: Annotated[int, Field(ge=1, le=4), BeforeValidator(whole_number)] | None = Field(
        description="1 (poor) to 4 (excellent); null: not judged.", examples=[3]
    )
    comment: StorableText = Field(
        "", description="Why.", examples=["Found the hash map by herself."], max_length=2000
    )
    anchor: WholeNumber | None = Field(
        None, description="The timeline `seq` it rests on; the newest when left out.", examples=[17]
    )


class ScorecardRead(ResponseModel):
    """Somebody's scores: your own, or another interviewer's that they have submitted."""

    participant_id: str = Field(description="Whose they are.", examples=[EXAMPLE_PERSON])
    name: str = Field(description="Their name.", examples=["Ana"])
    yours: bool = Field(description="Whether they are yours.", examples=[True])
    scores: list[dict[str, Any]] = Field(
        description="`criterion`, `score`, `comment`, `anchor` each.",
        examples=[[{"criterion": "Problem solving", "score": 3, "comment": "", "anchor": 17}]],
    )
    submitted_at: datetime | None = Field(
        description="When the others could read them; null: they cannot yet.",
        examples=[EXAMPLE_TIME],
    )
