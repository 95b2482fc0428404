"""The list of sessions over HTTP."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic_core import to_json
from starlette.responses import StreamingResponse

from pizarra.access.dependencies import Interviewer
from pizarra.access.identity import Actor
from pizarra.access.session_access import role_of
from pizarra.database import Database
from pizarra.http.fast_path import fast
from pizarra.http.paging import Limit, Skip, paged, tell_pages
from pizarra.http.router import Router
from pizarra.kit.pauses import Pauses
from pizarra.models import AccountRole, Role, SessionStatus
from pizarra.schemas import StorableText, problems
from pizarra.sessions import listing
from pizarra.sessions.activity import read_activity
from pizarra.sessions.agenda import read_agenda
from pizarra.sessions.parts import parts_of
from pizarra.sessions.schemas import SessionListed, StartsAt
from pizarra.sessions.showing import Showing
from pizarra.storage.prepared import Lazy

router = Router(prefix="/api/sessions", tag="sessions")


@router.get(
    "",
    response_model=list[SessionListed],
    responses={**paged("/api/sessions?skip=100&limit=100"), **problems(401, 403, 422, 503)},
)
@fast
async def list_sessions(
    request: Request,
    caller: Interviewer,
    skip: Skip = 0,
    limit: Limit = 100,
    q: Annotated[
        StorableText | None,
        Query(
            description="Only those whose title or candidate's name has this in it.",
            max_length=200,
            examples=["two sum"],
        ),
    ] = None,
    status: Annotated[
        SessionStatus | None, Query(description="Only these.", examples=["open"])
    ] = None,
    activity: Annotated[
        bool, Query(description="Whether to tell how busy each was.", examples=[True])
    ] = False,
    agenda: Annotated[
        bool, Query(description="Whether to tell who interviews whom.", examples=[True])
    ] = False,
    planned_from: Annotated[
        StartsAt | None,
        Query(
            description="Only those planned for then or later, the soonest first.",
            examples=["2026-11-22T00:00:00Z"],
        ),
    ] = None,
    include: Annotated[
        Literal["initial_code"] | None,
        Query(
            description="What else to tell of each: the code it started with.",
            examples=["initial_code"],
        ),
    ] = None,
) -> Response:
    """List sessions: the owner's, or those of your team; administrators see all.

    Newest first; with `planned_from` the soonest first.
    """
    services, account = parts_of(request), caller.account
    team = None if account is None or account.role is AccountRole.ADMIN else account.team_id
    wanted = listing.Wanted(team, q, status, planned_from)
    found = await listing.list_sessions(services.database, skip, limit, wanted)
    count = len(found.rows)
    total = skip + count
    if count == limit or (skip and not count):
        total = await listing.count_sessions(services.database, wanted)
    showing = Showing(request, services)
    await showing.look([row.id for row in found.rows])
    shown = _Shown(showing, found, account)
    if include is not None or activity or agenda:
        told = await shown.fields(services.database, activity=activity, agenda=agenda)
        answer = (
            Response(to_json(list(told.values())))
            if include is None
            else StreamingResponse(_with_code(services.database, told))
        )
    else:
        answer = Response(await shown.as_json())
    answer.headers["Content-Type"] = "application/json"
    tell_pages(request, answer, skip=skip, limit=limit, total=total)
    return answer


class _Shown:
    """The sessions of a list that somebody may see, as they may see them."""

    def __init__(self, showing: Showing, found: Lazy, account: Actor | None) -> None:
        self._showing = showing
        self._found = found
        self._account = account

    def _role(self, row: Any) -> Role | None:
        return Role.HOST if self._account is None else role_of(self._account, row)

    async def as_json(self) -> bytes:
        """Return them as a JSON array."""
        pauses, pieces, showing = Pauses(), [], self._showing
        for row in self._found.rows:
            await pauses.if_due()
            role = self._role(row)
            if role is None:
                continue
            room = showing.room(row)
            pieces.append(
                showing.listed(self._found, row, role)
                if showing.is_empty(row, room)
                else to_json(showing.listed_fields(self._found.meant(row), role, room))
            )
        return b"[" + b",".join(pieces) + b"]"

    async def fields(
        self, database: Database, *, activity: bool, agenda: bool
    ) -> dict[int, dict[str, Any]]:
        """Return what `SessionListed` has of each, by its key, with how busy it was and who interviews whom."""
        keys, pauses = [row.id for row in self._found.rows], Pauses()
        bars = await read_activity(database, keys) if activity else {}
        agendas = await read_agenda(database, keys, self._account) if agenda else {}
        told = {}
        for row in self._found.rows:
            await pauses.if_due()
            role = self._role(row)
            if role is not None:
                session, room = self._found.meant(row), self._showing.room(row)
                told[row.id] = self._showing.listed_fields(session, role, room)
                told[row.id]["activity"] = bars.get(row.id)
                told[row.id]["agenda"] = agendas.get(row.id)
        return told


async def _with_code(
    database: Database, listed: Mapping[int, dict[str, Any]]
) -> AsyncIterator[bytes]:
    """Yield a list piece by piece: a hundred long programs in one would hold up whoever types."""
    yield b"["
    for place, (key, each) in enumerate(listed.items()):
        code = await listing.read_initial_code(database, key)
        shown = SessionListed.model_validate({**each, "initial_code": code})
        yield b"," * bool(place) + shown.model_dump_json().encode()
    yield b"]"
