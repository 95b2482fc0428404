"""Sessions and their files over HTTP."""

from datetime import datetime

from fastapi import BackgroundTasks, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.audit import note
from pizarra.access.credentials import Caller
from pizarra.access.dependencies import (
    CallerDep,
    HostedSession,
    Interviewer,
    KnownSession,
    SessionId,
    WriteSession,
)
from pizarra.access.people import find_or_add_own
from pizarra.access.requirements import require_open
from pizarra.access.session_access import CODE_KEPT, HostedAccess, find_access, find_hosted
from pizarra.answers.codes import Code
from pizarra.collab.room import RoomGone
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.control import ScoresChanged, SessionChanged
from pizarra.database import within, writing_on
from pizarra.errors import Unavailable
from pizarra.execution.closing import close_rehearsals, cut_off
from pizarra.http import events
from pizarra.http.etags import IF_MATCH, require_unchanged, tagged
from pizarra.http.fast_path import fast
from pizarra.http.idempotency import IDEMPOTENCY_KEY
from pizarra.http.router import Router
from pizarra.kit.pauses import Pauses
from pizarra.models import InterviewSession, Role, SessionView, tries_question
from pizarra.problems.content import read_content
from pizarra.problems.finding import find_ready, library_of
from pizarra.problems.plans import Step, follow, steps_to_give
from pizarra.problems.posing import pose, shown_of, start_in
from pizarra.schemas import located, problems
from pizarra.sessions import service as sessions
from pizarra.sessions import starts
from pizarra.sessions.erasing import begin_erasing, erase
from pizarra.sessions.language import choose_language
from pizarra.sessions.parts import SessionParts, SessionPartsDep, parts_of
from pizarra.sessions.schemas import SessionCreate, SessionRead, SessionUpdate
from pizarra.sessions.showing import Showing, answer, to_read
from pizarra.timeline.private.notices import tell_interviewers

router = Router(prefix="/api/sessions", tag="sessions")

_ID = "0123456789abcdef0123456789abcdef"


@router.post(
    "",
    status_code=201,
    response_model=SessionRead,
    responses={
        **tagged(201, located(201, f"/api/sessions/{_ID}")),
        **problems(401, 403, 404, 409, 413, 422, 503, 507),
    },
    openapi_extra=IDEMPOTENCY_KEY,
)
@fast
async def create_session(
    request: Request,
    caller: Interviewer,
    services: SessionPartsDep,
    payload: SessionCreate | None = None,
) -> Response:
    """Create a session. The body may be left out."""
    wanted, now, pauses = payload or SessionCreate(), services.clock(), Pauses()
    made: list[SessionView] = []

    async def make() -> str:
        services.disk.require()
        if wanted.question_id is not None or wanted.plan_id is not None:
            made.append(await _create_with_question(services, caller, wanted))
        else:
            start = starts.start_of(wanted, services.settings.max_text_bytes)
            await pauses.if_due()
            made.append(
                await services.database.transact_shared(
                    lambda write: sessions.create_session(write, wanted, start, now, caller.account)
                )
            )
        events.tell_created(session=made[0].public_id, by=caller.label, address=caller.address)
        return made[0].public_id

    session_id = await services.idempotency.once(request, f"session {caller.label}", wanted, make)
    session = made[0] if made else (await find_access(services, caller, session_id)).session
    await pauses.if_due()
    return answer(
        Showing(request, services).whole(session, _role_in(session)),
        201,
        Location=f"/api/sessions/{session.public_id}",
        ETag=sessions.version_of_session(session),
    )


def _role_in(session: SessionView) -> Role:
    """Return what somebody is in a session that they made."""
    return Role.CANDIDATE if tries_question(session) else Role.HOST


async def _create_with_question(
    services: SessionParts, caller: Caller, wanted: SessionCreate
) -> InterviewSession:
    """Create a session that is about a question from its first second: the edit of its starter is entry 1, this 2.

    Raises:
        NotFound: the question or the plan is not there, or another team's. Conflict: a question is a draft.
        InvalidInput: it cannot be solved in the language that is asked for.
    """
    settings, now = services.settings, services.clock()
    async with services.database.write() as db:
        library, question_id, steps = library_of(caller), wanted.question_id or "", list[Step]()
        if wanted.plan_id is not None:
            plan, steps = await steps_to_give(db, library, wanted.plan_id)
            question_id = steps[0].question.public_id
            wanted = starts.about_plan(wanted, plan, steps)
        question, version = await find_ready(db, library, question_id, drafts=wanted.rehearsal)
        content = read_content(version.content)
        begun = starts.about_question(wanted, content)
        start = starts.start_of(begun, settings.max_text_bytes, content)
        connection = await db.connection()
        made = await connection.run_sync(
            lambda within: sessions.create_session(
                writing_on(within), begun, start, now, caller.account
            )
        )
        session = await sessions.own_row(db, made)
        if wanted.rehearsal:
            session.rehearsal_of = session.id
        author = await find_or_add_own(db, session, caller.account, _role_in(session), now)
        told = shown_of(question, version, content, "")
        await pose(db, session, author, told, version, settings=settings, now=now)
        if steps:
            await follow(db, session, steps, settings.max_clock_steps)
    return session


@router.get(
    "/{session_id}",
    response_model=SessionRead,
    responses={**tagged(200), **problems(404, 422, 503)},
)
@fast
async def read_session(request: Request, access: KnownSession) -> Response:
    """Read a session. `initial_code` is empty once it has ended, for people to whom it leaves nothing."""
    showing = Showing(request, parts_of(request))
    await showing.look([access.session.id])
    return showing.told(access.session, access.role, with_code=access.may_keep(*CODE_KEPT))


