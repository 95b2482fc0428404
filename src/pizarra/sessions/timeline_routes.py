"""The timeline over HTTP."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import AfterValidator, Field, WithJsonSchema
from starlette.responses import Response

from pizarra.access.dependencies import ReadableSession
from pizarra.access.parts import PartsDep
from pizarra.answers.wire import compressed
from pizarra.http.paging import Limit, paged, tell_next
from pizarra.http.router import Router
from pizarra.models import CandidateKeeps
from pizarra.schemas import problems
from pizarra.timeline.read.answers import answer_entries
from pizarra.timeline.read.rows import KINDS
from pizarra.timeline.schemas import TimelineEntryRead

router = Router(prefix="/api/sessions/{session_id}", tag="timeline")

Kind = Annotated[
    str, Field(max_length=500), WithJsonSchema({"type": "string", "enum": list(KINDS)})
]


def _known_kinds(texts: list[str] | None) -> list[str] | None:
    """Return the kinds that are asked for: one after the other, with commas, or both."""
    kinds = None if texts is None else [kind for text in texts for kind in text.split(",")]
    if kinds is not None and not set(kinds) <= set(KINDS):
        raise ValueError(f"must be some of {', '.join(KINDS)}")
    if kinds is not None and len(kinds) > len(KINDS):  # with commas it was one text
        raise ValueError(f"must have at most {len(KINDS)} items")
    return kinds


@router.get(
    "/timeline",
    response_model=list[TimelineEntryRead],
    responses={
        **paged("/api/sessions/0123456789abcdef0123456789abcdef/timeline?after=100&limit=100"),
        **problems(403, 404, 422, 503),
    },
)
@compressed
async def read_timeline(
    request: Request,
    access: ReadableSession,
    services: PartsDep,
    after: Annotated[
        int, Query(ge=0, le=2**53 - 1, description="Entries beyond this seq.", examples=[0])
    ] = 0,
    limit: Limit = 100,
    kinds: Annotated[
        Annotated[list[Kind], Field(min_length=1, max_length=len(KINDS))] | None,
        AfterValidator(_known_kinds),
        Query(
            description="Only these kinds, separated by commas.",
            examples=[["edit", "run.started"]],
        ),
    ] = None,
) -> Response:
    """Read what happened, in order. Pass the last `seq` as `after` to read on."""
    access.require(CandidateKeeps.TIMELINE)
    found = await answer_entries(services.database, access.session.id, after, limit, kinds)
    if kinds is None:
        found.response.headers["X-Total-Count"] = str(access.session.head)
    tell_next(request, found.response, limit=limit, shown=found.shown, after=found.last)
    return found.response
