"""Branches over HTTP."""

from typing import Annotated

from fastapi import Path

from pizarra.access.dependencies import CallerDep, InList, ReadableSession, ReadSession, SessionId
from pizarra.access.parts import RoomPartsDep
from pizarra.access.session_access import find_hosted, own_participant
from pizarra.branches import service as branches
from pizarra.branches.schemas import BranchCreate, BranchRead
from pizarra.database import reading_in
from pizarra.http.router import Router
from pizarra.models import CandidateKeeps
from pizarra.schemas import located, problems

router = Router(prefix="/api/sessions/{session_id}/branches", tag="timeline")


def _read(branch: branches.Branch) -> BranchRead:
    return BranchRead.model_validate(branch, from_attributes=True)


@router.get("", responses=problems(403, 404, 422, 503))
async def list_branches(access: ReadableSession, db: ReadSession) -> list[BranchRead]:
    """List the lines of work of a session: the main one, then its branches in the order of their opening."""
    access.require(CandidateKeeps.TIMELINE)
    found = await branches.list_branches(reading_in(db), access.session)
    return [_read(branch) for branch in found]


@router.post(
    "",
    status_code=201,
    dependencies=[InList],
    responses={
        **located(201, "/api/sessions/0123456789abcdef0123456789abcdef/branches"),
        **problems(403, 404, 409, 413, 422, 503),
    },
)
async def open_branch(
    caller: CallerDep, services: RoomPartsDep, session_id: SessionId, payload: BranchCreate
) -> BranchRead:
    """Ask a follow-up question: everybody goes on with the code of an instant, and the rest waits."""
    # The document's log is written below, which must not wait for this transaction.
    async with services.database.write() as db:
        access = await find_hosted(db, services, caller, session_id)
        by = (await own_participant(db, access, services.clock())).id
    return _read(await branches.open_branch(services, access.session, by, payload.name, payload.at))


@router.post("/{branch_id}/resume", responses=problems(403, 404, 409, 422, 503))
async def resume_branch(
    caller: CallerDep,
    services: RoomPartsDep,
    session_id: SessionId,
    branch_id: Annotated[
        int,
        Path(ge=0, le=2**53 - 1, description="The branch's id; 0 is the main line.", examples=[0]),
    ],
) -> BranchRead:
    """Go back to a branch, or to the main line: its code is there as it was when it was left."""
    async with services.database.write() as db:
        access = await find_hosted(db, services, caller, session_id)
        by = (await own_participant(db, access, services.clock())).id
    return _read(await branches.resume_branch(services, access.session, by, branch_id))
