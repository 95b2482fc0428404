"""Notes, the interviewers' chat and scores over HTTP. Nothing here reaches candidates or observers."""

from typing import Annotated

from fastapi import BackgroundTasks, Path, Query, Request, Response

from pizarra import control
from pizarra.access.dependencies import (
    HostedSession,
    InList,
    PrivateSession,
    ReadSession,
    WriteSession,
)
from pizarra.access.parts import RoomPartsDep
from pizarra.access.people import find_own
from pizarra.access.private_writer import Writer
from pizarra.access.session_access import Access
from pizarra.answers.wire import compressed
from pizarra.database import Database
from pizarra.http.etags import IF_MATCH, require_unchanged, tagged
from pizarra.http.paging import Limit, paged, tell_next
from pizarra.http.router import Router
from pizarra.models import ParticipantView
from pizarra.notes import service as notes
from pizarra.notes.schemas import DecisionUpdate, NoteCreate, NoteUpdate, ScoresUpdate
from pizarra.schemas import located, problems
from pizarra.timeline.entries.private import (
    Chatted,
    Decided,
    NoteChanged,
    Noted,
    NoteRemoved,
    Scored,
)
from pizarra.timeline.private.decisions import blinded, decide, list_decisions
from pizarra.timeline.private.log import list_private, list_scorecards
from pizarra.timeline.private.notices import tell_interviewers
from pizarra.timeline.private.schemas import (
    DecisionRead,
    DecisionsRead,
    PrivateEntryRead,
    ScorecardRead,
)

router = Router(prefix="/api/sessions/{session_id}", tag="notes")

Seq = Annotated[int, Path(ge=1, le=2**53 - 1, description="The note's `seq`.", examples=[1])]


async def _reader(database: Database, access: Access) -> ParticipantView | None:
    """Return who reads; None when they were never in the session."""
    return access.participant or await find_own(database, access.session, access.account)


@router.get(
    "/notes",
    responses={
        **paged("/api/sessions/0123456789abcdef0123456789abcdef/notes?after=100&limit=100"),
        **problems(403, 404, 422, 503),
    },
)
@compressed
async def list_notes(
    request: Request,
    response: Response,
    access: PrivateSession,
    db: ReadSession,
    services: RoomPartsDep,
    after: Annotated[
        int, Query(ge=0, le=2**53 - 1, description="Entries beyond this seq.", examples=[0])
    ] = 0,
    limit: Limit = 100,
) -> list[PrivateEntryRead]:
    """Read the private log, in order: notes, the interviewers' chat, submitted scores. Interviewers only.

    Of others' decisions `verdict` is null until you may read them: see `GET …/decisions`.
    """
    entries = await list_private(db, access.session.id, after, limit)
    response.headers["X-Total-Count"] = str(access.session.private_head)
    if entries:
        tell_next(request, response, limit=limit, shown=len(entries), after=entries[-1].seq)
    return await blinded(db, access.session, await _reader(services.database, access), entries)


@router.post(
    "/notes",
    status_code=201,
    dependencies=[InList],
    responses={
        **located(201, "/api/sessions/0123456789abcdef0123456789abcdef/notes"),
        **problems(403, 404, 409, 413, 422, 503),
    },
)
async def create_note(
    response: Response,
    access: HostedSession,
    db: WriteSession,
    services: RoomPartsDep,
    after: BackgroundTasks,
    payload: NoteCreate,
) -> PrivateEntryRead:
    """Write a note about an instant, or a line to the other interviewers. Also after the session has ended."""
    writer = Writer(access, db, services, after)
    noted = Noted if payload.kind == "note" else Chatted
    entry = await writer.append(payload.anchor, noted(text=payload.text))
    response.headers["ETag"] = f'"{entry.seq}"'
    return entry


@router.patch(
    "/notes/{seq}",
    responses={**tagged(200), **problems(403, 404, 409, 412, 413, 422, 503)},
    openapi_extra=IF_MATCH,
)
async def update_note(
    request: Request,
    response: Response,
    access: HostedSession,
    db: WriteSession,
    services: RoomPartsDep,
    after: BackgroundTasks,
    seq: Seq,
    payload: NoteUpdate,
) -> PrivateEntryRead:
    """Give a note of your own another text. What it said before stays in the log."""
    writer = Writer(access, db, services, after)
    entry = await notes.get_own_note(db, access.session, seq, await writer.author())
    require_unchanged(request, await notes.version_of_note(db, access.session, seq))
    changed = await writer.append(entry.anchor, NoteChanged(of=seq, text=payload.text))
    response.headers["ETag"] = f'"{changed.seq}"'
    return changed


