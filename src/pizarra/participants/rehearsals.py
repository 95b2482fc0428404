"""A room of one's own, before the day, with the same link: the same editor, nobody else, erased soon after."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.config import Settings
from pizarra.errors import Conflict
from pizarra.models import InterviewSession, Language, Participant, Role, SessionStatus, Signals
from pizarra.participants.access import CallerDep, ServicesDep
from pizarra.participants.routes import answer_joined, opened
from pizarra.participants.schemas import JoinRead, RehearsalCreate
from pizarra.participants.service import add_participant
from pizarra.participants.tokens import read_access
from pizarra.participants.trust import Caller
from pizarra.schemas import problems
from pizarra.services import Services
from pizarra.sessions.schemas import SessionCreate
from pizarra.sessions.service import create_session

router = APIRouter(tags=["people"])

_TITLE = "Rehearsal"
_NAME = "You"


@router.post("/api/rehearsals", status_code=201, responses=problems(403, 404, 409, 413, 422, 429, 503))
async def create_rehearsal(
    request: Request, response: Response, caller: CallerDep, services: ServicesDep, payload: RehearsalCreate
) -> JoinRead:
    """Make a room to try editor and runs in, for whoever holds an invitation; the same browser gets its room again.

    It starts with the language's example, never with the session's code, and is erased after a day.
    """
    caller.require_own_origin()
    settings, now = services.settings, services.clock()
    await services.rates.spend("rehearse", caller.address, limit=settings.rehearsals_per_address, seconds=3600)
    async with services.database.write() as db:
        _, session = await opened(db, services, payload.token)
        if session.status == SessionStatus.ENDED:
            raise Conflict("The session has ended: there is nothing to rehearse for.")
        found = await _own(db, services, caller, session)
        if found is None:
            found = await _create(db, session, settings, now)
        room, person = found
    return answer_joined(request, response, services, room, person)


async def _own(
    db: AsyncSession, services: Services, caller: Caller, session: InterviewSession
) -> tuple[InterviewSession, Participant] | None:
    """Return the rehearsal that this browser has already."""
    known = [read_access(services.signer, each) for each in (*caller.credentials, *caller.cookies)]
    people = [access[0] for access in known if access is not None]
    row = await db.execute(
        select(InterviewSession, Participant)
        .join(Participant, Participant.session_id == InterviewSession.id)
        .where(InterviewSession.rehearsal_of == session.id, Participant.public_id.in_(people))
        .limit(1)
    )
    found = row.first()
    return (found[0], found[1]) if found is not None else None


async def _create(
    db: AsyncSession, session: InterviewSession, settings: Settings, now: datetime
) -> tuple[InterviewSession, Participant]:
    rehearsals = select(func.count()).select_from(InterviewSession).where(InterviewSession.rehearsal_of == session.id)
    if (await db.scalar(rehearsals) or 0) >= settings.rehearsals_per_session:
        raise Conflict("Too many people are rehearsing for this session. Try again tomorrow, or just join.")
    wanted = SessionCreate(language=Language(session.language), title=_TITLE, signals=Signals.NONE)
    connection = await db.connection()
    room = await connection.run_sync(create_session, wanted, now, settings.max_text_bytes, None, session.id)
    return room, await add_participant(db, room, _NAME, Role.CANDIDATE, now)
