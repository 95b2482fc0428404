"""Health and metrics."""

from typing import Literal

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from pizarra.access.dependencies import CallerDep
from pizarra.access.disk import FULL
from pizarra.answers.codes import Code
from pizarra.errors import Unauthorized
from pizarra.health.figures import read_all_figures
from pizarra.health.parts import HealthParts, HealthPartsDep
from pizarra.http.router import Router
from pizarra.kit.text import counted
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.schemas import ResponseModel, problems

router = Router(tag="operations")


class Health(ResponseModel):
    """The process answers."""

    status: Literal["ok"] = Field(description="Always `ok`.", examples=["ok"])


class ComponentState(ResponseModel):
    """One thing the server relies on."""

    ok: bool = Field(description="Whether it works.", examples=[True])
    detail: str = Field(
        description="What was found, and what to do if it does not work.", examples=["tier A"]
    )


class Readiness(ResponseModel):
    """Whether the server can do its work."""

    status: Literal["ready", "degraded"] = Field(
        description="`degraded`: people can write, but programs cannot be run, the disk is full, or a web process is "
        "missing.",
        examples=["ready"],
    )
    database: ComponentState = Field(description="The database.")
    disk: ComponentState = Field(description="Room on the embedded database's disk.")
    runner: ComponentState = Field(
        description="What runs programs: the sandbox's tier, or why there is none."
    )
    processes: ComponentState = Field(
        description="Web processes behind this port: how many of them serve.",
        examples=[{"ok": True, "detail": "2 of 2 serve"}],
    )


@router.get("/health")
async def read_health() -> Health:
    """Tell that the process answers."""
    return Health(status="ok")


@router.get("/health/ready", responses=problems(503))
async def read_readiness(services: HealthPartsDep) -> Readiness:
    """Tell whether the database takes what is written, with our tables and room for more, and whether programs run."""
    await services.readiness.require()
    kind = "SQLite" if services.database.is_sqlite else "PostgreSQL"
    if services.settings.redis_url is not None and not services.bus.is_open:
        kind += "; Valkey/Redis does not answer: other processes see edits up to a second later"
    runner = _runner(services.runner, waits_for_workers=services.settings.runner == "workers")
    # how much there is, is nobody's business here: /metrics and `pizarra doctor` say it
    ok = not services.disk.is_full
    detail = "there is room" if ok else f"{FULL}: no session or import begins."
    processes = _processes(services)
    return Readiness(
        status="ready" if runner.ok and ok and processes.ok else "degraded",
        database=ComponentState(ok=True, detail=kind),
        disk=ComponentState(ok=ok, detail=detail),
        runner=runner,
        processes=processes,
    )


def _processes(services: HealthParts) -> ComponentState:
    all_of_them = services.siblings.processes
    missing = [each for each in all_of_them if each.state != "serving"]
    detail = f"{len(all_of_them) - len(missing)} of {len(all_of_them)} serve"
    others = ", ".join(f"{each.number} is {each.state}" for each in missing)
    return ComponentState(ok=not missing, detail=f"{detail}: {others}" if others else detail)


def _runner(runner: RunnerClient, *, waits_for_workers: bool) -> ComponentState:
    found, workers = runner.capabilities, len(runner.workers)
    if found is None:
        detail = "No worker is connected." if waits_for_workers else "The runner is starting."
        return ComponentState(ok=False, detail=detail)
    if found.tier is None:
        return ComponentState(ok=False, detail=found.reason or "There is no sandbox.")
    connected = f", {counted(workers, 'worker')} connected" if workers else ""
    return ComponentState(ok=True, detail=f"sandbox tier {found.tier}{connected}")


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Metrics in Prometheus' text format.",
            "content": {
                CONTENT_TYPE_LATEST.split(";")[0]: {
                    "schema": {"type": "string"},
                    "example": "pizarra_rooms 3\n",
                }
            },
        },
        **problems(401),
    },
)
async def read_metrics(services: HealthPartsDep, caller: CallerDep) -> Response:
    """Read the metrics. Where accounts are asked for, an API token is needed: `read` is enough."""
    if not caller.is_owner and caller.account is None:
        raise Unauthorized(
            "Present an API token. Make one: pizarra token create NAME metrics",
            code=Code.API_TOKEN_NEEDED,
        )
    return Response(await read_all_figures(services), media_type=CONTENT_TYPE_LATEST)
