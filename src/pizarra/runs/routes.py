"""Runs and languages over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from pizarra.access.dependencies import CallerDep, ReadableSession, ReadSession, SessionId
from pizarra.access.requirements import require_part
from pizarra.access.session_access import find_access
from pizarra.answers.codes import Code
from pizarra.answers.wire import compressed
from pizarra.errors import Conflict, NotFound
from pizarra.execution import records as runs
from pizarra.execution.records import find_run, read_run
from pizarra.execution.schemas import LanguageRead, RunCreate, RunListed, RunRead, StdinWrite
from pizarra.http import events
from pizarra.http.idempotency import IDEMPOTENCY_KEY
from pizarra.http.paging import Limit, Skip, paged, tell_pages
from pizarra.http.router import Router
from pizarra.models import CandidateKeeps, Language, RunStatus
from pizarra.runs.parts import RunPartsDep
from pizarra.runs.planning import plan_run
from pizarra.sandbox.languages import languages
from pizarra.schemas import located, problems

router = Router(tag="runs")

_STOP_SECONDS = 5
_ID = "0123456789abcdef0123456789abcdef"
_RUN = f"/api/sessions/{_ID}/runs/0f1e2d3c4b5a69788796a5b4c3d2e1f0"

RunId = Annotated[
    str, Path(description="The run's `run_id`.", examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
]


@router.get("/api/languages", responses=problems(422))
@compressed
async def list_languages(services: RunPartsDep) -> list[LanguageRead]:
    """List the languages, and which of them this machine runs."""
    capabilities = services.runner.capabilities
    answer = []
    for spec in languages().values():
        state = capabilities.languages.get(spec.id) if capabilities else None
        answer.append(
            LanguageRead(
                id=Language(spec.id),
                name=spec.name,
                main=spec.main,
                template=spec.starter,
                runnable=state is not None and state.available,
                starting=state is None or state.starting,
                version=state.version if state else None,
                language_server=state.language_server if state else None,
                libraries=state.libraries if state else [],
                reason=state.reason if state else "The runner is starting.",
            )
        )
    return answer


@router.post(
    "/api/sessions/{session_id}/runs",
    status_code=202,
    responses={
        200: {"model": RunRead, "description": "It has ended.", **located(200, _RUN)[200]},
        **located(202, _RUN),
        **problems(403, 404, 409, 413, 422, 429, 503, 507),
    },
    openapi_extra=IDEMPOTENCY_KEY,
)
async def start_run(
    request: Request,
    response: Response,
    services: RunPartsDep,
    caller: CallerDep,
    session_id: SessionId,
    payload: RunCreate | None = None,
    wait: Annotated[
        bool, Query(description="Answer when the run has ended.", examples=[True])
    ] = False,
) -> RunRead:
    """Run the session's program. With `wait=true` the answer comes when it has ended: 200, or 202 if it goes on.

    With `at` the code of an earlier instant runs, also in a session that has ended: for you alone, and it is not
    recorded.
    """
    wanted = payload or RunCreate()
    if wait and wanted.terminal is not None:
        raise Conflict(
            "On a terminal somebody must be there to type: leave `terminal` out, or do not wait.",
            code=Code.TERMINAL_NOT_POSSIBLE,
        )
    access = await find_access(services, caller, session_id)
    who = access.label(caller)

    async def begin() -> str:
        async with services.database.read() as db:
            plan = await plan_run(db, services, access, wanted, wait=wait)
        about = {
            "session": session_id,
            "language": plan.language,
            "by": who,
            "address": caller.address,
        }
        if wanted.at is not None:
            run_id = services.reruns.start(plan, who, caller.neighbourhood)
        else:
            by = access.participant.public_id if access.participant else None
            replace = wanted.if_running == "replace"
            run_id = (
                await services.runs.start(plan, by, caller.neighbourhood, replace=replace)
            ).public_id
        events.tell("run.started", run=run_id, **about)
        return run_id

    def is_there(run_id: str) -> bool:
        return wanted.at is None or services.reruns.knows(run_id)

    about = f"run {session_id} {who}"
    run_id = await services.idempotency.once(request, about, wanted, begin, is_there=is_there)
    if wanted.at is not None:
        if wait:
            await services.runs.wait_for(
                services.reruns.ended(run_id), services.settings.run_wait_seconds
            )
        return _told(response, services.reruns.require(run_id, access.session.id, who))
    if wait:
        await services.runs.wait(run_id, services.settings.run_wait_seconds)
        access = await find_access(services, caller, session_id)  # it may have ended meanwhile
        access.require(CandidateKeeps.TIMELINE)
    async with services.database.read() as db:
        return _told(response, await read_run(db, access.session, run_id))


def _told(response: Response, run: RunRead) -> RunRead:
    response.headers["Location"] = f"/api/sessions/{run.session_id}/runs/{run.run_id}"
    if run.status.is_final:
        response.status_code = 200
    return run


@router.get(
    "/api/sessions/{session_id}/runs",
    responses={
        **paged(f"/api/sessions/{_ID}/runs?skip=100&limit=100"),
        **problems(403, 404, 422, 503),
    },
)
@compressed
async def list_runs(
    request: Request,
    response: Response,
    access: ReadableSession,
    db: ReadSession,
    skip: Skip = 0,
    limit: Limit = 100,
) -> list[RunListed]:
    """List the runs of a session, newest last, without what they printed."""
    access.require(CandidateKeeps.TIMELINE)
    found = await runs.list_runs(db, access.session, skip, limit)
    total = skip + len(found)
    if len(found) == limit or (skip and not found):
        total = await runs.count_runs(db, access.session)
    tell_pages(request, response, skip=skip, limit=limit, total=total)
    return found


@router.get("/api/sessions/{session_id}/runs/{run_id}", responses=problems(403, 404, 422, 503))
@compressed
async def read_run_result(
    access: ReadableSession,
    services: RunPartsDep,
    caller: CallerDep,
    run_id: RunId,
) -> RunRead:
    """Read a run: its status, and its output so far."""
    access.require(CandidateKeeps.TIMELINE)
    place = (run_id, access.session.id, access.label(caller))
    if (rerun := services.reruns.read(*place)) is not None:
        return rerun
    try:
        async with services.database.read() as db:
            return await read_run(db, access.session, run_id)
    except NotFound:
        if (rerun := await services.reruns_elsewhere.read(*place)) is None:
            raise
        return rerun


@router.post(
    "/api/sessions/{session_id}/runs/{run_id}/stdin",
    status_code=204,
    responses=problems(403, 404, 409, 413, 422, 503),
)
async def write_stdin(
    access: ReadableSession,
    db: ReadSession,
    services: RunPartsDep,
    run_id: RunId,
    payload: StdinWrite,
) -> Response:
    """Give a running program more input."""
    require_part(access.role, "type into programs")
    run, _ = await find_run(db, access.session, run_id)
    if RunStatus(run.status).is_final or not services.runs.takes_input(run):
        raise Conflict("The run has ended.", code=Code.RUN_ENDED)
    participant = access.participant.id if access.participant else None
    await services.runs.write_stdin(
        run_id, access.session.id, payload.text, participant, eof=payload.eof
    )
    return Response(status_code=204)


@router.post(
    "/api/sessions/{session_id}/runs/{run_id}/stop",
    status_code=202,
    responses={**located(202, _RUN), **problems(403, 404, 422, 503)},
)
async def stop_run(
    response: Response,
    services: RunPartsDep,
    caller: CallerDep,
    session_id: SessionId,
    run_id: RunId,
) -> RunRead:
    """Stop a run. Stopping one that has ended changes nothing."""
    async with services.database.read() as db:
        access = await find_access(services, caller, session_id)
        require_part(access.role, "stop programs")
        access.require(CandidateKeeps.TIMELINE)
        address = f"/api/sessions/{session_id}/runs/{run_id}"
        place = (run_id, access.session.id, access.label(caller))
        if (rerun := services.reruns.read(*place)) is not None:
            await services.reruns.stop(run_id)
            response.headers["Location"] = address
            return rerun
        try:
            run, _ = await find_run(db, access.session, run_id)
        except NotFound as error:
            missing: NotFound | None = error
        else:
            missing = None
    if missing is not None:
        if (rerun := await services.reruns_elsewhere.read(*place, stop=True)) is None:
            raise missing
        response.headers["Location"] = address
        return rerun
    response.headers["Location"] = address  # a header holds no text that is no run's id
    if not RunStatus(run.status).is_final:
        await services.runs.stop_run(run_id, run.node)
        await services.runs.wait(run_id, _STOP_SECONDS)
    async with services.database.read() as db:
        return await read_run(db, access.session, run_id)
