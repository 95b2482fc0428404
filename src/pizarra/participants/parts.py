"""What invitations and the people in a session take of the application."""

from typing import Annotated, Protocol

from fastapi import Depends

from pizarra.access.parts import get_parts
from pizarra.access.revalidation import Revalidation
from pizarra.cluster.connected import ConnectedPeople
from pizarra.execution.parts import ExecutionParts
from pizarra.http.idempotency import Idempotency
from pizarra.http.rate_limits import Rates


class ParticipantParts(ExecutionParts, Protocol):
    """Those of whoever sends people away, and:"""

    revalidation: Revalidation
    connected: ConnectedPeople
    rates: Rates
    idempotency: Idempotency


ParticipantPartsDep = Annotated[ParticipantParts, Depends(get_parts)]
