"""Taking a whole session away, over HTTP."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from pizarra.access.audit import note_if_there_is_room
from pizarra.access.dependencies import CallerDep, ReadableSession
from pizarra.answers.codes import Code
from pizarra.answers.wire import NO_HEAD
from pizarra.errors import Unavailable
from pizarra.exports.gathering import gather
from pizarra.exports.parts import ExportPartsDep
from pizarra.exports.report.report import STYLE_HASH
from pizarra.exports.report.words import WORDS, ReportLanguage
from pizarra.exports.writer import stream_archive, stream_html, write_report
from pizarra.http.page import STATIC
from pizarra.http.router import Router
from pizarra.models import CandidateKeeps
from pizarra.schemas import problems

router = Router(prefix="/api/sessions", tag="timeline")

_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/{session_id}/export",
    dependencies=[NO_HEAD],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "A ZIP archive: `session.json`, `timeline.jsonl`, `code/`, `report.html`, and for "
            "interviewers `notes.jsonl` and `scores.json`; or an HTML file that plays by itself; or the report alone.",
            "content": {"application/zip": _BINARY, "text/html": {"schema": {"type": "string"}}},
        },
        **problems(403, 404, 409, 422, 429, 503),
    },
)
async def export_session(
    caller: CallerDep,
    access: ReadableSession,
    services: ExportPartsDep,
    format: Annotated[  # noqa: A002 - the parameter's name
        Literal["archive", "html", "report"],
        Query(
            description="`archive`: ZIP; `html`: plays offline; `report`: to read and print.",
            examples=["archive"],
        ),
    ] = "archive",
    language: Annotated[
        ReportLanguage,
        Query(description="What the report is written in: `en` or `es`.", examples=["es"]),
    ] = "en",
) -> Response:
    """Take the session away, as you may see it: a candidate's export holds no notes. It is streamed.

    An interviewer who has still to decide gets the report, without the others' decisions, but nothing that holds them:
    409 says so. `pizarra timeline verify` shows that nothing in it was changed, `pizarra import` restores it elsewhere.
    """
    access.require(CandidateKeeps.TIMELINE)
    player = STATIC / "player.html"
    if format == "html" and not player.exists():
        raise Unavailable(
            "The player has not been built. Run `make page`, or take the archive.",
            code=Code.PLAYER_NOT_BUILT,
        )
    wanted = {"with_report": format != "html", "report_only": format == "report"}
    person, hosts = access.label(caller), access.role.may_host
    with services.export_slots.one_of(access.session.id, person, hosts=hosts):
        gathered = await gather(services, access, with_private=hosts, **wanted)
        exported = replace(gathered, words=WORDS[language])
        report = await write_report(services.database, exported) if format == "report" else ""
    who = {"actor": person, "address": caller.address, "target": access.session.public_id}
    await note_if_there_is_room(services.database, services.clock(), "session.downloaded", **who)
    if format == "report":
        # It has one style and no script, and is somebody's words: nothing else may be in it.
        policy = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
        return HTMLResponse(
            report.encode("utf-8", "replace"), headers={"Content-Security-Policy": policy}
        )
    name = f"pizarra-{access.session.public_id[:8]}"
    if format == "html":
        headers = {"Content-Disposition": f'attachment; filename="{name}.html"'}
        pieces, kind = (
            stream_html(services.database, exported, player.read_text()),
            "text/html; charset=utf-8",
        )
    else:
        headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
        pieces, kind = stream_archive(services.database, exported), "application/zip"
    begun = await services.export_slots.begin(access.session.id, person, pieces, hosts=hosts)
    return StreamingResponse(begun, media_type=kind, headers=headers)
