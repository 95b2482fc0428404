"""Shapes of sessions and their files."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from pizarra.models import CandidateKeeps, Language, Role, SessionStatus
from pizarra.schemas import RequestModel, ResponseModel, StorableText

LanguageChoice = Annotated[Language, Field(strict=False)]  # JSON has strings, not enums
KeepsChoice = Annotated[CandidateKeeps, Field(strict=False)]
TitleText = Annotated[StorableText, Field(max_length=200)]

DEFAULT_TITLE = "Untitled session"


class SessionCreate(RequestModel):
    """What to start with. Everything may be left out."""

    language: LanguageChoice = Field(
        Language.PYTHON, description="python, javascript, typescript, java or cpp.", examples=["python"]
    )
    initial_code: StorableText | None = Field(
        None,
        description="The text of the first file; the language's template when left out.",
        examples=["def two_sum(nums, target):\n    ...\n"],
    )
    title: TitleText | None = Field(None, description="What the list shows.", examples=["Two Sum, warm-up"])
    waiting_room: bool = Field(False, description="Whether the host lets invited people in.", examples=[False])
    candidate_keeps: KeepsChoice = Field(
        CandidateKeeps.TIMELINE,
        description="What invited people may read and download once the session has ended: the timeline (and the "
        "code), the code, or nothing. They are told before they join.",
        examples=["timeline"],
    )


class SessionUpdate(RequestModel):
    """What to change. What is left out stays."""

    title: TitleText | None = Field(None, description="What the list shows.", examples=["Two Sum, warm-up"])
    language: LanguageChoice | None = Field(None, description="The language to switch to.", examples=["java"])
    waiting_room: bool | None = Field(None, description="Whether the host lets invited people in.", examples=[True])
    editing_locked: bool | None = Field(None, description="Whether candidates can only read.", examples=[True])
    running_locked: bool | None = Field(None, description="Whether candidates cannot run programs.", examples=[True])


class SessionRead(ResponseModel):
    """A session."""

    session_id: str = Field(description="Its id.", examples=["0123456789abcdef0123456789abcdef"])
    room_id: str = Field(description="Its room, for the WebSocket.", examples=["fedcba9876543210fedcba9876543210"])
    title: str = Field(description="What the list shows.", examples=["Two Sum, warm-up"])
    language: Language = Field(description="The language that is chosen now.", examples=["python"])
    initial_code: str = Field(description="The text of the first file at the start.", examples=["print(42)\n"])
    status: SessionStatus = Field(description="`open`, or `ended`: nobody writes any more.", examples=["open"])
    share_url: str | None = Field(
        description="The candidate's invitation; null for candidates and observers.",
        examples=["http://127.0.0.1:8000/j/0123.c.0.1798761600.abc"],
    )
    waiting_room: bool = Field(description="Whether the host lets invited people in.", examples=[False])
    editing_locked: bool = Field(description="Whether candidates can only read.", examples=[False])
    running_locked: bool = Field(description="Whether candidates cannot run programs.", examples=[False])
    candidate_keeps: CandidateKeeps = Field(
        description="What invited people may read and download once the session has ended.", examples=["timeline"]
    )
    your_role: Role = Field(description="What you may do in it.", examples=["host"])
    created_at: datetime = Field(description="When it was created.", examples=["2026-11-22T09:30:00.000000Z"])
    active_users: int = Field(description="People connected at this moment.", ge=0, examples=[2])


class FileRead(ResponseModel):
    """A file of a session."""

    path: str = Field(description="Its path.", examples=["main.py"])
    language: str = Field(description="Its language.", examples=["python"])
    size: int = Field(description="Its length in UTF-8 bytes.", ge=0, examples=[120])
