"""Runs and languages over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from pizarra.errors import Conflict, Forbidden
from pizarra.models import CandidateKeeps, Language, RunStatus
from pizarra.participants.access import CallerDep, ReadableSession, ReadSession, ServicesDep, SessionId, find_access
from pizarra.runs.planning import plan_run
from pizarra.runs.schemas import LanguageRead, RunCreate, RunRead, StdinWrite
from pizarra.runs.service import find_run, read_run
from pizarra.sandbox.languages import languages
from pizarra.schemas import problems

router = APIRouter(tags=["runs"])

_STOP_SECONDS = 5

RunId = Annotated[str, Path(description="The run's `run_id`.", examples=["0f1e2d3c4b5a69788796a5b4c3d2e1f0"])]


@router.get("/api/languages", responses=problems(422))
async def list_languages(services: ServicesDep) -> list[LanguageRead]:
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
                reason=state.reason if state else "The runner is starting.",
            )
        )
    return answer


@router.post("/api/sessions/{session_id}/runs", status_code=202, responses=problems(403, 404, 409, 413, 422, 429, 503))
async def start_run(
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    session_id: SessionId,
    payload: RunCreate | None = None,
    wait: Annotated[bool, Query(description="Answer when the run has ended.", examples=[True])] = False,
) -> RunRead:
    """Run the session's program. With `wait=true` the answer comes when it has ended.

    With `at` the code of an earlier instant runs, also in a session that has ended: for you alone, and it is not
    recorded.
    """
    wanted = payload or RunCreate()
    if wait and wanted.terminal is not None:
        raise Conflict("On a terminal somebody must be there to type: leave `terminal` out, or do not wait.")
    async with services.database.read() as db:
        access = await find_access(services, caller, session_id)
        plan = await plan_run(db, services, access, wanted, wait=wait)
    if wanted.at is not None:
        who, address = access.label(caller), caller.address
        run_id = services.reruns.start(plan, who, address)
        if wait:
            await services.reruns.wait(run_id, services.settings.run_wait_seconds)
        return services.reruns.require(run_id, access.session.id, who)
    run = await services.runs.start(
        plan,
        access.participant.public_id if access.participant else None,
        request.client.host if request.client else "",
        replace=wanted.if_running == "replace",
    )
    if wait:
        await services.runs.wait(run.public_id, services.settings.run_wait_seconds)
    async with services.database.read() as db:
        return await read_run(db, access.session, run.public_id)


@router.get("/api/sessions/{session_id}/runs/{run_id}", responses=problems(403, 404, 422, 503))
async def read_run_result(
    access: ReadableSession, db: ReadSession, services: ServicesDep, caller: CallerDep, run_id: RunId
) -> RunRead:
    """Read a run: its status, and its output so far."""
    access.require(CandidateKeeps.TIMELINE)
    if (rerun := services.reruns.read(run_id, access.session.id, access.label(caller))) is not None:
        return rerun
    return await read_run(db, access.session, run_id)


@router.post(
    "/api/sessions/{session_id}/runs/{run_id}/stdin",
    status_code=204,
    responses=problems(403, 404, 409, 413, 422, 503),
)
async def write_stdin(
    access: ReadableSession, db: ReadSession, services: ServicesDep, run_id: RunId, payload: StdinWrite
) -> Response:
    """Give a running program more input."""
    if not access.role.may_edit:
        raise Forbidden("Observers can watch, not type into programs.")
    run, _ = await find_run(db, access.session, run_id)
    if RunStatus(run.status).is_final or not services.runs.is_live(run_id, access.session.id):
        raise Conflict("The run has ended.")
    participant = access.participant.id if access.participant else None
    await services.runs.write_stdin(run_id, payload.text, participant, eof=payload.eof)
    return Response(status_code=204)


@router.post("/api/sessions/{session_id}/runs/{run_id}/stop", status_code=202, responses=problems(403, 404, 422, 503))
async def stop_run(services: ServicesDep, caller: CallerDep, session_id: SessionId, run_id: RunId) -> RunRead:
    """Stop a run. Stopping one that has ended changes nothing."""
    async with services.database.read() as db:
        access = await find_access(services, caller, session_id)
        if not access.role.may_edit:
            raise Forbidden("Observers can watch, not stop programs.")
        if (rerun := services.reruns.read(run_id, access.session.id, access.label(caller))) is not None:
            await services.reruns.stop(run_id)
            return rerun
        run, _ = await find_run(db, access.session, run_id)
    if not RunStatus(run.status).is_final:
        await services.runs.stop_run(run_id)
        await services.runs.wait(run_id, _STOP_SECONDS)
    async with services.database.read() as db:
        return await read_run(db, access.session, run_id)
