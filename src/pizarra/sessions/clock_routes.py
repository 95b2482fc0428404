"""The clock of an interview over HTTP."""

from typing import Annotated

from fastapi import BackgroundTasks
from pydantic import BeforeValidator, Field

from pizarra.access.dependencies import HostedSession, ReadableSession, WriteSession
from pizarra.access.parts import RoomPartsDep
from pizarra.answers.codes import Code
from pizarra.control import ClockStep
from pizarra.errors import Forbidden, InvalidInput
from pizarra.http.router import Router
from pizarra.schemas import RequestModel, ResponseModel, VisibleText, problems, whole_number
from pizarra.sessions.clock import clock_for, clock_of, tell_clock

router = Router(prefix="/api/sessions/{session_id}/clock", tag="sessions")

_LONGEST = 600
_MOST = 5
Minutes = Annotated[int, Field(ge=1, le=_LONGEST), BeforeValidator(whole_number)]


class ClockStepUpdate(RequestModel):
    """A part of the interview."""

    name: Annotated[VisibleText, Field(max_length=40)] = Field(
        description="What it is called.", examples=["Warm-up"]
    )
    minutes: Minutes = Field(description="How long it takes.", examples=[10])


class ClockUpdate(RequestModel):
    """How the interview's time is meant to be spent."""

    minutes: Minutes = Field(description="How long the interview is.", examples=[60])
    steps: list[ClockStepUpdate] = Field(
        default=[],
        max_length=_MOST,
        description="Its parts, in order.",
        examples=[[{"name": "Warm-up", "minutes": 10}]],
    )
    shown: bool = Field(
        False, description="Whether the candidate sees the clock.", examples=[False]
    )
    restart: bool = Field(False, description="Whether to count from now.", examples=[False])


class ClockRead(ResponseModel):
    """The clock of an interview, by the server's time."""

    seconds: float | None = Field(
        description="How long ago the candidate joined, in seconds; null: not yet.",
        examples=[842.0],
    )
    minutes: int = Field(description="How long the interview is meant to be.", examples=[60])
    steps: list[ClockStep] = Field(
        description="Its parts, in order: `name` and `minutes`.",
        examples=[[{"name": "Warm-up", "minutes": 10}]],
    )
    shown: bool = Field(description="Whether the candidate sees it.", examples=[False])


@router.get("", responses=problems(403, 404, 422, 503))
async def read_clock(access: ReadableSession, services: RoomPartsDep) -> ClockRead:
    """Read the interview's clock: interviewers always, others if it is shown to them."""
    clock = clock_for(access.role, access.session, services.settings, services.clock)
    if clock is None:
        raise Forbidden(
            "The clock of this session is for its interviewers.", code=Code.INTERVIEWERS_ONLY
        )
    return ClockRead(**clock.model_dump())


@router.put("", responses=problems(403, 404, 413, 422, 503))
async def update_clock(
    access: HostedSession,
    db: WriteSession,
    services: RoomPartsDep,
    payload: ClockUpdate,
    after: BackgroundTasks,
) -> ClockRead:
    """Say how long the interview is and of which parts, and whether the candidate sees its clock."""
    settings, session = services.settings, access.session
    if payload.minutes > settings.max_clock_minutes:
        raise InvalidInput(
            f"minutes: must be at most {settings.max_clock_minutes}",
            bound="max_clock_minutes",
            code=Code.BEYOND_SETTING,
        )
    if len(payload.steps) > settings.max_clock_steps:
        raise InvalidInput(
            f"steps: must be at most {settings.max_clock_steps}",
            bound="max_clock_steps",
            code=Code.BEYOND_SETTING,
        )
    session.clock_minutes = payload.minutes
    session.clock_steps = [
        {"name": each.name.strip(), "minutes": each.minutes} for each in payload.steps
    ] or None
    session.clock_shown = payload.shown
    if payload.restart and session.clock_started_at is not None:
        session.clock_started_at = services.clock()
    await db.flush()
    after.add_task(tell_clock, services, session.id, session.room_id)
    return ClockRead(**clock_of(session, settings, services.clock).model_dump())
