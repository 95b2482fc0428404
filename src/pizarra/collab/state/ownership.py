"""Which client id belongs to whom.

Yjs trusts client ids: whoever writes under another's id makes everything that other types afterwards disappear. So an
id belongs to the person who used it first, for as long as the document lives, and among the connections of one person
to the one that speaks with it now.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum, auto

from pizarra.collab.connection import Connection


class Claim(Enum):
    """What came of a claim to a client id."""

    GRANTED = auto()
    BUSY = auto()  # another live connection of the same person uses it
    FOREIGN = auto()  # it is somebody else's
    TOO_MANY_HERE = auto()  # the connection has enough already
    TOO_MANY = auto()  # its person has


class Unclaimed(Exception):
    """A client id that nobody is known to own: once it is known whose it is, the frame is to come again."""

    def __init__(self, client: int) -> None:
        super().__init__(client)
        self.client = client


class Ownership:
    """The owners of one document's client ids. `persons` maps client id → storage's id of the person; None: server."""

    def __init__(
        self,
        persons: Mapping[int, int | None],
        per_connection: int,
        per_person: int,
        *,
        asks: bool = False,
    ) -> None:
        self._asks = asks  # others let people in too: an id is claimed there first
        self.persons: dict[int, int | None] = dict(persons)
        self._counts = Counter(self.persons.values())
        self._per_connection = per_connection
        self._per_person = per_person
        self._speakers: dict[int, Connection] = {}

    def claim(self, connection: Connection, client: int) -> Claim:
        """Let `connection` speak for `client`, if it may.

        Raises:
            Unclaimed: it may, if nobody else does; that must be asked first.
        """
        speaker = self._speakers.get(client)
        if speaker is connection:
            return Claim.GRANTED
        person = connection.person.key
        if self.persons.get(client, person) != person:
            return Claim.FOREIGN
        if speaker is not None:
            return Claim.BUSY
        if len(connection.clients) >= self._per_connection:
            return Claim.TOO_MANY_HERE
        if client not in self.persons:
            if self._counts[person] >= self._per_person:
                return Claim.TOO_MANY
            if self._asks:
                raise Unclaimed(client)
            self.persons[client] = person
            self._counts[person] += 1
        self._speakers[client] = connection
        connection.clients.add(client)
        return Claim.GRANTED

    def speaker(self, client: int) -> Connection | None:
        """Return the connection that speaks for a client id."""
        return self._speakers.get(client)

    def release(self, connection: Connection) -> None:
        """Let a connection go; its ids stay its person's."""
        for client in connection.clients:
            self._speakers.pop(client, None)

    def note(self, person: int | None, clients: Iterable[int]) -> None:
        """Take note of what the log says: `person` wrote under these ids; the first one to do so owns them."""
        for client in clients:
            if client not in self.persons:
                self.persons[client] = person
                self._counts[person] += 1
