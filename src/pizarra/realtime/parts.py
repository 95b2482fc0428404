"""What a socket takes of the application."""

from typing import Protocol

from starlette.websockets import WebSocket

from pizarra.access.revalidation import Revalidation
from pizarra.access.worker_tokens import ConnectedWorkers
from pizarra.cluster.nodes import Nodes
from pizarra.collab.token_bucket import TokenBuckets
from pizarra.http.address_limit import AddressLimit
from pizarra.http.metrics import Metrics
from pizarra.integrity_events.parts import IntegrityParts
from pizarra.realtime.arriving import Arriving
from pizarra.realtime.joining import Joining
from pizarra.realtime.roster import Roster
from pizarra.runs.parts import RunParts


class SocketParts(IntegrityParts, RunParts, Protocol):
    """Those of the features that sockets ask, and:"""

    roster: Roster
    nodes: Nodes
    workers: ConnectedWorkers
    joining: Joining
    revalidation: Revalidation
    address_limit: AddressLimit
    arriving: Arriving
    refused: TokenBuckets  # requests, by person
    metrics: Metrics


def parts_of(socket: WebSocket) -> SocketParts:
    """Return the parts behind a socket."""
    parts: SocketParts = socket.app.state.services
    return parts
