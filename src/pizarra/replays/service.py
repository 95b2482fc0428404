"""Making, finding and revoking links to a replay. What is inside a token is signed; services flush, never commit."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pizarra.answers.codes import Code
from pizarra.errors import Conflict, NotFound
from pizarra.kit.tokens import TokenSigner
from pizarra.models import InterviewSession, ReplayLink, SessionView

_PURPOSE = "replay"  # a token of this kind passes as no other


def sign_link(signer: TokenSigner, session: SessionView, link: ReplayLink) -> str:
    """Return the token of a link."""
    return signer.sign(_PURPOSE, f"{session.public_id}.{link.serial}")


async def create_link(
    db: AsyncSession,
    session: SessionView,
    now: datetime,
    *,
    days: int,
    with_notes: bool,
    most: int,
) -> ReplayLink:
    """Make a link to a session's replay.

    Raises:
        Conflict: the session has as many as it can have.
    """
    if len(await list_links(db, session, now)) >= most:
        raise Conflict(
            f"This session has {most} links to its replay, which is all it can have. Revoke one first.",
            bound="max_replay_links",
            code=Code.TOO_MANY_LINKS,
        )
    link = ReplayLink(
        session_id=session.id,
        serial=secrets.token_hex(4),
        generation=session.invitation_generation,
        with_notes=with_notes,
        created_at=now,
        expires_at=(now + timedelta(days=days)).replace(microsecond=0),
        revoked_at=None,
    )
    db.add(link)
    await db.flush()
    return link


async def list_links(db: AsyncSession, session: SessionView, now: datetime) -> Sequence[ReplayLink]:
    """Return the links that open the replay now."""
    query = select(ReplayLink).where(
        ReplayLink.session_id == session.id,
        ReplayLink.generation == session.invitation_generation,
        ReplayLink.revoked_at.is_(None),
        ReplayLink.expires_at > now,
    )
    return (await db.scalars(query.order_by(ReplayLink.id))).all()


async def revoke_link(db: AsyncSession, session: SessionView, serial: str, now: datetime) -> None:
    """Make a link open nothing any more.

    Raises:
        NotFound: there is none.
    """
    link = next(
        (each for each in await list_links(db, session, now) if each.serial == serial), None
    )
    if link is None:
        raise NotFound(f"Link {serial} not found", code=Code.LINK_NOT_FOUND)
    link.revoked_at = now
    await db.flush()


async def find_link(
    db: AsyncSession, signer: TokenSigner, token: str, now: datetime
) -> tuple[ReplayLink, InterviewSession]:
    """Return a link and the session whose replay it opens.

    Raises:
        NotFound: it is forged, expired or revoked, or its session is gone; they look alike.
    """
    payload = signer.verify(_PURPOSE, token)
    if payload is not None:
        session_id, _, serial = payload.partition(".")
        row = await db.execute(
            select(ReplayLink, InterviewSession)
            .join(InterviewSession, InterviewSession.id == ReplayLink.session_id)
            .where(
                InterviewSession.public_id == session_id,
                ReplayLink.serial == serial,
                ReplayLink.generation == InterviewSession.invitation_generation,
                ReplayLink.revoked_at.is_(None),
                ReplayLink.expires_at > now,
            )
        )
        if (found := row.one_or_none()) is not None:
            return found[0], found[1]
    raise NotFound(
        "This link does not open a replay (any more). Ask for a new one.",
        code=Code.REPLAY_NOT_FOUND,
    )
