"""Notes, the interviewers' chat and scores over HTTP. Nothing here reaches candidates or observers."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Query, Response

from pizarra import control
from pizarra.notes import service as notes
from pizarra.notes.schemas import NoteCreate, NoteUpdate, PrivateEntryRead, ScorecardRead, ScoresUpdate
from pizarra.notes.telling import tell_interviewers
from pizarra.notes.writing import Writer
from pizarra.participants.access import HostedSession, PrivateSession, ReadSession, ServicesDep, WriteSession
from pizarra.participants.service import find_own
from pizarra.schemas import problems

router = APIRouter(prefix="/api/sessions/{session_id}", tags=["notes"])

Seq = Annotated[int, Path(ge=1, le=2**53 - 1, description="The note's `seq`.", examples=[1])]


@router.get("/notes", responses=problems(403, 404, 422, 503))
async def list_notes(
    access: PrivateSession,
    db: ReadSession,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Entries beyond this seq.", examples=[0])] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.", examples=[100])] = 100,
) -> list[PrivateEntryRead]:
    """Read the private log, in order: notes, the interviewers' chat, submitted scores. Interviewers only."""
    return await notes.list_private(db, access.session.id, after, limit)


@router.post("/notes", status_code=201, responses=problems(403, 404, 409, 413, 422, 503))
async def create_note(
    access: HostedSession, db: WriteSession, services: ServicesDep, after: BackgroundTasks, payload: NoteCreate
) -> PrivateEntryRead:
    """Write a note about an instant, or a line to the other interviewers. Also after the session has ended."""
    writer = Writer(access, db, services, after)
    return await writer.append(payload.kind, payload.anchor, {"text": payload.text})


@router.patch("/notes/{seq}", responses=problems(403, 404, 409, 413, 422, 503))
async def update_note(
    access: HostedSession,
    db: WriteSession,
    services: ServicesDep,
    after: BackgroundTasks,
    seq: Seq,
    payload: NoteUpdate,
) -> PrivateEntryRead:
    """Give a note of your own another text. What it said before stays in the log."""
    writer = Writer(access, db, services, after)
    entry = await notes.get_own_note(db, access.session, seq, await writer.author())
    return await writer.append("note.changed", entry.anchor, {"of": seq, "text": payload.text})


@router.delete("/notes/{seq}", status_code=204, responses=problems(403, 404, 409, 422, 503))
async def delete_note(
    access: HostedSession, db: WriteSession, services: ServicesDep, after: BackgroundTasks, seq: Seq
) -> Response:
    """Take a note of your own back: pages do not show it any more. It stays in the log, which nobody edits."""
    writer = Writer(access, db, services, after)
    entry = await notes.get_own_note(db, access.session, seq, await writer.author())
    await writer.append("note.removed", entry.anchor, {"of": seq})
    return Response(status_code=204)


@router.get("/scores", responses=problems(403, 404, 422, 503))
async def list_scores(access: PrivateSession, db: ReadSession, services: ServicesDep) -> list[ScorecardRead]:
    """Read your scorecard, and those of others once they have submitted them."""
    reader = access.participant or await find_own(services.database, access.session, access.account)
    return list(await notes.list_scorecards(db, access.session, reader.id if reader is not None else None))


@router.put("/scores", responses=problems(403, 404, 409, 413, 422, 503))
async def update_scores(
    access: HostedSession, db: WriteSession, services: ServicesDep, after: BackgroundTasks, payload: ScoresUpdate
) -> ScorecardRead:
    """Keep your scorecard. Nobody else reads it before you submit it; after that, a change is in the log too."""
    writer = Writer(access, db, services, after)
    author = await writer.author()
    card = await notes.keep_scores(db, access.session, author, payload.scores, services.clock())
    if card.submitted_at is not None:
        await writer.append("scores", None, {"scores": card.scores})
        after.add_task(tell_interviewers, services.hub, access.session.room_id, control.ScoresChanged())
    return card


@router.post("/scores/submit", responses=problems(403, 404, 409, 422, 503))
async def submit_scores(
    access: HostedSession, db: WriteSession, services: ServicesDep, after: BackgroundTasks
) -> ScorecardRead:
    """Show your scorecard to the other interviewers."""
    writer = Writer(access, db, services, after)
    card, first = await notes.submit_scores(db, access.session, await writer.author(), services.clock())
    if first:
        await writer.append("scores", None, {"scores": card.scores})
        after.add_task(tell_interviewers, services.hub, access.session.room_id, control.ScoresChanged())
    return card
