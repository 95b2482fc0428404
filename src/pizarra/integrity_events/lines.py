"""Lines to everybody in the session: on the shared timeline, unlike what interviewers write to each other."""

from typing import Annotated

from fastapi import BackgroundTasks, Response
from pydantic import Field

from pizarra.access.dependencies import ReadableSession, WriteSession
from pizarra.access.requirements import require_open, require_part, require_room_in_log
from pizarra.access.session_access import own_participant
from pizarra.answers.codes import Code
from pizarra.collab.journal import EventEntry
from pizarra.errors import InvalidInput
from pizarra.http.router import Router
from pizarra.integrity_events.parts import IntegrityPartsDep
from pizarra.schemas import RequestModel, VisibleText, located, problems
from pizarra.timeline.append.log import append_dated_entries
from pizarra.timeline.entries.shared import Said
from pizarra.timeline.schemas import TimelineEntryRead

router = Router(prefix="/api/sessions/{session_id}", tag="timeline")


class LineCreate(RequestModel):
    """A line to everybody."""

    text: Annotated[VisibleText, Field(max_length=2000)] = Field(
        description="What everybody reads, the candidate and observers too.",
        examples=["Take your time."],
    )


@router.post(
    "/lines",
    status_code=201,
    responses={
        **located(201, "/api/sessions/0123456789abcdef0123456789abcdef/timeline?after=16&limit=1"),
        **problems(403, 404, 409, 413, 422, 429, 503),
    },
)
async def create_line(
    response: Response,
    access: ReadableSession,
    db: WriteSession,
    services: IntegrityPartsDep,
    payload: LineCreate,
    after: BackgroundTasks,
) -> TimelineEntryRead:
    """Write a line to everybody in the session. It is an entry `said` of the timeline: `GET …/timeline?kinds=said`."""
    settings, session, now = services.settings, access.session, services.clock()
    require_part(access.role, "write to everybody")
    require_open(session, "write to everybody")
    if len(payload.text) > settings.max_line_characters:
        raise InvalidInput(
            f"text: must not have more than {settings.max_line_characters:,} characters",
            bound="max_line_characters",
            code=Code.TEXT_TOO_LONG,
        )
    require_room_in_log(session, settings.max_log_bytes)
    author = await own_participant(db, access, now)
    await services.rates.spend(
        "max_lines_per_minute", author.public_id, limit=settings.max_lines_per_minute, seconds=60
    )
    said = Said(text=payload.text)
    recorded = await append_dated_entries(
        db, session.id, [EventEntry(author.id, said)], now, require_open=True
    )
    seq = recorded.first
    after.add_task(services.hub.recorded, session.id)
    response.headers["Location"] = (
        f"/api/sessions/{access.session.public_id}/timeline?after={seq - 1}&limit=1"
    )
    return TimelineEntryRead(
        seq=seq,
        at=recorded.at,
        kind=said.kind,
        participant_id=author.public_id,
        data=said.to_data(),
    )
