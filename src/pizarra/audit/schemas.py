"""Shape of an audit entry."""

from datetime import datetime
from typing import Any

from pydantic import Field

from pizarra.schemas import ResponseModel


class AuditEntryRead(ResponseModel):
    """One act."""

    id: int = Field(description="Its number; a higher one is newer.", examples=[42])
    at: datetime = Field(description="When.", examples=["2026-11-24T09:30:00.000000Z"])
    action: str = Field(description="What was done.", examples=["session.erased"])
    actor: str = Field(
        description="Who did it: an account's name, `owner`, `person:` and a participant, `command line`, or `server`.",
        examples=["ana@example.org"],
    )
    address: str = Field(
        description="Where the request came from; empty for none.", examples=["192.0.2.7"]
    )
    target: str | None = Field(
        description="The id of what it was done to; it may be gone.",
        examples=["0123456789abcdef0123456789abcdef"],
    )
    data: dict[str, Any] = Field(
        description="Counts and names, never content.",
        examples=[{"edits": 1204, "runs": 9, "people": 2}],
    )
