"""Sessions and their files over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.addresses import invitation_url
from pizarra.audit.service import note
from pizarra.collab.close_codes import CloseCode
from pizarra.collab.room import RoomGone
from pizarra.control import SessionChanged, Thinking
from pizarra.errors import NotFound, Unavailable
from pizarra.models import AccountRole, CandidateKeeps, InterviewSession, Language, Role, SessionStatus, Signals
from pizarra.notes.service import rubric_of
from pizarra.participants.access import (
    Access,
    CallerDep,
    HostedSession,
    Interviewer,
    ReadableSession,
    ReadSession,
    ServicesDep,
    SessionId,
    WriteSession,
    find_hosted,
    role_of,
)
from pizarra.participants.tokens import candidate_invitation, sign_invitation
from pizarra.schemas import StorableText, problems
from pizarra.services import Services, services_of
from pizarra.sessions import service as sessions
from pizarra.sessions.activity import read_activity
from pizarra.sessions.documents import read_document
from pizarra.sessions.language import choose_language
from pizarra.sessions.schemas import FileRead, SessionCreate, SessionListed, SessionRead, SessionUpdate

router = APIRouter(prefix="/api/sessions", tags=["sessions"])

_CODE = (CandidateKeeps.CODE, CandidateKeeps.TIMELINE)
AtQuery = Annotated[
    int | None,
    Query(ge=0, le=2**53 - 1, description="A timeline `seq`: answer as of that instant.", examples=[17]),
]


def to_read(request: Request, services: Services, session: InterviewSession, role: Role) -> SessionRead:
    """Return a session as the API shows it to somebody in a role."""
    return SessionRead(**_fields(request, services, session, role))


def _fields(request: Request, services: Services, session: InterviewSession, role: Role) -> dict[str, Any]:
    share_url = None
    if role.may_host:
        invitation = candidate_invitation(session, services.settings.invitation_days, services.clock())
        share_url = invitation_url(request, sign_invitation(services.signer, invitation))
    room = services.hub.loaded(session.room_id)
    return {
        "session_id": session.public_id,
        "room_id": session.room_id,
        "title": session.title,
        "language": Language(session.language),
        "initial_code": session.initial_code,
        "status": SessionStatus(session.status),
        "share_url": share_url,
        "waiting_room": session.waiting_room,
        "editing_locked": session.editing_locked,
        "running_locked": session.running_locked,
        "candidate_keeps": CandidateKeeps(session.candidate_keeps),
        "candidate_name": session.candidate_name if role.may_host else None,
        "signals": Signals(session.signals),
        "rules": session.rules,
        "rubric": rubric_of(session) if role.may_host else None,
        "thinking_until": session.thinking_until,
        "is_rehearsal": session.rehearsal_of is not None,
        "your_role": role,
        "created_at": session.created_at,
        "active_users": len(room.audience.people()) if room else 0,
    }


@router.post("", status_code=201, responses=problems(401, 403, 413, 422, 503))
async def create_session(
    request: Request, caller: Interviewer, services: ServicesDep, payload: SessionCreate | None = None
) -> SessionRead:
    """Create a session. The body may be left out."""
    wanted, now, limit = payload or SessionCreate(), services.clock(), services.settings.max_text_bytes
    session = await services.database.transact(
        lambda connection: sessions.create_session(connection, wanted, now, limit, caller.account)
    )
    return to_read(request, services, session, Role.HOST)


@router.get("", responses=problems(401, 403, 422, 503))
async def list_sessions(
    request: Request,
    caller: Interviewer,
    skip: Annotated[int, Query(ge=0, le=2**53 - 1, description="How many to leave out.", examples=[0])] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.", examples=[100])] = 100,
    q: Annotated[
        StorableText | None,
        Query(description="Only those whose title or candidate's name has this in it.", examples=["two sum"]),
    ] = None,
    status: Annotated[SessionStatus | None, Query(description="Only these.", examples=["open"])] = None,
    activity: Annotated[bool, Query(description="Whether to tell how busy each was.", examples=[True])] = False,
) -> list[SessionListed]:
    """List sessions, newest first: the owner's, or those of your team; administrators see all."""
    services, account = services_of(request), caller.account
    team = None if account is None or account.role is AccountRole.ADMIN else account.team_id
    wanted = sessions.Wanted(team, q, status)
    listed = []
    found = await sessions.list_sessions(services.database, skip, limit, wanted)
    bars = await read_activity(services.database, [session.id for session, _ in found]) if activity else {}
    for session, last in found:
        role = Role.HOST if account is None else role_of(account, session)
        if role is not None:
            room = services.hub.loaded(session.room_id)
            here = [person.name for person in room.audience.people()] if room is not None else []
            fields = _fields(request, services, session, role)
            listed.append(
                SessionListed(**fields, last_activity_at=last, people_here=here, activity=bars.get(session.id))
            )
    return listed


@router.get("/{session_id}", responses=problems(404, 422, 503))
async def read_session(request: Request, access: ReadableSession) -> SessionRead:
    """Read a session."""
    return to_read(request, services_of(request), access.session, access.role)