@router.delete(
    "/notes/{seq}",
    status_code=204,
    responses=problems(403, 404, 409, 412, 422, 503),
    openapi_extra=IF_MATCH,
)
async def delete_note(
    request: Request,
    access: HostedSession,
    db: WriteSession,
    services: RoomPartsDep,
    after: BackgroundTasks,
    seq: Seq,
) -> Response:
    """Take a note of your own back: pages do not show it any more. It stays in the log, which nobody edits."""
    writer = Writer(access, db, services, after)
    entry = await notes.get_own_note(db, access.session, seq, await writer.author())
    require_unchanged(request, await notes.version_of_note(db, access.session, seq))
    await writer.append(entry.anchor, NoteRemoved(of=seq))
    return Response(status_code=204)


@router.get("/scores", responses={**tagged(200), **problems(403, 404, 422, 503)})
async def list_scores(
    response: Response, access: PrivateSession, db: ReadSession, services: RoomPartsDep
) -> list[ScorecardRead]:
    """Read your scorecard, and those of others once they have submitted them."""
    reader = await _reader(services.database, access)
    cards = await list_scorecards(db, access.session, reader.id if reader is not None else None)
    response.headers["ETag"] = notes.version_of_scores(cards)
    return list(cards)


@router.put(
    "/scores",
    responses={**tagged(200), **problems(403, 404, 409, 412, 413, 422, 503)},
    openapi_extra=IF_MATCH,
)
async def update_scores(
    request: Request,
    response: Response,
    access: HostedSession,
    db: WriteSession,
    services: RoomPartsDep,
    after: BackgroundTasks,
    payload: ScoresUpdate,
) -> ScorecardRead:
    """Keep your scorecard. Nobody else reads it before you submit it; after that, a change is in the log too."""
    writer = Writer(access, db, services, after)
    author = await writer.author()
    before = await list_scorecards(db, access.session, author.id)
    require_unchanged(request, notes.version_of_scores(before))
    card = await notes.keep_scores(db, access.session, author, payload.scores, services.clock())
    response.headers["ETag"] = notes.version_of_scores([card])
    if card.submitted_at is not None:
        await writer.append(None, Scored.model_validate({"scores": card.scores}))
        after.add_task(
            tell_interviewers, services.hub, access.session.room_id, control.ScoresChanged()
        )
    return card


@router.post("/scores/submit", responses=problems(403, 404, 409, 422, 503))
async def submit_scores(
    access: HostedSession, db: WriteSession, services: RoomPartsDep, after: BackgroundTasks
) -> ScorecardRead:
    """Show your scorecard to the other interviewers."""
    writer = Writer(access, db, services, after)
    card, first = await notes.submit_scores(
        db, access.session, await writer.author(), services.clock()
    )
    if first:
        await writer.append(None, Scored.model_validate({"scores": card.scores}))
        after.add_task(
            tell_interviewers, services.hub, access.session.room_id, control.ScoresChanged()
        )
    return card


@router.get("/decisions", responses=problems(403, 404, 422, 503))
async def read_decisions(
    access: PrivateSession, db: ReadSession, services: RoomPartsDep
) -> DecisionsRead:
    """Read what the interviewers came to. Who interviewed reads the others' once they have decided themselves."""
    reader = await _reader(services.database, access)
    return await list_decisions(db, access.session, reader.id if reader is not None else None)


@router.put("/decision", responses=problems(403, 404, 409, 413, 422, 503))
async def update_decision(
    access: HostedSession,
    db: WriteSession,
    services: RoomPartsDep,
    after: BackgroundTasks,
    payload: DecisionUpdate,
) -> DecisionRead:
    """Say what you come to. It can be changed; what it was before stays in the log."""
    writer = Writer(access, db, services, after)
    author = await writer.author()
    # Whoever is there asks for it, and gets it when they may.
    await writer.append(
        None, Decided(verdict=payload.verdict.value, text=payload.text), at_once=False
    )
    after.add_task(tell_interviewers, services.hub, access.session.room_id, control.ScoresChanged())
    return await decide(db, access.session, author, payload.verdict, payload.text, services.clock())
