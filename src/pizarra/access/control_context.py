"""Somebody who asks for something on their socket: who, where, and what it takes to answer."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pizarra.access.credentials import Caller
from pizarra.access.parts import Parts
from pizarra.access.session_access import Access, find_access
from pizarra.collab.connection import Connection, Person
from pizarra.collab.room import Room

P_co = TypeVar("P_co", bound=Parts, covariant=True)


@dataclass(frozen=True, slots=True)
class ControlContext(Generic[P_co]):
    """One connection's place, as those who answer it need it."""

    services: P_co
    room: Room
    connection: Connection
    caller: Caller
    address: str

    @property
    def person(self) -> Person:
        """Who asks, with the role they have now."""
        return self.connection.person

    async def access(self) -> Access:
        """Return what they may do now, as the database knows it.

        Raises:
            NotFound: they are not in the session any more.
        """
        return await find_access(self.services, self.caller, self.room.session_id)