@router.patch("/{session_id}", responses=problems(403, 404, 409, 413, 422, 503))
async def update_session(
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    session_id: SessionId,
    payload: SessionUpdate,
) -> SessionRead:
    """Rename a session, lock it, or choose another language: its file is there, the others stay as they are."""
    # Not a dependency's transaction: the document's log is written below, which must not wait for this one.
    async with services.database.write() as db:
        access = await find_hosted(db, services, caller, session_id)
        session = access.session
        locked = await _apply(db, services, access, payload)
        if payload.thinking_seconds is not None:
            by = access.participant.id if access.participant else None
            seconds = min(payload.thinking_seconds, services.settings.max_thinking_seconds)
            await sessions.set_thinking(db, session, services.clock(), by, seconds)
    if payload.language is not None:
        language = payload.language
        try:
            await services.hub.change(session.room_id, lambda document: choose_language(language, document))
        except RoomGone as error:
            raise Unavailable("The document could not be written. Try again.") from error
    if locked:
        # Before the news: whoever reads that editing is open again may type at once.
        await services.keeper.refresh()
    room = services.hub.loaded(session.room_id)
    if room is not None:
        locks = {"editing_locked": session.editing_locked, "running_locked": session.running_locked}
        changed = SessionChanged(title=session.title, language=Language(session.language), **locks)
        room.audience.tell(changed.encode())
        if payload.thinking_seconds is not None:
            room.audience.tell(Thinking(until=session.thinking_until).encode())
    return to_read(request, services, session, access.role)


async def _apply(db: AsyncSession, services: Services, access: Access, payload: SessionUpdate) -> bool:
    """Change what the session's row holds; return whether a lock changed."""
    session, now = access.session, services.clock()
    by = access.participant.id if access.participant else None
    if payload.title is not None:
        await sessions.rename_session(session, payload.title)
    if payload.candidate_name is not None:
        session.candidate_name = payload.candidate_name.strip() or None
    if payload.rubric is not None:
        session.rubric = payload.rubric
    if payload.waiting_room is not None:
        session.waiting_room = payload.waiting_room
    if payload.language is not None:
        sessions.require_open(session, "change its language")
        await sessions.set_language(db, session.id, payload.language, now, by)
    if payload.editing_locked is None and payload.running_locked is None:
        return False
    editing = session.editing_locked if payload.editing_locked is None else payload.editing_locked
    running = session.running_locked if payload.running_locked is None else payload.running_locked
    return await sessions.set_locks(db, session, now, by, editing=editing, running=running)


@router.delete("/{session_id}", status_code=204, responses=problems(403, 404, 422, 503))
async def delete_session(
    caller: CallerDep, access: HostedSession, db: WriteSession, services: ServicesDep, after_commit: BackgroundTasks
) -> Response:
    """Erase a session with everything that was recorded in it. This cannot be undone.

    A receipt stays in the audit: what, when, by whom, and counts.
    """
    who = {"actor": access.label(caller), "address": caller.address}
    await sessions.erase_session(db, access.session, services.clock(), **who, why="asked for")
    after_commit.add_task(_cut_off, services, access.session, CloseCode.UNKNOWN_ROOM, "the session was deleted")
    after_commit.add_task(services.database.forget_erased)
    return Response(status_code=204)


@router.post("/{session_id}/end", responses=problems(403, 404, 409, 422, 503))
async def end_session(
    request: Request,
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ServicesDep,
    after_commit: BackgroundTasks,
) -> SessionRead:
    """End a session: nobody writes or runs any more, everything stays readable."""
    by, now = access.participant.id if access.participant else None, services.clock()
    await sessions.end_session(db, access.session, now, by)
    who = {"actor": access.label(caller), "address": caller.address, "target": access.session.public_id}
    note(db, now, "session.ended", **who)
    after_commit.add_task(_cut_off, services, access.session, CloseCode.SESSION_ENDED, "the session has ended")
    return to_read(request, services, access.session, access.role)


async def _cut_off(services: Services, session: InterviewSession, code: CloseCode, reason: str) -> None:
    """Once the change is committed: stop what runs and send everybody away."""
    services.hub.close_room(session.room_id, code, reason)
    await services.runs.stop_all(session.id)
    services.evaluator.ask(session.id)


@router.post("/{session_id}/reopen", responses=problems(403, 404, 409, 422, 503))
async def reopen_session(
    request: Request, caller: CallerDep, access: HostedSession, db: WriteSession, services: ServicesDep
) -> SessionRead:
    """Reopen a session that has ended."""
    by, now = access.participant.id if access.participant else None, services.clock()
    await sessions.reopen_session(db, access.session, now, by)
    who = {"actor": access.label(caller), "address": caller.address, "target": access.session.public_id}
    note(db, now, "session.reopened", **who)
    return to_read(request, services, access.session, access.role)


@router.get("/{session_id}/files", responses=problems(403, 404, 422, 503))
async def list_files(
    access: ReadableSession, db: ReadSession, services: ServicesDep, at: AtQuery = None
) -> list[FileRead]:
    """List the files, now or at an instant."""
    access.require(*_CODE)
    document = await read_document(db, services.hub, access.session, at)
    return [FileRead(path=file.path, language=file.language, size=file.size) for file in document.files()]


@router.get(
    "/{session_id}/files/{path:path}",
    response_class=Response,
    responses={
        200: {
            "description": "The text.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": "print(42)\n"}},
        },
        **problems(403, 404, 422, 503),
    },
)
async def read_file(
    access: ReadableSession,
    db: ReadSession,
    services: ServicesDep,
    path: Annotated[str, Path(description="The file's path.", examples=["main.py"])],
    at: AtQuery = None,
) -> Response:
    """Read a file, now or at an instant."""
    access.require(*_CODE)
    document = await read_document(db, services.hub, access.session, at)
    text = document.text(path)
    if text is None:
        raise NotFound(f"File {path} not found")
    return Response(text.encode("utf-8", errors="replace"), media_type="text/plain; charset=utf-8")
