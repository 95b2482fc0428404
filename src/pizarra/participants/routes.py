"""Invitations and joining over HTTP."""

from typing import Annotated

from fastapi import BackgroundTasks, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.audit import note
from pizarra.access.credentials import COOKIE_PREFIX, Caller
from pizarra.access.dependencies import (
    CallerDep,
    HostedSession,
    ReadSession,
    SessionId,
    WriteSession,
)
from pizarra.access.invited import answer_joined, opened
from pizarra.access.schemas import JoinRead
from pizarra.access.session_access import (
    CODE_KEPT,
    find_access,
    find_named,
    participant_ids,
    state_of,
)
from pizarra.access.tokens import (
    Invitation,
    candidate_invitation,
    sign_invitation,
    stored_invitation,
)
from pizarra.answers.codes import Code
from pizarra.database import Fetch, within
from pizarra.errors import AppError, Conflict
from pizarra.execution.closing import close_rehearsals
from pizarra.http import events
from pizarra.http.addresses import invitation_url
from pizarra.http.idempotency import IDEMPOTENCY_KEY
from pizarra.http.router import Router
from pizarra.kit.tokens import TokenSigner
from pizarra.models import Role, SessionStatus, SessionView
from pizarra.participants import joining
from pizarra.participants import service as people
from pizarra.participants.parts import ParticipantParts, ParticipantPartsDep
from pizarra.participants.schemas import (
    Admission,
    InvitationPreview,
    InviteCreate,
    InviteListed,
    InviteRead,
    JoinCreate,
)
from pizarra.participants.waiting import stand, tell_hosts
from pizarra.problems.course import course_of, titles_of
from pizarra.schemas import located, problems

router = Router(tag="people")


def _to_read(request: Request, signer: TokenSigner, invitation: Invitation) -> InviteRead:
    token = sign_invitation(signer, invitation)
    url = invitation_url(request, token)
    return InviteRead(url=url, token=token, role=invitation.role, expires_at=invitation.expires_at)


@router.post(
    "/api/sessions/{session_id}/invites",
    status_code=201,
    responses={
        **located(201, "/api/invitations/0123456789abcdef0123456789abcdef.c.0.1798761600.abc"),
        **problems(401, 403, 404, 413, 422, 503),
    },
    openapi_extra=IDEMPOTENCY_KEY,
)
async def create_invite(
    request: Request,
    response: Response,
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ParticipantPartsDep,
    payload: InviteCreate,
) -> InviteRead:
    """Make an invitation for a role. It expires after `PIZARRA_INVITATION_DAYS`."""
    days, now = services.settings.invitation_days, services.clock()
    who = access.label(caller)

    async def make() -> Invitation:
        made = await people.create_invitation(
            db, access.session, Role(payload.role.value), now, days
        )
        about = {"actor": who, "address": caller.address, "target": access.session.public_id}
        note(db, now, "invitation.created", **about, role=made.role.value)
        await db.commit()  # before the key is remembered: what was never stored may be tried again
        return made

    about = f"invite {access.session.public_id} {access.session.invitation_generation} {who}"
    invitation = await services.idempotency.once(request, about, payload, make)
    read = _to_read(request, services.signer, invitation)
    response.headers["Location"] = f"/api/invitations/{read.token}"
    return read


@router.get("/api/sessions/{session_id}/invites", responses=problems(401, 403, 404, 422, 503))
async def list_invites(
    request: Request, access: HostedSession, db: WriteSession, services: ParticipantPartsDep
) -> list[InviteListed]:
    """List the invitations that open the session, the share link first, and how many people came by each."""
    session = access.session
    uses = await people.count_uses(db, session)
    found = [candidate_invitation(session, services.settings.invitation_days, services.clock())]
    found += [
        stored_invitation(session, each) for each in await people.list_invitations(db, session)
    ]
    return [
        InviteListed(
            **_to_read(request, services.signer, each).model_dump(), people=uses.get(each.serial, 0)
        )
        for each in found
        if each.expires_at > services.clock()
    ]


@router.post(
    "/api/sessions/{session_id}/invites/rotate", responses=problems(401, 403, 404, 422, 503)
)
async def rotate_invites(
    request: Request,
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ParticipantPartsDep,
    after_commit: BackgroundTasks,
) -> InviteRead:
    """Make all links of the session open nothing any more, and return the new share link.

    Whoever came in by one of them is sent away within a second; what they wrote stays.
    """
    session = access.session
    session.invitation_generation += 1
    await db.flush()
    await close_rehearsals(db, services, session, after_commit)
    about = {"actor": access.label(caller), "address": caller.address, "target": session.public_id}
    note(db, services.clock(), "invitation.rotated", **about)
    services.revalidation.look()
    return _to_read(
        request,
        services.signer,
        candidate_invitation(session, services.settings.invitation_days, services.clock()),
    )


@router.get("/api/invitations/{token}", responses=problems(404, 422, 503))
async def read_invitation_preview(
    caller: CallerDep,
    db: ReadSession,
    services: ParticipantPartsDep,
    token: Annotated[
        str,
        Path(description="The last part of an invitation's link.", examples=["0123.c.0.179.abc"]),
    ],
) -> InvitationPreview:
    """Tell the holder of a link what it opens and what is recorded there."""
    invitation, session = await opened(db, services.signer, services.clock(), token)
    guests = await joining.came_by(db, session, invitation)
    return InvitationPreview(
        title=await _title_for(db, session, invitation),
        role=invitation.role,
        status=session.status,
        recorded=people.recorded_in(session),
        afterwards=people.kept_afterwards(session),
        waiting_room=joining.must_wait(session, invitation, guests),
        signals=session.signals,
        rules=session.rules,
        keeps=session.candidate_keeps,
        known_names=joining.names_of(
            guests, participant_ids(services.signer, caller, session.public_id)
        ),
    )


