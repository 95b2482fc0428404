"""What handlers reach of the application. A feature with parts of its own names them in its `parts.py`."""

from typing import Annotated, Protocol

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from pizarra.access.disk import Disk
from pizarra.access.revalidation import Revalidation
from pizarra.cluster.connected import ConnectedPeople
from pizarra.collab.hub import Hub
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.http.address_limit import AddressLimit
from pizarra.http.idempotency import Idempotency
from pizarra.http.metrics import Metrics
from pizarra.http.rate_limits import Rates
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.append.recent import Recent


class Parts(Protocol):
    """What every feature may use; `services.py` puts them together."""

    settings: Settings
    database: Database
    disk: Disk
    signer: TokenSigner
    recent: Recent
    journal: SqlJournal
    hub: Hub
    connected: ConnectedPeople
    runner: RunnerClient
    metrics: Metrics
    address_limit: AddressLimit
    rates: Rates
    refused: TokenBuckets  # requests on sockets, by person
    idempotency: Idempotency
    revalidation: Revalidation

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        ...


def parts_of(connection: HTTPConnection) -> Parts:
    """Return the parts behind a request or a socket."""
    parts: Parts = connection.app.state.services
    return parts


async def get_parts(request: Request) -> Parts:
    """Give the parts behind a request."""
    return parts_of(request)


PartsDep = Annotated[Parts, Depends(get_parts)]
