"""Shapes of replay links, and of what they open."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from pizarra.models import Language, SessionStatus
from pizarra.schemas import RequestModel, ResponseModel, whole_number

_SERIAL = "0123abcd"
_LINK_END = f"0123.{_SERIAL}.xyz"
_TIME = "2026-11-24T09:30:00Z"


class ReplayLinkCreate(RequestModel):
    """What a link is to open, and for how long."""

    with_notes: bool = Field(
        False,
        description="Whether it shows the interviewers' log too: notes, chat, scores, decisions and tests.",
        examples=[False],
    )
    days: Annotated[int, Field(ge=1, le=365), BeforeValidator(whole_number)] | None = Field(
        None,
        description="How many days it works; `PIZARRA_REPLAY_LINK_DAYS` when left out.",
        examples=[14],
    )


class ReplayLinkRead(ResponseModel):
    """A link that opens a replay, read-only."""

    link_id: str = Field(description="Its id, to revoke it.", examples=[_SERIAL])
    url: str = Field(
        description="The link to send.", examples=[f"http://127.0.0.1:8000/r/{_LINK_END}"]
    )
    with_notes: bool = Field(
        description="Whether it shows the interviewers' log too.", examples=[False]
    )
    created_at: datetime = Field(description="When it was made.", examples=[_TIME])
    expires_at: datetime = Field(description="Until when it works.", examples=[_TIME])


class ReplayRead(ResponseModel):
    """What a replay link opens."""

    session_id: str = Field(
        description="The session.", examples=["0123456789abcdef0123456789abcdef"]
    )
    title: str = Field(description="Its title.", examples=["Two Sum, warm-up"])
    language: Language = Field(description="Its language.", examples=["python"])
    status: SessionStatus = Field(description="`open` or `ended`.", examples=["ended"])
    created_at: datetime = Field(description="When it was created.", examples=[_TIME])
    clock_started_at: datetime | None = Field(
        description="When the interview began, with the candidate's coming.", examples=[_TIME]
    )
    with_notes: bool = Field(
        description="Whether the interviewers' log is shown too.", examples=[False]
    )
    expires_at: datetime = Field(description="Until when this link works.", examples=[_TIME])