async def _title_for(db: AsyncSession, session: SessionView, invitation: Invitation) -> str:
    """Return a session's title; nothing to those whom it would tell which question waits for them."""
    if invitation.role.may_host:
        return session.title
    course = await course_of(db, session.id)
    titles = (await titles_of(db, session.id, course)).values() if course.posings else ()
    return "" if session.title in titles else session.title


@router.post("/api/join", responses=problems(403, 404, 409, 413, 422, 429, 503))
async def join_session(
    request: Request,
    response: Response,
    caller: CallerDep,
    services: ParticipantPartsDep,
    payload: JoinCreate,
    after_answer: BackgroundTasks,
) -> JoinRead:
    """Come in with an invitation. The answer carries a credential, in its body and as a cookie.

    The same name by the same link gives the same person back: after a lost connection, or on another device. While that
    person is connected, whoever else types their name is another person, and gets a number. Where the
    host lets people in one by one, and once somebody who came by the link was taken out or given a smaller role,
    everybody waits for the host who does not present the credential that they were given.
    """
    try:
        return await _join(request, response, caller, services, payload, after_answer)
    except AppError as refusal:
        events.warn(
            "person.refused", reason=refusal.detail, status=refusal.status, address=caller.address
        )
        raise


async def _join(
    request: Request,
    response: Response,
    caller: Caller,
    services: ParticipantParts,
    payload: JoinCreate,
    after_answer: BackgroundTasks,
) -> JoinRead:
    caller.require_own_origin()
    await services.rates.spend(
        "joins_per_address",
        caller.neighbourhood,
        limit=services.settings.joins_per_address,
        seconds=60,
    )
    now = services.clock()
    async with services.database.write() as db:
        invitation, session = await opened(db, services.signer, now, payload.token)
        _require_something_to_open(session, invitation)
        presented = participant_ids(services.signer, caller, session.public_id)
        present = await _present(services, session, within(db))
        most = (services.settings.max_people_per_link, services.settings.max_waiting)
        participant, new = await joining.join(
            db, session, payload.name, invitation, now, presented, present, *most
        )
        participant.left_at = None
        if new:
            if participant.admitted_at is None:
                await _limit_waiting(services, caller, invitation)
            actor = f"person:{participant.public_id}"
            note(
                db,
                now,
                "person.joined",
                actor=actor,
                address=caller.address,
                target=session.public_id,
            )
    if participant.admitted_at is None:
        after_answer.add_task(tell_hosts, services, session.room_id, session.id)
    return answer_joined(request, response, services.signer, session, participant)


async def _present(services: ParticipantParts, session: SessionView, fetch: Fetch) -> set[int]:
    """Return who is connected now, by storage's ids: any process may be asked, and few have the room."""
    room = services.hub.loaded(session.room_id)
    here = room.broadcast.present() if room is not None else set[int]()
    elsewhere = await services.connected.elsewhere([session.id], fetch)
    return here.union(elsewhere.get(session.id, {}))


async def _limit_waiting(
    services: ParticipantParts, caller: Caller, invitation: Invitation
) -> None:
    """Refuse the next person from one address who would wait by one link: others are to find a place too."""
    who = f"{invitation.session_id} {invitation.serial} {caller.neighbourhood}"
    await services.rates.spend(
        "waiting_per_address", who, limit=services.settings.waiting_per_address, seconds=600
    )


def _require_something_to_open(session: SessionView, invitation: Invitation) -> None:
    """Refuse a link that opens nothing any more. What people were promised they may read on any device."""
    kept = invitation.role.may_host or session.candidate_keeps in CODE_KEPT
    if session.status == SessionStatus.ENDED and not kept:
        raise Conflict(
            "The session has ended. Ask the interviewer to reopen it.", code=Code.SESSION_ENDED
        )


@router.get("/api/sessions/{session_id}/admission", responses=problems(404, 422, 503))
async def read_admission(
    caller: CallerDep, services: ParticipantPartsDep, session_id: SessionId
) -> Admission:
    """Tell somebody who joined whether the host has let them in. Who left the waiting room is in it again."""
    named = await find_named(services, caller, session_id)
    if named is None:
        await find_access(services, caller, session_id)
        return Admission(state="in")
    person, session = named
    state = state_of(services.clock(), person, session)
    if state == "waiting" and person.left_at is not None:
        await stand(services, session, person, None)
    return Admission(state=state)


@router.post(
    "/api/sessions/{session_id}/admission/leave",
    status_code=204,
    responses=problems(403, 404, 422, 429, 503),
)
async def leave_waiting_room(
    caller: CallerDep, services: ParticipantPartsDep, session_id: SessionId
) -> None:
    """Leave the waiting room: hosts do not see you wait any more. Whoever asks for their admission again is back."""
    caller.require_own_origin()
    named = await find_named(services, caller, session_id)
    if named is None:
        await find_access(services, caller, session_id)
        return
    person, session = named
    now = services.clock()
    if state_of(now, person, session) != "waiting" or person.left_at is not None:
        return
    await services.rates.spend(
        "joins_per_address",
        caller.neighbourhood,
        limit=services.settings.joins_per_address,
        seconds=60,
    )
    await stand(services, session, person, now)


@router.post("/api/leave", status_code=204, responses=problems(403))
async def leave_sessions(request: Request, caller: CallerDep, response: Response) -> None:
    """Forget every session this browser joined: its cookies are deleted."""
    caller.require_own_origin()
    for name in request.cookies:
        if name.startswith(COOKIE_PREFIX):
            response.delete_cookie(name, httponly=True, samesite="lax")
