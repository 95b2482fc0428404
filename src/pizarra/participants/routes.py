"""Invitations and joining over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from pizarra.addresses import invitation_url, socket_url
from pizarra.errors import Conflict, NotFound
from pizarra.models import Role, SessionStatus
from pizarra.participants.access import HostedSession, ReadSession, ServicesDep, WriteSession
from pizarra.participants.schemas import InvitationPreview, InviteCreate, InviteRead, JoinCreate, JoinRead
from pizarra.participants.service import RECORDED, add_participant, find_invited
from pizarra.participants.tokens import invitation_from, read_invitation, sign_access, sign_invitation
from pizarra.participants.trust import COOKIE_PREFIX, cookie_name
from pizarra.schemas import problems

router = APIRouter(tags=["people"])

_COOKIE_SECONDS = 30 * 24 * 3600


@router.post("/api/sessions/{session_id}/invites", status_code=201, responses=problems(401, 403, 404, 413, 422, 503))
async def create_invite(
    request: Request, access: HostedSession, services: ServicesDep, payload: InviteCreate
) -> InviteRead:
    """Make an invitation for a role. It expires after `PIZARRA_INVITATION_DAYS`."""
    days = services.settings.invitation_days
    invitation = invitation_from(access.session, Role(payload.role.value), services.clock(), days)
    token = sign_invitation(services.signer, invitation)
    return InviteRead(
        url=invitation_url(request, token),
        token=token,
        role=invitation.role,
        expires_at=invitation.expires_at,
    )


@router.get("/api/invitations/{token}", responses=problems(404, 422, 503))
async def read_invitation_preview(
    db: ReadSession,
    services: ServicesDep,
    token: Annotated[str, Path(description="The last part of an invitation's link.", examples=["0123.c.0.179.abc"])],
) -> InvitationPreview:
    """Tell the holder of a link what it opens and what is recorded there."""
    invitation = read_invitation(services.signer, token)
    session = await find_invited(db, invitation, services.clock())
    if invitation is None:
        raise NotFound("This invitation does not open anything.")
    return InvitationPreview(title=session.title, role=invitation.role, status=session.status, recorded=RECORDED)


@router.post("/api/join", responses=problems(404, 409, 413, 422, 503))
async def join_session(
    request: Request, response: Response, db: WriteSession, services: ServicesDep, payload: JoinCreate
) -> JoinRead:
    """Come in with an invitation. The answer carries a credential, in its body and as a cookie."""
    invitation = read_invitation(services.signer, payload.token)
    session = await find_invited(db, invitation, services.clock())
    if invitation is None:
        raise NotFound("This invitation does not open anything.")
    if session.status == SessionStatus.ENDED:
        raise Conflict("The session has ended. Ask the interviewer to reopen it.")
    participant = await add_participant(db, session, payload.name, invitation.role, services.clock())
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
        role=invitation.role,
        session_id=session.public_id,
        room_id=session.room_id,
        ws_url=socket_url(request, session.room_id),
        access_token=token,
    )


@router.post("/api/leave", status_code=204)
async def leave_sessions(request: Request, response: Response) -> None:
    """Forget every session this browser joined: its cookies are deleted."""
    for name in request.cookies:
        if name.startswith(COOKIE_PREFIX):
            response.delete_cookie(name, httponly=True, samesite="lax")
