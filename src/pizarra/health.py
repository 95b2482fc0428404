"""Health and metrics."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from sqlalchemy import text

from pizarra.database import DATABASE_ERRORS
from pizarra.errors import Unauthorized, Unavailable
from pizarra.participants.access import CallerDep, ServicesDep
from pizarra.schemas import ResponseModel, problems

router = APIRouter(tags=["operations"])


class Health(ResponseModel):
    """The process answers."""

    status: Literal["ok"] = Field(description="Always `ok`.", examples=["ok"])


class ComponentState(ResponseModel):
    """One thing the server relies on."""

    ok: bool = Field(description="Whether it works.", examples=[True])
    detail: str = Field(description="What was found, and what to do if it does not work.", examples=["tier A"])


class Readiness(ResponseModel):
    """Whether the server can do its work."""

    status: Literal["ready", "degraded"] = Field(
        description="`degraded`: people can write, but programs cannot be run.", examples=["ready"]
    )
    database: ComponentState = Field(description="The database.")
    runner: ComponentState = Field(description="What runs programs: the sandbox's tier, or why there is none.")


@router.get("/health")
async def read_health() -> Health:
    """Tell that the process answers."""
    return Health(status="ok")


@router.get("/health/ready", responses=problems(503))
async def read_readiness(services: ServicesDep) -> Readiness:
    """Tell whether the database answers and whether programs can be run."""
    try:
        async with services.database.read() as db:
            await db.execute(text("SELECT 1"))
    except DATABASE_ERRORS as error:
        raise Unavailable("The database does not answer.") from error
    kind = "SQLite" if services.database.is_sqlite else "PostgreSQL"
    capabilities = services.runner.capabilities
    if capabilities is None:
        runner = ComponentState(ok=False, detail="The runner is starting.")
    elif capabilities.tier is None:
        runner = ComponentState(ok=False, detail=capabilities.reason or "There is no sandbox.")
    else:
        runner = ComponentState(ok=True, detail=f"sandbox tier {capabilities.tier}")
    return Readiness(
        status="ready" if runner.ok else "degraded", database=ComponentState(ok=True, detail=kind), runner=runner
    )


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Metrics in Prometheus' text format.",
            "content": {
                CONTENT_TYPE_LATEST.split(";")[0]: {"schema": {"type": "string"}, "example": "pizarra_rooms 3\n"}
            },
        },
        **problems(401),
    },
)
async def read_metrics(services: ServicesDep, caller: CallerDep) -> Response:
    """Read the metrics. Where accounts are asked for, an API token is needed: `read` is enough."""
    if not services.settings.trusts_local and caller.account is None:
        raise Unauthorized("Present an API token. Make one: pizarra token create NAME metrics")
    metrics = services.metrics
    metrics.rooms.set(len(services.hub.rooms()))
    outboxes = [connection.channel.buffered() for connection in services.hub.connections()]
    metrics.outbox_bytes.set(sum(outboxes))
    metrics.largest_outbox_bytes.set(max(outboxes, default=0))
    metrics.runner_restarts.set(services.runner.restarts)
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
