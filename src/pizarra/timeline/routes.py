"""The timeline over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from pizarra.errors import InvalidInput
from pizarra.participants.access import ReadableSession, ReadSession
from pizarra.schemas import problems
from pizarra.timeline.schemas import TimelineEntryRead
from pizarra.timeline.service import KINDS, list_entries

router = APIRouter(prefix="/api/sessions/{session_id}", tags=["timeline"])


@router.get("/timeline", responses=problems(404, 422, 503))
async def read_timeline(
    access: ReadableSession,
    db: ReadSession,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Entries beyond this seq.", examples=[0])] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.", examples=[100])] = 100,
    kinds: Annotated[
        str | None,
        Query(
            description="Only these kinds, separated by commas.",
            examples=["edit,run.started"],
            max_length=500,
        ),
    ] = None,
) -> list[TimelineEntryRead]:
    """Read what happened, in order. Pass the last `seq` as `after` to read on."""
    wanted = None
    if kinds is not None:
        wanted = [kind.strip() for kind in kinds.split(",") if kind.strip()]
        unknown = sorted(set(wanted) - set(KINDS))
        if unknown:
            raise InvalidInput(f"kinds: must be some of {', '.join(KINDS)}")
    return await list_entries(db, access.session.id, after, limit, wanted)
