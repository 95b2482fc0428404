"""Who holds a link: what it opens, and what they get who come in by it."""

from datetime import datetime

from fastapi import Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.access.credentials import cookie_name
from pizarra.access.schemas import JoinRead
from pizarra.access.tokens import (
    Invitation,
    read_invitation,
    sign_access,
)
from pizarra.answers.codes import Code
from pizarra.errors import NotFound
from pizarra.http.addresses import socket_url
from pizarra.kit.tokens import TokenSigner
from pizarra.models import (
    InterviewSession,
    ParticipantView,
    Role,
    SessionView,
)


async def find_invited(
    db: AsyncSession, invitation: Invitation | None, now: datetime
) -> InterviewSession:
    """Return the session an invitation opens.

    Raises:
        NotFound: the link is forged, expired, revoked, or its session is gone; they look alike.
    """
    if invitation is not None and invitation.expires_at > now:
        row = await db.execute(
            select(InterviewSession).where(
                InterviewSession.public_id == invitation.session_id,
                InterviewSession.invitation_generation == invitation.generation,
            )
        )
        session = row.scalar_one_or_none()
        if session is not None:
            return session
    raise NotFound(
        "This invitation does not open anything (any more). Ask for a new link.",
        code=Code.INVITATION_NOT_FOUND,
    )


_COOKIE_SECONDS = 30 * 24 * 3600


async def opened(
    db: AsyncSession, signer: TokenSigner, now: datetime, token: str
) -> tuple[Invitation, InterviewSession]:
    """Return an invitation and the session it opens.

    Raises:
        NotFound: it opens nothing.
    """
    invitation = read_invitation(signer, token)
    session = await find_invited(db, invitation, now)
    if invitation is None:
        raise NotFound("This invitation does not open anything.", code=Code.INVITATION_NOT_FOUND)
    return invitation, session


def answer_joined(
    request: Request,
    response: Response,
    signer: TokenSigner,
    session: SessionView,
    participant: ParticipantView,
) -> JoinRead:
    """Return what somebody needs who is in, or waits; the credential goes into a cookie too."""
    token = sign_access(signer, participant.public_id, session.public_id)
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
