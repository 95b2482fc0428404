"""Invitations and joining over HTTP."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.addresses import invitation_url, socket_url
from pizarra.audit.service import note
from pizarra.errors import Conflict, NotFound
from pizarra.models import InterviewSession, Participant, Role, SessionStatus
from pizarra.participants import service as people
from pizarra.participants.access import (
    CallerDep,
    HostedSession,
    ReadSession,
    ServicesDep,
    SessionId,
    WriteSession,
    find_access,
    find_named,
    state_of,
)
from pizarra.participants.schemas import (
    Admission,
    InvitationPreview,
    InviteCreate,
    InviteListed,
    InviteRead,
    JoinCreate,
    JoinRead,
)
from pizarra.participants.tokens import (
    Invitation,
    candidate_invitation,
    read_invitation,
    sign_access,
    sign_invitation,
    stored_invitation,
)
from pizarra.participants.trust import COOKIE_PREFIX, cookie_name
from pizarra.participants.waiting import tell_hosts
from pizarra.schemas import problems
from pizarra.services import Services

router = APIRouter(tags=["people"])

_COOKIE_SECONDS = 30 * 24 * 3600


def _to_read(request: Request, services: Services, invitation: Invitation) -> InviteRead:
    token = sign_invitation(services.signer, invitation)
    url = invitation_url(request, token)
    return InviteRead(url=url, token=token, role=invitation.role, expires_at=invitation.expires_at)


@router.post("/api/sessions/{session_id}/invites", status_code=201, responses=problems(401, 403, 404, 413, 422, 503))
async def create_invite(
    request: Request,
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ServicesDep,
    payload: InviteCreate,
) -> InviteRead:
    """Make an invitation for a role. It expires after `PIZARRA_INVITATION_DAYS`."""
    days, now = services.settings.invitation_days, services.clock()
    invitation = await people.create_invitation(db, access.session, Role(payload.role.value), now, days)
    about = {"actor": access.label(caller), "address": caller.address, "target": access.session.public_id}
    note(db, now, "invitation.created", **about, role=invitation.role.value)
    return _to_read(request, services, invitation)


@router.get("/api/sessions/{session_id}/invites", responses=problems(401, 403, 404, 422, 503))
async def list_invites(
    request: Request, access: HostedSession, db: WriteSession, services: ServicesDep
) -> list[InviteListed]:
    """List the invitations that open the session, the share link first, and how many people came by each."""
    session = access.session
    uses = await people.count_uses(db, session)
    found = [candidate_invitation(session, services.settings.invitation_days, services.clock())]
    found += [stored_invitation(session, each) for each in await people.list_invitations(db, session)]
    return [
        InviteListed(**_to_read(request, services, each).model_dump(), people=uses.get(each.serial, 0))
        for each in found
        if each.expires_at > services.clock()
    ]


@router.post("/api/sessions/{session_id}/invites/rotate", responses=problems(401, 403, 404, 422, 503))
async def rotate_invites(
    request: Request, caller: CallerDep, access: HostedSession, db: WriteSession, services: ServicesDep
) -> InviteRead:
    """Make all links of the session open nothing any more, and return the new share link.

    Whoever came in by one of them is sent away within a second; what they wrote stays.
    """
    session = access.session
    session.invitation_generation += 1
    await db.flush()
    about = {"actor": access.label(caller), "address": caller.address, "target": session.public_id}
    note(db, services.clock(), "invitation.rotated", **about)
    services.keeper.look()
    return _to_read(
        request, services, candidate_invitation(session, services.settings.invitation_days, services.clock())
    )


@router.get("/api/invitations/{token}", responses=problems(404, 422, 503))
async def read_invitation_preview(
    db: ReadSession,
    services: ServicesDep,
    token: Annotated[str, Path(description="The last part of an invitation's link.", examples=["0123.c.0.179.abc"])],
) -> InvitationPreview:
    """Tell the holder of a link what it opens and what is recorded there."""
    invitation, session = await opened(db, services, token)
    return InvitationPreview(
        title=session.title,
        role=invitation.role,
        status=session.status,
        recorded=people.recorded_in(session),
        afterwards=people.kept_afterwards(session),
        waiting_room=session.waiting_room and not invitation.role.may_host,
        signals=session.signals,
        rules=session.rules,
        keeps=session.candidate_keeps,
        known_names=await people.names_of_guests(db, session, invitation),
    )


async def opened(db: AsyncSession, services: Services, token: str) -> tuple[Invitation, InterviewSession]:
    """Return an invitation and the session it opens.

    Raises:
        NotFound: it opens nothing.
    """
    invitation = read_invitation(services.signer, token)
    session = await people.find_invited(db, invitation, services.clock())
    if invitation is None:
        raise NotFound("This invitation does not open anything.")
    return invitation, session


@router.post("/api/join", responses=problems(403, 404, 409, 413, 422, 429, 503))
async def join_session(
    request: Request,
    response: Response,
    caller: CallerDep,
    services: ServicesDep,
    payload: JoinCreate,
    after_answer: BackgroundTasks,
) -> JoinRead:
    """Come in with an invitation. The answer carries a credential, in its body and as a cookie.

    The same name by the same link gives the same person back: after a lost connection, or on another device.
    """
    caller.require_own_origin()
    await services.rates.spend("join", caller.address, limit=services.settings.joins_per_address, seconds=60)
    now = services.clock()
    async with services.database.write() as db:
        invitation, session = await opened(db, services, payload.token)
        if session.status == SessionStatus.ENDED:
            raise Conflict("The session has ended. Ask the interviewer to reopen it.")
        participant, new = await people.join(db, session, payload.name, invitation, now)
        if new:
            actor = f"person:{participant.public_id}"
            note(db, now, "person.joined", actor=actor, address=caller.address, target=session.public_id)
    if participant.admitted_at is None:
        after_answer.add_task(tell_hosts, services, session.room_id, session.id)
    return answer_joined(request, response, services, session, participant)


def answer_joined(
    request: Request, response: Response, services: Services, session: InterviewSession, participant: Participant
) -> JoinRead:
    """Return what somebody needs who is in, or waits; the credential goes into a cookie too."""
    token = sign_access(services.signer, participant.public_id, session.public_id)
    response.set_cookie(
        cookie_name(session.room_id),
        token,
        max_age=_COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return JoinRead(
        participant_id=participant.public_id,
        role=Role(participant.role),
        session_id=session.public_id,
        room_id=session.room_id,
        ws_url=socket_url(request, session.room_id),
        access_token=token,
        waiting=participant.admitted_at is None,
    )


@router.get("/api/sessions/{session_id}/admission", responses=problems(404, 422, 503))
async def read_admission(caller: CallerDep, services: ServicesDep, session_id: SessionId) -> Admission:
    """Tell somebody who joined whether the host has let them in."""
    named = await find_named(services, caller, session_id)
    if named is None:
        await find_access(services, caller, session_id)
        return Admission(state="in")
    return Admission(state=state_of(services, *named))


@router.post("/api/leave", status_code=204, responses=problems(403))
async def leave_sessions(request: Request, caller: CallerDep, response: Response) -> None:
    """Forget every session this browser joined: its cookies are deleted."""
    caller.require_own_origin()
    for name in request.cookies:
        if name.startswith(COOKIE_PREFIX):
            response.delete_cookie(name, httponly=True, samesite="lax")
