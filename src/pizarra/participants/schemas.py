"""Shapes of invitations, joining, and the people of a session."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from pizarra.models import CandidateKeeps, Role, Signals
from pizarra.schemas import RequestModel, ResponseModel, StorableText, VisibleText

_LINK_END = "0123.c.0.1798761600.abc"
_PERSON = "89abcdef0123456789abcdef01234567"
_TIME = "2026-11-24T09:30:00Z"


class InvitedRole(StrEnum):
    """What a link can make of somebody; a session has one host, who needs none."""

    INTERVIEWER = "interviewer"
    CANDIDATE = "candidate"
    OBSERVER = "observer"


InvitedRoleChoice = Annotated[InvitedRole, Field(strict=False)]


class InviteCreate(RequestModel):
    """Whom to invite."""

    role: InvitedRoleChoice = Field(
        description="What the invited person may do: interviewer, candidate or observer.",
        examples=["observer"],
    )


class InviteRead(ResponseModel):
    """An invitation."""

    url: str = Field(
        description="The link to send.", examples=[f"http://127.0.0.1:8000/j/{_LINK_END}"]
    )
    token: str = Field(description="The secret part of the link.", examples=[_LINK_END])
    role: Role = Field(description="What the invited person may do.", examples=["observer"])
    expires_at: datetime = Field(description="Until when it opens the session.", examples=[_TIME])


class InviteListed(InviteRead):
    """An invitation, and how often it was used."""

    people: int = Field(description="How many people came in by it.", ge=0, examples=[1])


class InvitationPreview(ResponseModel):
    """What somebody who holds a link is told before joining."""

    title: str = Field(
        description="The session's title; nothing where it is that of the question, which candidates and observers "
        "learn once they are in.",
        examples=["Two Sum, warm-up"],
    )
    role: Role = Field(description="What the link lets its holder do.", examples=["candidate"])
    status: str = Field(description="`open` or `ended`.", examples=["open"])
    recorded: list[str] = Field(
        description="What is kept of what happens in the session.",
        examples=[["every edit, with its time and author"]],
    )
    afterwards: str = Field(
        description="What they may read and download once the session has ended.",
        examples=["Afterwards you may read and download the code."],
    )
    waiting_room: bool = Field(
        description="Whether the host lets in, one by one, who comes by this link: always, or since somebody who came "
        "by it was taken out.",
        examples=[False],
    )
    signals: Signals = Field(
        description="What everybody is shown of everybody besides the text: `all`: large pastes and where they come "
        "from, and time away from the page; `pastes`; `none`.",
        examples=["all"],
    )
    rules: str = Field(
        description="What is allowed, in the host's words.", examples=["You may look things up."]
    )
    keeps: CandidateKeeps = Field(
        description="What they may read and download once the session has ended.",
        examples=["timeline"],
    )
    known_names: list[str] = Field(
        description="Who this browser came in as by this very link: with the same name one is the same person again.",
        examples=[["Zoë"]],
    )


class JoinCreate(RequestModel):
    """How to come in."""

    token: StorableText = Field(
        description="The token of an invitation: the last part of its link.",
        max_length=500,
        examples=[_LINK_END],
    )
    name: VisibleText = Field(description="How others see you.", max_length=80, examples=["Zoë"])


class Admission(ResponseModel):
    """Where somebody who joined is."""

    state: Literal["in", "waiting", "out"] = Field(
        description="`in`; `waiting` for the host; `out`: removed, or the invitation is over.",
        examples=["waiting"],
    )


class PersonRead(ResponseModel):
    """Somebody who is, was, or wants to be in a session."""

    participant_id: str = Field(description="Their id.", examples=[_PERSON])
    name: str = Field(description="Their name.", examples=["Zoë"])
    role: Role = Field(description="What they may do.", examples=["candidate"])
    state: Literal["in", "waiting", "out"] = Field(
        description="`in`: may come in; `waiting` for you; `out`: removed, or their invitation is over.",
        examples=["in"],
    )
    connected: bool = Field(description="Whether they are here now.", examples=[True])
    invited: bool = Field(
        description="Whether they came by an invitation, and so can be changed.", examples=[True]
    )
    joined_at: datetime = Field(description="When they first joined.", examples=[_TIME])


class PersonUpdate(RequestModel):
    """What to change. What is left out stays."""

    role: InvitedRoleChoice | None = Field(None, description="Another role.", examples=["observer"])
    admitted: Literal[True] | None = Field(
        None, description="Let them in from the waiting room.", examples=[True]
    )
