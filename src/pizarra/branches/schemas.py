"""Shapes of branches."""

from datetime import datetime

from pydantic import Field

from pizarra.schemas import RequestModel, ResponseModel, VisibleText, WholeNumber


class BranchCreate(RequestModel):
    """What to ask, and from which code on."""

    name: VisibleText = Field(
        description="The follow-up question; everybody sees it.",
        max_length=200,
        examples=["What if the input is a stream?"],
    )
    at: WholeNumber | None = Field(
        None,
        description="The `seq` whose code it begins with; the code as it is now when left out.",
        examples=[17],
    )


class BranchRead(ResponseModel):
    """One line of work in a session. The main one has the id 0."""

    branch_id: int = Field(
        description="The `seq` of the entry that opened it; 0 for the main line.", examples=[18]
    )
    name: str = Field(
        description="The question; empty for the main line.", examples=["What if it is a stream?"]
    )
    begun_from: int = Field(description="The `seq` whose code it began with.", examples=[17])
    opened_at: datetime = Field(
        description="When it was opened.", examples=["2026-11-22T09:30:00.000000Z"]
    )
    participant_id: str | None = Field(
        description="Who opened it.", examples=["89abcdef0123456789abcdef01234567"]
    )
    last_seq: int | None = Field(
        description="Its newest entry, when it was left; null where the session is now.",
        examples=[None],
    )
