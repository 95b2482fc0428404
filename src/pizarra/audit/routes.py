"""The audit over HTTP, for administrators."""

from typing import Annotated

from fastapi import Query, Request, Response

from pizarra.access.accounts import Administrator
from pizarra.access.audit import list_entries
from pizarra.access.dependencies import ReadSession
from pizarra.audit.schemas import AuditEntryRead
from pizarra.http.paging import Limit, paged, tell_next
from pizarra.http.router import Router
from pizarra.schemas import problems

router = Router(tag="audit")


@router.get(
    "/api/audit",
    responses={
        **paged("/api/audit?before=42&limit=100", counted=False),
        **problems(401, 403, 422, 503),
    },
)
async def read_audit(
    request: Request,
    response: Response,
    _administrator: Administrator,
    db: ReadSession,
    before: Annotated[
        int | None,
        Query(ge=0, le=2**53 - 1, description="Entries older than this `id`.", examples=[42]),
    ] = None,
    limit: Limit = 100,
    action: Annotated[
        str | None,
        Query(
            max_length=40,
            pattern=r"^[a-z_.]+$",
            description="Only this action.",
            examples=["session.erased"],
        ),
    ] = None,
    target: Annotated[
        str | None,
        Query(
            max_length=32,
            pattern=r"^[0-9a-f]+$",
            description="Only about this id.",
            examples=["0123456789abcdef0123456789abcdef"],
        ),
    ] = None,
) -> list[AuditEntryRead]:
    """Read who did what, newest first. An erased session's receipt is here: what, when, by whom, and counts."""
    found = await list_entries(db, before=before, limit=limit, action=action, target=target)
    if found:
        tell_next(request, response, limit=limit, shown=len(found), before=found[-1].id)
    return [AuditEntryRead.model_validate(entry) for entry in found]
