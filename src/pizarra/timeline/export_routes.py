"""Taking a whole session away, over HTTP."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from pizarra.audit.service import note
from pizarra.errors import Unavailable
from pizarra.models import CandidateKeeps
from pizarra.page import STATIC
from pizarra.participants.access import CallerDep, ReadableSession, ServicesDep
from pizarra.schemas import problems
from pizarra.timeline.export import stream_archive, stream_html, write_report
from pizarra.timeline.exporting import gather
from pizarra.timeline.report import STYLE_HASH
from pizarra.timeline.words import WORDS, ReportLanguage

router = APIRouter(prefix="/api/sessions", tags=["timeline"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/{session_id}/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "A ZIP archive: `session.json`, `timeline.jsonl`, `code/`, `report.html`, and for "
            "interviewers `notes.jsonl` and `scores.json`; or an HTML file that plays by itself; or the report alone.",
            "content": {"application/zip": _BINARY, "text/html": {"schema": {"type": "string"}}},
        },
        **problems(403, 404, 422, 503),
    },
)
async def export_session(
    caller: CallerDep,
    access: ReadableSession,
    services: ServicesDep,
    format: Annotated[  # noqa: A002 - the parameter's name
        Literal["archive", "html", "report"],
        Query(description="`archive`: ZIP; `html`: plays offline; `report`: to read and print.", examples=["archive"]),
    ] = "archive",
    language: Annotated[
        ReportLanguage, Query(description="What the report is written in: `en` or `es`.", examples=["es"])
    ] = "en",
) -> Response:
    """Take the session away, as you may see it: a candidate's export holds no notes. It is streamed.

    `pizarra timeline verify` shows that nothing in it was changed, `pizarra import` restores it elsewhere.
    """
    access.require(CandidateKeeps.TIMELINE)
    player = STATIC / "player.html"
    if format == "html" and not player.exists():
        raise Unavailable("The player has not been built. Run `make page`, or take the archive.")
    gathered = await gather(services, access, with_private=access.role.may_host, with_report=format != "html")
    exported = replace(gathered, words=WORDS[language])
    async with services.database.write() as db:
        who = {"actor": access.label(caller), "address": caller.address, "target": access.session.public_id}
        note(db, services.clock(), "session.downloaded", **who)
    if format == "report":
        # It has one style and no script, and is somebody's words: nothing else may be in it.
        policy = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
        report = await write_report(services.database, exported)
        return HTMLResponse(report.encode("utf-8", "replace"), headers={"Content-Security-Policy": policy})
    name = f"pizarra-{access.session.public_id[:8]}"
    if format == "html":
        headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
        pieces = stream_html(services.database, exported, player.read_text())
        return StreamingResponse(pieces, media_type="text/html; charset=utf-8", headers=headers)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(stream_archive(services.database, exported), media_type="application/zip", headers=headers)
