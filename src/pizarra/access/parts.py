"""What handlers reach of the application: each feature names the parts it takes in its own `parts.py`."""

from typing import Annotated, Protocol

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.kit.tokens import TokenSigner


class Parts(Protocol):
    """What it takes to know who somebody is. `composition.py` builds all parts, and puts them together."""

    settings: Settings
    database: Database
    signer: TokenSigner

    @property
    def clock(self) -> Clock:
        """Tells the time."""
        ...


class RoomParts(Parts, Protocol):
    """Those, and what it takes to tell the people in a room."""

    hub: Hub


def parts_of(connection: HTTPConnection) -> Parts:
    """Return the parts behind a request or a socket."""
    parts: Parts = connection.app.state.services
    return parts


async def get_parts(request: Request) -> Parts:
    """Give the parts behind a request, as whichever feature's they are declared."""
    return parts_of(request)


PartsDep = Annotated[Parts, Depends(get_parts)]
RoomPartsDep = Annotated[RoomParts, Depends(get_parts)]
