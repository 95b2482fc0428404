"""Links to a session's replay, as its interviewers look after them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Request, Response

from pizarra.access.audit import Action, note
from pizarra.access.credentials import Caller
from pizarra.access.dependencies import CallerDep, HostedSession, InList, WriteSession
from pizarra.access.session_access import Access
from pizarra.answers.codes import Code
from pizarra.errors import InvalidInput
from pizarra.http.addresses import replay_url
from pizarra.http.router import Router
from pizarra.kit.tokens import TokenSigner
from pizarra.models import ReplayLink, SessionView
from pizarra.replays import service as replays
from pizarra.replays.parts import ReplayPartsDep
from pizarra.replays.schemas import ReplayLinkCreate, ReplayLinkRead
from pizarra.schemas import located, problems

router = Router(prefix="/api/sessions/{session_id}/replay-links", tag="replay")

LinkId = Annotated[
    str, Path(description="The link's `link_id`.", examples=["0123abcd"], max_length=64)
]


def _to_read(
    request: Request, signer: TokenSigner, session: SessionView, link: ReplayLink
) -> ReplayLinkRead:
    return ReplayLinkRead(
        link_id=link.serial,
        url=replay_url(request, replays.sign_link(signer, session, link)),
        with_notes=link.with_notes,
        created_at=link.created_at,
        expires_at=link.expires_at,
    )


def _note(
    db: WriteSession,
    now: datetime,
    caller: Caller,
    access: Access,
    action: Action,
    **data: Any,
) -> None:
    about = {
        "actor": access.label(caller),
        "address": caller.address,
        "target": access.session.public_id,
    }
    note(db, now, action, **about, **data)


@router.post(
    "",
    status_code=201,
    dependencies=[InList],
    responses={
        **located(201, "/api/sessions/0123456789abcdef0123456789abcdef/replay-links"),
        **problems(401, 403, 404, 409, 413, 422, 503),
    },
)
async def create_replay_link(
    request: Request,
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ReplayPartsDep,
    payload: ReplayLinkCreate,
) -> ReplayLinkRead:
    """Make a link for somebody who was not there: it opens the replay, read-only, and nothing else.

    It shows neither notes nor scores nor tests unless `with_notes`. It works until it expires, is revoked, or all links
    of the session are replaced.
    """
    settings, now = services.settings, services.clock()
    days = settings.replay_link_days if payload.days is None else payload.days
    if days > settings.max_replay_link_days:
        raise InvalidInput(
            f"days: must be at most {settings.max_replay_link_days}",
            bound="max_replay_link_days",
            code=Code.BEYOND_SETTING,
        )
    most = settings.max_replay_links
    link = await replays.create_link(
        db, access.session, now, days=days, with_notes=payload.with_notes, most=most
    )
    _note(
        db,
        now,
        caller,
        access,
        "replay_link.created",
        link_id=link.serial,
        with_notes=link.with_notes,
    )
    return _to_read(request, services.signer, access.session, link)


@router.get("", responses=problems(401, 403, 404, 422, 503))
async def list_replay_links(
    request: Request, access: HostedSession, db: WriteSession, services: ReplayPartsDep
) -> list[ReplayLinkRead]:
    """List the links that open the session's replay now."""
    found = await replays.list_links(db, access.session, services.clock())
    return [_to_read(request, services.signer, access.session, link) for link in found]


@router.delete("/{link_id}", status_code=204, responses=problems(401, 403, 404, 422, 503))
async def revoke_replay_link(
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ReplayPartsDep,
    link_id: LinkId,
) -> Response:
    """Make a link open nothing any more, at once."""
    now = services.clock()
    await replays.revoke_link(db, access.session, link_id, now)
    _note(db, now, caller, access, "replay_link.revoked", link_id=link_id)
    return Response(status_code=204)
