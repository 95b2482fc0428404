"""Shapes of invitations and joining."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from pizarra.models import Role
from pizarra.schemas import RequestModel, ResponseModel, StorableText


class InvitedRole(StrEnum):
    """What a link can make of somebody; a session has one host, who needs none."""

    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"
    OBSERVER = "observer"


class InviteCreate(RequestModel):
    """Whom to invite."""

    role: Annotated[
        InvitedRole,
        Field(
            strict=False,
            description="What the invited person may do: interviewer, candidate or observer.",
            examples=["observer"],
        ),
    ]


class InviteRead(ResponseModel):
    """An invitation."""

    url: str = Field(description="The link to send.", examples=["http://127.0.0.1:8000/j/0123.c.0.1798761600.abc"])
    token: str = Field(description="The secret part of the link.", examples=["0123.c.0.1798761600.abc"])
    role: Role = Field(description="What the invited person may do.", examples=["observer"])
    expires_at: datetime = Field(description="Until when it opens the session.", examples=["2027-01-01T00:00:00Z"])


class InvitationPreview(ResponseModel):
    """What somebody who holds a link is told before joining."""

    title: str = Field(description="The session's title.", examples=["Two Sum, warm-up"])
    role: Role = Field(description="What the link lets its holder do.", examples=["candidate"])
    status: str = Field(description="`open` or `ended`.", examples=["open"])
    recorded: list[str] = Field(
        description="What is kept of what happens in the session.", examples=[["every edit, with its time and author"]]
    )


class JoinCreate(RequestModel):
    """How to come in."""

    token: StorableText = Field(
        description="The token of an invitation: the last part of its link.",
        max_length=500,
        examples=["0123.c.0.1798761600.abc"],
    )
    name: StorableText = Field(
        description="How others see you.",
        min_length=1,
        max_length=80,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        examples=["Zoë"],
    )


class JoinRead(ResponseModel):
    """You are in."""

    participant_id: str = Field(description="You, on the timeline.", examples=["89abcdef0123456789abcdef01234567"])
    role: Role = Field(description="What you may do.", examples=["candidate"])
    session_id: str = Field(description="The session.", examples=["0123456789abcdef0123456789abcdef"])
    room_id: str = Field(description="Its room.", examples=["fedcba9876543210fedcba9876543210"])
    ws_url: str = Field(
        description="Where to connect, with y-websocket.", examples=["ws://127.0.0.1:8000/ws/fedcba9876543210"]
    )
    access_token: str = Field(
        description="Your credential, as `Authorization: Bearer …` or `?token=` on the socket; also set as a cookie.",
        examples=["89ab.0123.xyz"],
    )
