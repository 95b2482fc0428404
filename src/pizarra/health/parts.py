"""What a look at the process takes of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import Parts, get_parts
from pizarra.cluster.bus import ClusterBus
from pizarra.cluster.siblings import Siblings
from pizarra.health.readiness import Readiness


class HealthParts(Parts, Protocol):
    """Those of every feature, and:"""

    readiness: Readiness
    bus: ClusterBus
    siblings: Siblings


HealthPartsDep = Annotated[HealthParts, Depends(get_parts)]
