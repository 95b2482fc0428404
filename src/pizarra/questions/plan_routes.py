"""Plans over HTTP: which questions an interview goes through. Nothing here is for candidates or observers."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from pizarra.access.dependencies import Interviewer, PrivateSession, ReadSession, WriteSession
from pizarra.answers.wire import compressed
from pizarra.http.etags import IF_MATCH, require_unchanged, tagged, version_of
from pizarra.http.idempotency import IDEMPOTENCY_KEY
from pizarra.http.paging import Limit, Skip, paged, tell_pages
from pizarra.http.router import Router
from pizarra.models import Plan
from pizarra.problems.finding import library_of, own_library
from pizarra.problems.plans import find_plan
from pizarra.questions import plans
from pizarra.questions.parts import QuestionPartsDep
from pizarra.questions.plan_schemas import PlanCreate, PlanRead, PlanUpdate, SessionPlanRead
from pizarra.schemas import StorableText, located, problems

router = Router(tag="questions")

_ID = "00112233445566778899aabbccddeeff"

PlanId = Annotated[str, Path(description="The plan's `plan_id`.", examples=[_ID])]


def _tag_of(plan: Plan) -> str:
    return version_of(plan.public_id, plan.updated_at)


@router.get(
    "/api/plans",
    responses={**paged("/api/plans?skip=100&limit=100"), **problems(401, 403, 422, 503)},
)
@compressed
async def list_plans(
    request: Request,
    response: Response,
    caller: Interviewer,
    db: ReadSession,
    q: Annotated[
        StorableText | None,
        Query(
            description="Only those whose title has all these words in it.",
            max_length=200,
            examples=["backend"],
        ),
    ] = None,
    skip: Skip = 0,
    limit: Limit = 100,
) -> list[PlanRead]:
    """List the plans of your team, the one that was changed last first; administrators see all."""
    found = await plans.list_plans(db, own_library(caller), q, skip, limit)
    total = skip + len(found)
    if len(found) == limit or (skip and not found):
        total = await plans.count_plans(db, own_library(caller), q)
    tell_pages(request, response, skip=skip, limit=limit, total=total)
    return found


@router.post(
    "/api/plans",
    status_code=201,
    responses={
        **tagged(201, located(201, f"/api/plans/{_ID}")),
        **problems(401, 403, 404, 409, 413, 422, 503, 507),
    },
    openapi_extra=IDEMPOTENCY_KEY,
)
async def create_plan(
    request: Request,
    response: Response,
    caller: Interviewer,
    services: QuestionPartsDep,
    payload: PlanCreate,
) -> PlanRead:
    """Add a plan to your team's library: questions of it in their order, with minutes and a rubric for all of them."""
    writer, settings, now = (
        plans.Writer(caller.account, own_library(caller)),
        services.settings,
        services.clock(),
    )

    async def make() -> str:
        services.disk.require()
        async with services.database.write() as db:
            return (await plans.create_plan(db, writer, payload, settings, now)).public_id

    plan_id = await services.idempotency.once(request, f"plan {caller.label}", payload, make)
    async with services.database.read() as db:
        plan = await find_plan(db, library_of(caller), plan_id)
        response.headers["Location"] = f"/api/plans/{plan.public_id}"
        response.headers["ETag"] = _tag_of(plan)
        return await plans.read_plan(db, plan)


@router.get("/api/plans/{plan_id}", responses={**tagged(200), **problems(401, 403, 404, 422, 503)})
async def read_plan(
    response: Response, caller: Interviewer, db: ReadSession, plan_id: PlanId
) -> PlanRead:
    """Read a plan."""
    plan = await find_plan(db, library_of(caller), plan_id)
    response.headers["ETag"] = _tag_of(plan)
    return await plans.read_plan(db, plan)


@router.patch(
    "/api/plans/{plan_id}",
    responses={**tagged(200), **problems(401, 403, 404, 412, 413, 422, 503, 507)},
    openapi_extra=IF_MATCH,
)
async def update_plan(
    request: Request,
    response: Response,
    caller: Interviewer,
    db: WriteSession,
    services: QuestionPartsDep,
    plan_id: PlanId,
    payload: PlanUpdate,
) -> PlanRead:
    """Change a plan. Sessions keep what they were planned with."""
    services.disk.require()
    plan = await find_plan(db, library_of(caller), plan_id, lock=True)
    require_unchanged(request, _tag_of(plan))
    await plans.change_plan(
        db, own_library(caller), plan, payload, services.settings, services.clock()
    )
    response.headers["ETag"] = _tag_of(plan)
    return await plans.read_plan(db, plan)


@router.delete("/api/plans/{plan_id}", status_code=204, responses=problems(401, 403, 404, 422, 503))
async def delete_plan(caller: Interviewer, db: WriteSession, plan_id: PlanId) -> Response:
    """Delete a plan. Its questions stay, and sessions keep what they were planned with."""
    await plans.remove_plan(db, await find_plan(db, library_of(caller), plan_id, lock=True))
    return Response(status_code=204)


@router.get("/api/sessions/{session_id}/plan", responses=problems(403, 404, 422, 503))
async def read_session_plan(access: PrivateSession, db: ReadSession) -> SessionPlanRead:
    """Read what the session was planned with, and how far it is. Give it the next with `PUT …/problem`."""
    return await plans.read_session_plan(db, access.session.id)
