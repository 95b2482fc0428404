"""What sessions take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends, Request

from pizarra.access.disk import Disk
from pizarra.access.parts import get_parts
from pizarra.access.revalidation import Revalidation
from pizarra.cluster.connected import ConnectedPeople
from pizarra.execution.parts import ExecutionParts
from pizarra.http.idempotency import Idempotency
from pizarra.http.rate_limits import Rates


class SessionParts(ExecutionParts, Protocol):
    """Those of whoever sends everybody away, and:"""

    disk: Disk
    revalidation: Revalidation
    connected: ConnectedPeople
    rates: Rates
    idempotency: Idempotency


def parts_of(request: Request) -> SessionParts:
    """Return the parts behind a request: each dependency of FastAPI's costs as much as a query."""
    parts: SessionParts = request.app.state.services
    return parts


SessionPartsDep = Annotated[SessionParts, Depends(get_parts)]
