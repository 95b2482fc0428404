"""Shape of a timeline entry."""

from datetime import datetime
from typing import Any

from pydantic import Field

from pizarra.schemas import ResponseModel


class TimelineEntryRead(ResponseModel):
    """One thing that happened."""

    seq: int = Field(
        description="Its number: dense from 1, in the order of happening.", ge=1, examples=[1]
    )
    at: datetime = Field(
        description="When it was recorded.", examples=["2026-11-22T09:30:00.000000Z"]
    )
    kind: str = Field(
        description="What it is. Readers skip kinds they do not know.", examples=["edit"]
    )
    participant_id: str | None = Field(
        description="Who did it; null for the server.",
        examples=["89abcdef0123456789abcdef01234567"],
    )
    data: dict[str, Any] = Field(
        description="Depends on the kind; an edit has the raw Yjs update, base64, in `update`.",
        examples=[{"update": "AQHgvL…"}],
    )
