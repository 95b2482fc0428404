"""What the holder of a replay link reads. The link itself is the credential, and opens these three routes alone."""

from typing import Annotated

from fastapi import Path, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from pizarra.access.audit import note
from pizarra.access.dependencies import CallerDep, ReadSession
from pizarra.answers.codes import Code
from pizarra.answers.wire import NO_HEAD
from pizarra.errors import Forbidden
from pizarra.http.paging import Limit
from pizarra.http.router import Router
from pizarra.models import InterviewSession, Language, ReplayLink, SessionStatus
from pizarra.replays import service as replays
from pizarra.replays.parts import ReplayParts, ReplayPartsDep
from pizarra.replays.schemas import ReplayRead
from pizarra.schemas import problems
from pizarra.timeline.private.decisions import blinded
from pizarra.timeline.private.log import list_private
from pizarra.timeline.private.schemas import PrivateEntryRead
from pizarra.timeline.read.answers import answer_entries
from pizarra.timeline.schemas import TimelineEntryRead

router = Router(prefix="/api/replays/{token}", tag="replay")

Token = Annotated[
    str, Path(description="The last part of a replay link.", examples=["0123.0123abcd.xyz"])
]
After = Annotated[
    int, Query(ge=0, le=2**53 - 1, description="Entries beyond this seq.", examples=[0])
]


async def _opened(
    db: AsyncSession, services: ReplayParts, token: str
) -> tuple[ReplayLink, InterviewSession]:
    return await replays.find_link(db, services.signer, token, services.clock())


@router.get("", dependencies=[NO_HEAD], responses=problems(404, 422, 429, 503))
async def read_replay(caller: CallerDep, services: ReplayPartsDep, token: Token) -> ReplayRead:
    """Tell the holder of a replay link what it opens. The audit notes that it was opened."""
    limit = services.settings.replay_opens_per_address
    await services.rates.spend(
        "replay_opens_per_address", caller.neighbourhood, limit=limit, seconds=60
    )
    async with services.database.write() as db:
        link, session = await _opened(db, services, token)
        about = {"actor": caller.label, "address": caller.address, "target": session.public_id}
        note(db, services.clock(), "replay_link.opened", **about, link_id=link.serial)
    return ReplayRead(
        session_id=session.public_id,
        title=session.title,
        language=Language(session.language),
        status=SessionStatus(session.status),
        created_at=session.created_at,
        clock_started_at=session.clock_started_at,
        with_notes=link.with_notes,
        expires_at=link.expires_at,
    )


@router.get("/timeline", response_model=list[TimelineEntryRead], responses=problems(404, 422, 503))
async def read_replay_timeline(
    db: ReadSession, services: ReplayPartsDep, token: Token, after: After = 0, limit: Limit = 100
) -> Response:
    """Read what happened, in order, by a replay link."""
    _, session = await _opened(db, services, token)
    return (await answer_entries(services.database, session.id, after, limit, None)).response


@router.get("/notes", responses=problems(403, 404, 422, 503))
async def read_replay_notes(
    db: ReadSession, services: ReplayPartsDep, token: Token, after: After = 0, limit: Limit = 100
) -> list[PrivateEntryRead]:
    """Read the interviewers' log by a replay link that was made to show it.

    Decisions are in it once everybody who interviewed has decided.
    """
    link, session = await _opened(db, services, token)
    if not link.with_notes:
        raise Forbidden("This link shows no notes.", code=Code.REPLAY_WITHOUT_NOTES)
    return await blinded(db, session, None, await list_private(db, session.id, after, limit))
