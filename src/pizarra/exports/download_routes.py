"""Taking a session's code and timeline away."""

import asyncio

from fastapi import Response

from pizarra.access.audit import note_if_there_is_room
from pizarra.access.dependencies import CallerDep, ReadableSession
from pizarra.access.people import list_people
from pizarra.answers.wire import NO_HEAD
from pizarra.exports.download import build_archive
from pizarra.exports.parts import ExportPartsDep
from pizarra.http.router import Router
from pizarra.models import CandidateKeeps, SessionStatus
from pizarra.schemas import problems
from pizarra.timeline.read.documents import read_in_turn
from pizarra.timeline.read.pages import encode_line, pages

router = Router(prefix="/api/sessions", tag="sessions")


@router.get(
    "/{session_id}/download",
    dependencies=[NO_HEAD],
    response_class=Response,
    responses={
        200: {
            "description": "A ZIP archive: `code/`, `timeline.jsonl`, `people.json`.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(403, 404, 422, 429, 503),
    },
)
async def download_session(
    caller: CallerDep, access: ReadableSession, services: ExportPartsDep
) -> Response:
    """Download the code and, unless the session's policy keeps it once it has ended, everything recorded."""
    session = access.session
    kept = (
        session.candidate_keeps == CandidateKeeps.TIMELINE or session.status != SessionStatus.ENDED
    )
    async with services.database.read() as db:
        document = await read_in_turn(db, services.hub, session, None)
        files = dict(sorted(document.texts().items()))
        people = [
            {"participant_id": each.public_id, "name": each.name, "role": each.role}
            for each in await list_people(db, session)
            if each.admitted_at is not None
        ]
    entries = None
    person = access.label(caller)
    with services.export_slots.one_of(session.id, person, hosts=access.role.may_host):
        if kept or access.role.may_host:
            log = pages(services.database, session, "shared")
            entries = [encode_line(entry) async for page in log for entry in page.entries()]
        archive = await asyncio.to_thread(build_archive, session.title, files, people, entries)
    who = {"actor": person, "address": caller.address, "target": session.public_id}
    await note_if_there_is_room(services.database, services.clock(), "session.downloaded", **who)
    headers = {"Content-Disposition": f'attachment; filename="pizarra-{session.public_id[:8]}.zip"'}
    return Response(archive, media_type="application/zip", headers=headers)
