"""Who is connected to a room, and what all of them are told: edits, presence, control messages."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from enum import StrEnum

from pizarra.collab.connection import Connection, Person
from pizarra.collab.limits import RoomLimits
from pizarra.collab.presence import Presence
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import awareness_frame, control_frame, websocket_frame


class Audience(StrEnum):
    """For whom a control message is."""

    EVERYBODY = "everybody"
    HOSTS = "hosts"  # who look after the session
    OTHERS = "others"

    def includes(self, person: Person) -> bool:
        """Tell whether somebody is one of them."""
        return self is Audience.EVERYBODY or person.hosts == (self is Audience.HOSTS)


class Broadcast:
    """The connections of one room, and whose they are. Nothing here waits: a connection keeps what is not taken yet."""

    def __init__(
        self, presence: Presence, limits: RoomLimits, on_missed: Callable[[], None]
    ) -> None:
        self.connections: set[Connection] = set()
        self.told = 0  # control messages so far
        # by storage's id, with the number of connections
        self._people: dict[int, tuple[Person, int]] = {}
        self._presence = presence
        self._presence_timer: asyncio.TimerHandle | None = None
        self._limits = limits
        self._on_missed = on_missed  # told that a slow connection goes without presence for now
        self._loop = asyncio.get_running_loop()
        self._closed = False
        # of other processes, by their ids: who is connected there
        self._elsewhere: dict[str, dict[int, Person]] = {}
        self._arriving: dict[str, dict[int, Person]] = {}  # the same, as far as it was told anew
        # told when other processes should learn who is here, and what they say of themselves
        self.on_people: Callable[[], None] = _nothing
        self.on_presence: Callable[[], None] = _nothing

    # Coming and going

    def join(self, connection: Connection) -> bool:
        """Let a connection in; tell whether there was room."""
        if len(self.connections) >= self._limits.connections:
            reason = f"the room is full ({self._limits.connections} connections)"
            connection.close(CloseCode.TRY_AGAIN, reason, "max_connections_per_room")
            return False
        self.connections.add(connection)
        person = connection.person
        self._people[person.key] = (person, self.count(person) + 1)
        connection.on_catch_up = self.show_everybody
        self.on_people()
        return True

    def leave(self, connection: Connection) -> bool:
        """Let a connection go; the others learn that its cursors are gone. Tell whether it was here."""
        if connection not in self.connections:
            return False
        self.connections.remove(connection)
        person = connection.person
        if (count := self.count(person)) > 1:
            self._people[person.key] = (person, count - 1)
        else:
            del self._people[person.key]
        self._presence.leave(connection)
        self._schedule_presence()
        self.on_people()
        return True

    def people(self) -> list[Person]:
        """Return the people connected, to whatever process: each once, in the order of their arrival."""
        people = {person.key: person for person in self.people_here()}
        for others in self._elsewhere.values():
            people = others | people
        return list(people.values())

    def people_here(self) -> list[Person]:
        """Return the people connected to this process, each once, in the order of their arrival."""
        return [person for person, _ in self._people.values()]

    def has(self, person: Person) -> bool:
        """Tell whether a person is connected, to whatever process."""
        return person.key in self._people or any(
            person.key in others for others in self._elsewhere.values()
        )

    def present(self) -> set[int]:
        """Return who is certainly there, by storage's ids: their socket said something lately, or is elsewhere."""
        now = self._loop.time()
        here = {each.person.key for each in self.connections if each.spoke_lately(now)}
        return here.union(*self._elsewhere.values())

    def person(self, key: int) -> Person | None:
        """Return somebody who is connected, to whatever process, by storage's id."""
        if key in self._people:
            return self._people[key][0]
        return next((others[key] for others in self._elsewhere.values() if key in others), None)

    def count(self, person: Person) -> int:
        """Return how many connections a person has to this process."""
        return self._people[person.key][1] if person.key in self._people else 0

    def change_person(self, connection: Connection, person: Person) -> None:
        """Let somebody go on with another role; they keep their place, their client ids and their cursors."""
        connection.person = person
        if connection in self.connections:
            self._people[person.key] = (person, self.count(person))
            self.on_people()

    # Elsewhere

    @property
    def nodes(self) -> Collection[str]:
        """The other processes that have this room, as far as is known."""
        return self._elsewhere.keys()

    def people_elsewhere(
        self, node: str, people: Iterable[Person], *, more: bool = False, is_last: bool = True
    ) -> bool:
        """Take note who is connected to another process, or who is `more` than those; return whether that is news.

        Until the `last` of them are told nobody is taken for gone: each piece would be news for everybody.
        """
        before, told = self._elsewhere.get(node, {}), {person.key: person for person in people}
        if more and node not in self._arriving:  # the first of them was lost
            now = before | told
        else:
            arrived = self._arriving.pop(node, {}) | told if more else told
            now = arrived if is_last else before | told
            if not is_last:
                self._arriving[node] = arrived
        self._elsewhere[node] = now
        return now != before

    def presence_elsewhere(self, node: str, payload: bytes) -> None:
        """Take in what people say of themselves who are connected to another process.

        Raises:
            MalformedFrame: the message is not one that a process of ours writes.
        """
        self._presence.hear(node, payload)
        self._schedule_presence()

    def forget_elsewhere(self, node: str) -> bool:
        """Nobody is connected to another process any more; return whether somebody was."""
        self._presence.forget(node)
        self._schedule_presence()
        self._arriving.pop(node, None)
        return bool(self._elsewhere.pop(node, None))

    def own_states(self) -> list[bytes]:
        """Return what everybody who is connected here says of themselves, in messages for other processes."""
        return self._presence.own_states()

    def own_news(self) -> list[bytes]:
        """Return what of it the others have not been told."""
        return self._presence.own_news()

    def close(self, code: CloseCode, reason: str) -> None:
        """Send everybody away."""
        self._closed = True
        for connection in list(self.connections):
            connection.close(code, reason)
        if self._presence_timer:
            self._presence_timer.cancel()

    def keep_alive(self, now: float) -> None:
        """Let every connection hear from us that heard nothing for a while, and drop those that died unnoticed."""
        for connection in self.connections:
            connection.keep_alive(now)

    # Telling

    def tell(self, json: bytes, to: Audience = Audience.EVERYBODY) -> None:
        """Send a control message to every client of the pizarra.v1 subprotocol here, or to those of some people."""
        self.told += 1
        frame = websocket_frame(control_frame(json))
        for connection in self.connections:
            if connection.wants_control and to.includes(connection.person):
                connection.write(frame)

    def relay(self, frames: bytes, author: Connection | None, *, is_ours: bool = True) -> None:
        """Send edits, encoded, to all but their author, with the presence that waits.

        To other processes presence goes with edits of this one, which is one message instead of two.
        """
        spare_author = author is not None and self._presence.concerns_only(author)
        presence = self._take_presence(elsewhere=is_ours or not self.nodes)
        both = frames + presence
        for connection in self.connections:
            if connection is author:
                if not spare_author:
                    connection.write(presence)
            elif presence and connection.slow:
                self._miss_presence(connection)
                connection.write(frames)
            else:
                connection.write(both)

    # Presence

    def receive_presence(self, connection: Connection, payload: bytes) -> None:
        """Take in what a connection says of itself; the others are told with the next edits, or at the next tick.

        Raises:
            MalformedFrame: the message is not one that y-protocols writes, or exceeds a limit.
        """
        if answer := self._presence.receive(connection, payload):
            connection.send(awareness_frame(answer))
        if self._presence_timer is None:
            self._schedule_presence()

    def show_everybody(self, connection: Connection) -> None:
        """Send a connection the presence of all who are here."""
        if everybody := self._presence.everybody():
            connection.send(awareness_frame(everybody))

    def _schedule_presence(self) -> None:
        if self._presence_timer is None and self._presence.has_changes and not self._closed:
            self._presence_timer = self._loop.call_later(
                self._limits.presence_tick_seconds, self._flush_presence
            )

    def _flush_presence(self) -> None:
        self._presence_timer = None
        frame = self._take_presence()
        if not frame:
            return
        for connection in self.connections:
            if connection.slow:
                self._miss_presence(connection)
            else:
                connection.write(frame)

    def _miss_presence(self, connection: Connection) -> None:
        connection.misses_presence = True
        self._on_missed()

    def _take_presence(self, *, elsewhere: bool = True) -> bytes:
        if elsewhere:
            self.on_presence()
        changes = self._presence.changes()
        is_told = elsewhere or not self._presence.has_untold
        if self._presence_timer is not None and is_told:
            self._presence_timer.cancel()
            self._presence_timer = None
        return websocket_frame(awareness_frame(changes)) if changes else b""


def _nothing() -> None:
    """Nobody else serves this room."""
