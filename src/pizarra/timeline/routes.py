"""The timeline over HTTP."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator
from starlette.responses import JSONResponse, Response

from pizarra.models import CandidateKeeps
from pizarra.participants.access import ReadableSession, ReadSession
from pizarra.schemas import problems
from pizarra.timeline.schemas import TimelineEntryRead
from pizarra.timeline.service import KINDS, read_entries

router = APIRouter(prefix="/api/sessions/{session_id}", tags=["timeline"])

_KIND = "|".join(re.escape(kind) for kind in KINDS)


def _known_kinds(text: str | None) -> str | None:
    if text is not None and not set(text.split(",")) <= set(KINDS):
        raise ValueError(f"must be some of {', '.join(KINDS)}, separated by commas")
    return text


@router.get("/timeline", response_model=list[TimelineEntryRead], responses=problems(403, 404, 422, 503))
async def read_timeline(
    access: ReadableSession,
    db: ReadSession,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Entries beyond this seq.", examples=[0])] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.", examples=[100])] = 100,
    kinds: Annotated[
        str | None,
        AfterValidator(_known_kinds),
        Query(
            description="Only these kinds, separated by commas.",
            examples=["edit,run.started"],
            max_length=500,
            json_schema_extra={"pattern": f"^({_KIND})(,({_KIND}))*$"},
        ),
    ] = None,
) -> Response:
    """Read what happened, in order. Pass the last `seq` as `after` to read on."""
    access.require(CandidateKeeps.TIMELINE)
    found = await read_entries(db, access.session.id, after, limit, kinds.split(",") if kinds is not None else None)
    # As it is: to check a thousand entries of our own would hold up whoever types.
    return JSONResponse(found)