@router.patch(
    "/{session_id}",
    responses={**tagged(200), **problems(403, 404, 409, 412, 413, 422, 503)},
    openapi_extra=IF_MATCH,
)
async def update_session(
    request: Request,
    response: Response,
    services: SessionPartsDep,
    caller: CallerDep,
    session_id: SessionId,
    payload: SessionUpdate,
) -> SessionRead:
    """Rename a session, lock it, or choose another language: its file is there, the others stay as they are."""
    # Not a dependency's transaction: the document's log is written below, which must not wait for this one.
    async with services.database.write() as db:
        access = await find_hosted(db, services, caller, session_id)
        session = access.session
        require_unchanged(request, sessions.version_of_session(session))
        locked = await _apply(db, services.clock(), access, payload)
        if payload.thinking_seconds is not None:
            by = access.participant.id if access.participant else None
            seconds = min(payload.thinking_seconds, services.settings.max_thinking_seconds)
            await sessions.set_thinking(db, session, services.clock(), by, seconds)
    response.headers["ETag"] = sessions.version_of_session(session)
    if payload.language is not None:
        language = payload.language
        async with services.database.read() as reading:
            begin = await start_in(reading, session.id, language.value)
        try:
            await services.hub.change(
                session.room_id, lambda document: choose_language(language, begin, document)
            )
        except RoomGone as error:
            raise Unavailable(
                "The document could not be written. Try again.", code=Code.DOCUMENT_NOT_WRITTEN
            ) from error
    if locked:
        # Before the news: whoever reads that editing is open again may type at once.
        await services.revalidation.refresh()
    if payload.title is not None:
        services.hub.tell(session.room_id, SessionChanged(title=session.title).encode())
    if payload.rubric is not None:
        tell_interviewers(services.hub, session.room_id, ScoresChanged())
    await services.hub.recorded(session.id)  # what else changed is on the timeline
    return await to_read(request, services, session, access.role)


async def _apply(
    db: AsyncSession, now: datetime, access: HostedAccess, payload: SessionUpdate
) -> bool:
    """Change what the session's row holds; return whether a lock changed."""
    session = access.session
    by = access.participant.id if access.participant else None
    if payload.title is not None:
        sessions.rename_session(session, payload.title)
    if payload.candidate_name is not None:
        session.candidate_name = payload.candidate_name.strip() or None
    if "starts_at" in payload.model_fields_set:
        session.starts_at = payload.starts_at
    if payload.rubric is not None:
        session.rubric = [each.strip() for each in payload.rubric]
    if payload.waiting_room is not None:
        session.waiting_room = payload.waiting_room
    if payload.language is not None:
        require_open(session, "change its language")
        await sessions.set_language(db, session.id, payload.language, now, by)
    if payload.editing_locked is None and payload.running_locked is None:
        return False
    editing = session.editing_locked if payload.editing_locked is None else payload.editing_locked
    running = session.running_locked if payload.running_locked is None else payload.running_locked
    return await sessions.set_locks(db, session, now, by, editing=editing, running=running)


@router.delete("/{session_id}", status_code=204, responses=problems(403, 404, 422, 503))
async def delete_session(
    caller: CallerDep, services: SessionPartsDep, session_id: SessionId
) -> Response:
    """Erase a session with everything that was recorded in it. This cannot be undone.

    A receipt stays in the audit: what, when, by whom, and counts.
    """
    closing = BackgroundTasks()
    # Not a dependency's transaction: what was recorded is erased below, in many.
    async with services.database.write() as db:
        access = await find_hosted(db, services, caller, session_id)
        place = (access.session.id, access.session.room_id)
        services.disk.free_for_erasing()
        await close_rehearsals(db, services, access.session, closing)
        about = {"actor": access.label(caller), "address": caller.address, "why": "asked for"}
        begun = await begin_erasing(db, access.session, services.clock(), **about)
    await cut_off(services, *place, CloseCode.UNKNOWN_ROOM, "the session was deleted")
    await closing()
    await erase(services.database, begun)
    return Response(status_code=204)


@router.post("/{session_id}/end", responses={**tagged(200), **problems(403, 404, 409, 422, 503)})
async def end_session(
    request: Request,
    response: Response,
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: SessionPartsDep,
    after_commit: BackgroundTasks,
) -> SessionRead:
    """End a session: nobody writes or runs any more, everything stays readable."""
    by, now = access.participant.id if access.participant else None, services.clock()
    await sessions.end_session(db, access.session, now, by)
    await close_rehearsals(db, services, access.session, after_commit)
    who = {
        "actor": access.label(caller),
        "address": caller.address,
        "target": access.session.public_id,
    }
    note(db, now, "session.ended", **who)
    place = (access.session.id, access.session.room_id)
    after_commit.add_task(
        cut_off, services, *place, CloseCode.SESSION_ENDED, "the session has ended"
    )
    response.headers["ETag"] = sessions.version_of_session(access.session)
    return await to_read(request, services, access.session, access.role, within(db))


@router.post("/{session_id}/reopen", responses={**tagged(200), **problems(403, 404, 409, 422, 503)})
async def reopen_session(
    request: Request,
    response: Response,
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: SessionPartsDep,
) -> SessionRead:
    """Reopen a session that has ended."""
    by, now = access.participant.id if access.participant else None, services.clock()
    await sessions.reopen_session(db, access.session, now, by)
    who = {
        "actor": access.label(caller),
        "address": caller.address,
        "target": access.session.public_id,
    }
    note(db, now, "session.reopened", **who)
    response.headers["ETag"] = sessions.version_of_session(access.session)
    return await to_read(request, services, access.session, access.role, within(db))
