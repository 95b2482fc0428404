"""What a look at the process takes of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.disk import Disk
from pizarra.access.parts import get_parts
from pizarra.cluster.bus import ClusterBus
from pizarra.cluster.siblings import Siblings
from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.health.readiness import Readiness
from pizarra.http.metrics import Metrics
from pizarra.sandbox.runner.client import RunnerClient


class HealthParts(Protocol):
    """All that is looked at."""

    settings: Settings
    database: Database
    disk: Disk
    hub: Hub
    runner: RunnerClient
    bus: ClusterBus
    siblings: Siblings
    metrics: Metrics
    readiness: Readiness


HealthPartsDep = Annotated[HealthParts, Depends(get_parts)]
