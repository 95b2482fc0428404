"""Taking a session's code and timeline away."""

import asyncio

from fastapi import APIRouter, Response

from pizarra.audit.service import note
from pizarra.models import CandidateKeeps, SessionStatus
from pizarra.participants.access import CallerDep, ReadableSession, ServicesDep
from pizarra.participants.service import list_people
from pizarra.schemas import problems
from pizarra.sessions.documents import read_document
from pizarra.sessions.download import build_archive
from pizarra.timeline.pages import encode_line, pages

router = APIRouter(prefix="/api/sessions", tags=["sessions"])


@router.get(
    "/{session_id}/download",
    response_class=Response,
    responses={
        200: {
            "description": "A ZIP archive: `code/`, `timeline.jsonl`, `people.json`.",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(403, 404, 422, 503),
    },
)
async def download_session(caller: CallerDep, access: ReadableSession, services: ServicesDep) -> Response:
    """Download the code and, unless the session's policy keeps it once it has ended, everything recorded."""
    access.require(CandidateKeeps.CODE, CandidateKeeps.TIMELINE)
    session = access.session
    kept = session.candidate_keeps == CandidateKeeps.TIMELINE or session.status != SessionStatus.ENDED
    async with services.database.read() as db:
        document = await read_document(db, services.hub, session, None)
        files = {file.path: document.text(file.path) or "" for file in document.files()}
        people = [
            {"participant_id": each.public_id, "name": each.name, "role": each.role}
            for each in await list_people(db, session)
            if each.admitted_at is not None
        ]
    entries = None
    if kept or access.role.may_host:
        log = pages(services.database, session, "shared")
        entries = [encode_line(entry) async for page in log for entry in page.entries()]
    archive = await asyncio.to_thread(build_archive, session.title, files, people, entries)
    async with services.database.write() as db:
        who = {"actor": access.label(caller), "address": caller.address, "target": session.public_id}
        note(db, services.clock(), "session.downloaded", **who)
    headers = {"Content-Disposition": f'attachment; filename="pizarra-{session.public_id[:8]}.zip"'}
    return Response(archive, media_type="application/zip", headers=headers)
