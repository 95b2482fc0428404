"""A room of one's own, before the day, with the same link: the same editor, nobody else, erased soon after."""

from datetime import datetime

from fastapi import Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.credentials import Caller
from pizarra.access.dependencies import CallerDep
from pizarra.access.invited import answer_joined, opened
from pizarra.access.people import add_participant
from pizarra.access.schemas import JoinRead
from pizarra.access.tokens import read_access
from pizarra.answers.codes import Code
from pizarra.config import Settings
from pizarra.database import writing_on
from pizarra.errors import Conflict
from pizarra.http.router import Router
from pizarra.kit.tokens import TokenSigner
from pizarra.models import (
    SHARE_LINK,
    InterviewSession,
    Language,
    Participant,
    Role,
    SessionStatus,
    SessionView,
    Signals,
)
from pizarra.schemas import located, problems
from pizarra.sessions.parts import SessionPartsDep
from pizarra.sessions.schemas import RehearsalCreate, SessionCreate
from pizarra.sessions.service import create_session
from pizarra.sessions.starts import start_of

router = Router(tag="people")

_TITLE = "Rehearsal"
_NAME = "You"


@router.post(
    "/api/rehearsals",
    status_code=201,
    responses={
        **located(201, "/api/sessions/0123456789abcdef0123456789abcdef"),
        **problems(403, 404, 409, 413, 422, 429, 503, 507),
    },
)
async def create_rehearsal(
    request: Request,
    response: Response,
    caller: CallerDep,
    services: SessionPartsDep,
    payload: RehearsalCreate,
) -> JoinRead:
    """Make a room to try editor and runs in, for whoever holds an invitation; the same browser gets its room again.

    It starts with the language's example, never with the session's code, and is erased after a day.
    """
    caller.require_own_origin()
    settings, now = services.settings, services.clock()
    services.disk.require()
    await services.rates.spend(
        "rehearsals_per_address",
        caller.neighbourhood,
        limit=settings.rehearsals_per_address,
        seconds=3600,
    )
    async with services.database.write() as db:
        invitation, session = await opened(db, services.signer, now, payload.token)
        # The row lock: of two who come at the same time, one sees that the other was counted.
        await db.execute(
            select(InterviewSession.id).where(InterviewSession.id == session.id).with_for_update()
        )
        if session.status == SessionStatus.ENDED:
            raise Conflict(
                "The session has ended: there is nothing to rehearse for.", code=Code.SESSION_ENDED
            )
        found = await _own(db, services.signer, caller, session)
        if found is None:
            found = await _create(db, session, settings, now)
            found[1].invitation, found[1].expires_at = SHARE_LINK, invitation.expires_at
        room, person = found
    response.headers["Location"] = f"/api/sessions/{room.public_id}"
    return answer_joined(request, response, services.signer, room, person)


async def _own(
    db: AsyncSession, signer: TokenSigner, caller: Caller, session: SessionView
) -> tuple[SessionView, Participant] | None:
    """Return the rehearsal that this browser has already."""
    known = [read_access(signer, each) for each in (*caller.credentials, *caller.cookies)]
    people = [access[0] for access in known if access is not None]
    row = await db.execute(
        select(InterviewSession, Participant)
        .join(Participant, Participant.session_id == InterviewSession.id)
        .where(
            InterviewSession.rehearsal_of == session.id,
            InterviewSession.invitation_generation == Participant.generation,
            Participant.public_id.in_(people),
        )
        .limit(1)
    )
    found = row.first()
    return (found[0], found[1]) if found is not None else None


async def _create(
    db: AsyncSession, session: SessionView, settings: Settings, now: datetime
) -> tuple[SessionView, Participant]:
    rehearsals = (
        select(func.count())
        .select_from(InterviewSession)
        .where(
            InterviewSession.rehearsal_of == session.id, InterviewSession.invitation_generation == 0
        )
    )
    if (await db.scalar(rehearsals) or 0) >= settings.rehearsals_per_session:
        raise Conflict(
            "Too many people are rehearsing for this session. Try again tomorrow, or just join.",
            bound="rehearsals_per_session",
            code=Code.TOO_MANY_REHEARSALS,
        )
    wanted = SessionCreate(language=Language(session.language), title=_TITLE, signals=Signals.NONE)
    start = start_of(wanted, settings.max_text_bytes)
    connection = await db.connection()
    room = await connection.run_sync(
        lambda within: create_session(writing_on(within), wanted, start, now, None, session.id)
    )
    return room, await add_participant(db, room, _NAME, Role.CANDIDATE, now)
