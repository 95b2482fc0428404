"""Shapes that several features answer with who let somebody in."""

from pydantic import Field

from pizarra.models import Role
from pizarra.schemas import ResponseModel


class JoinRead(ResponseModel):
    """You are in, or in the waiting room."""

    participant_id: str = Field(
        description="You, on the timeline.", examples=["89abcdef0123456789abcdef01234567"]
    )
    role: Role = Field(description="What you may do.", examples=["candidate"])
    session_id: str = Field(
        description="The session.", examples=["0123456789abcdef0123456789abcdef"]
    )
    room_id: str = Field(description="Its room.", examples=["fedcba9876543210fedcba9876543210"])
    ws_url: str = Field(
        description="Where to connect, with y-websocket.",
        examples=["ws://127.0.0.1:8000/ws/fedcba9876543210"],
    )
    access_token: str = Field(
        description="Your credential, as `Authorization: Bearer …` or `?token=` on the socket; also set as a cookie.",
        examples=["89ab.0123.xyz"],
    )
    waiting: bool = Field(
        description="Whether the host has yet to let you in: ask `GET /api/sessions/{session_id}/admission`.",
        examples=[False],
    )
