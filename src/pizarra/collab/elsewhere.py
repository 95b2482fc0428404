"""A room's other half: what is published of it to other processes that serve it, and what comes from them.

Of a session: `entries`, what was committed; `log`, something was, up to the seq in the payload. Of a room: `hello`,
somebody has loaded it and wants to know; `bye`, it left memory there; `people` and `people+`, who is connected there,
in pieces, of which the last is not full; `presence`, what they say of themselves; `tell`, a control message and for
whom it is; `private`, the private log goes on. A kind that is not known is passed over.

Whoever has a room answers `hello`, so each process knows which others have it, and says nothing to nobody.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import astuple
from weakref import WeakKeyDictionary, ref

from pizarra.collab.broadcast import Audience
from pizarra.collab.bus import Bus
from pizarra.collab.connection import Person
from pizarra.collab.room import Room
from pizarra.collab.told_entries import ToldEntries, encode
from pizarra.collab.wire.codec import MalformedFrame

_PEOPLE = 16  # in one message
_ASK_AGAIN_SECONDS = 5.0  # from one `hello` that seems to have been lost to the next


class Elsewhere:
    """Speaks for the rooms of this process on the bus, and understands what others say."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._asked: WeakKeyDictionary[Room, float] = WeakKeyDictionary()  # when

    def introduce(self, room: Room) -> None:
        """Say that a room is here, and ask who is in it elsewhere."""
        known = ref(room)  # or it would keep itself in memory

        def on_people() -> None:
            if (living := known()) is not None and living.broadcast.nodes:
                self.publish_people(living)

        def on_presence() -> None:
            if (living := known()) is not None and living.broadcast.nodes:
                self.publish_presence(living, living.broadcast.own_news())

        def on_unheard() -> None:
            if (living := known()) is not None:
                self._ask_again(living)

        room.broadcast.on_people, room.broadcast.on_presence = on_people, on_presence
        room.on_unheard = on_unheard
        self._bus.follow(str(room.key), room.room_id)
        self.ask(room)

    def leave(self, room: Room) -> None:
        """Say that a room is not here any more."""
        self.publish("bye", room.room_id, room)
        self._bus.unfollow(str(room.key), room.room_id)

    def ask(self, room: Room) -> None:
        """Ask who is in a room elsewhere."""
        self._asked[room] = asyncio.get_running_loop().time()
        if self._bus.is_heard:
            self._bus.publish("hello", room.room_id)

    def _ask_again(self, room: Room) -> None:
        """Somebody wrote who did not say so: perhaps they do not know that this room is here."""
        if self._asked.get(room, 0) < asyncio.get_running_loop().time() - _ASK_AGAIN_SECONDS:
            self.ask(room)

    def refresh(self, room: Room) -> None:
        """Say again who is here, or ask again who is elsewhere."""
        if room.broadcast.nodes:
            self.answer(room)
        elif room.broadcast.connections:
            self.ask(room)

    def answer(self, room: Room) -> None:
        """Tell whoever asked who is here."""
        self.publish_people(room)
        self.publish_presence(room, room.broadcast.own_states())

    def publish(self, kind: str, subject: str, room: Room | None, payload: bytes = b"") -> None:
        """Tell those who have a room. Where it is not loaded here, nobody knows who has."""
        if not self._bus.is_heard:
            return
        if room is None:
            self._bus.publish(kind, subject, payload)
        elif nodes := room.broadcast.nodes:
            self._bus.publish(kind, subject, payload, nodes)

    def publish_entries(self, key: int, room: Room | None, told: ToldEntries) -> None:
        """Tell what was committed; of what is too large for the bus, that it was."""
        if not self._bus.is_heard or (room is not None and not room.broadcast.nodes):
            return
        most = self._bus.max_payload_bytes
        message = encode(told) if told.size < most else b""
        if message and len(message) <= most:
            self.publish("entries", str(key), room, message)
        else:
            self.publish("log", str(key), room, str(told.last).encode())

    def publish_people(self, room: Room) -> None:
        """Tell who is connected here."""
        people = room.broadcast.people_here()
        for start in range(0, len(people) + 1, _PEOPLE):
            some = [astuple(person) for person in people[start : start + _PEOPLE]]
            kind = "people" if start == 0 else "people+"
            self.publish(kind, room.room_id, room, json.dumps(some, ensure_ascii=False).encode())

    def publish_presence(self, room: Room, payloads: Sequence[bytes]) -> None:
        """Tell what those who are connected here say of themselves."""
        for payload in payloads:
            self.publish("presence", room.room_id, room, payload)

    def hear(self, room: Room, node: str, kind: str, payload: bytes) -> bool:
        """Take in what another process says of a room that is here; return whether other people are there now."""
        match kind:
            case "hello":
                room.broadcast.people_elsewhere(node, [], more=True, is_last=False)
                self.answer(room)
            case "bye":
                return room.broadcast.forget_elsewhere(node)
            case "people" | "people+":
                people = [Person(*each) for each in json.loads(payload)]
                is_new = node not in room.broadcast.nodes
                changed = room.broadcast.people_elsewhere(
                    node, people, more=kind == "people+", is_last=len(people) < _PEOPLE
                )
                if is_new:  # who came here before this was known was told to nobody
                    self.answer(room)
                return changed
            case "presence":
                try:
                    room.broadcast.presence_elsewhere(node, payload)
                except MalformedFrame:
                    return False
            case "tell":
                audience, _, message = payload.partition(b" ")
                room.broadcast.tell(message, Audience(audience.decode()))
        return False
