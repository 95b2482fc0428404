"""Who comes and goes, and whose connection is lost: told to everybody who is here, and recorded."""

import asyncio
import logging
import time
from collections import OrderedDict

from pizarra import control
from pizarra.collab.connection import Person
from pizarra.collab.journal import EventEntry, JournalError, JournalUnavailable
from pizarra.collab.room import Room
from pizarra.models import Role
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.entries.shared import Connected, Joined, Left

log = logging.getLogger(__name__)

_ENTRY_BYTES = 100  # of such an entry, about
_LOST_KEPT = 10_000  # people whose connection is lost; of more the oldest are not said to be back


class Roster:
    """Notes who is in which room of this process."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        # (room, person) → when
        self._lost: OrderedDict[tuple[int, int | None], float] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def came(self, room: Room, person: Person) -> None:
        """Somebody is here who was not."""
        entries = [EventEntry(person.key, Joined(name=person.name, role=person.role))]
        lost_at = self._lost.pop((room.key, person.key), None)
        if lost_at is not None:
            seconds = round(time.monotonic() - lost_at, 1)
            back = Connected(name=person.name, state="back", seconds=seconds)
            entries.append(EventEntry(person.key, back))
        self._changed(room, entries)

    def went(self, room: Room, person: Person, lost: str | None) -> None:
        """Somebody is not here any more; `lost` says why, if it was without a goodbye."""
        entries = [EventEntry(person.key, Left(name=person.name, role=person.role))]
        if lost is not None:
            gone = Connected(name=person.name, state="lost", reason=lost)
            entries.insert(0, EventEntry(person.key, gone))
            self._lost[room.key, person.key] = time.monotonic()
            while len(self._lost) > _LOST_KEPT:
                self._lost.popitem(last=False)
        self._changed(room, entries)

    def _changed(self, room: Room, entries: list[EventEntry]) -> None:
        tell_roster(room)
        # Who comes and goes a hundred times a second fills no disk with it.
        if not room.count_recorded(_ENTRY_BYTES * len(entries)):
            return
        task = asyncio.ensure_future(self._note(room, entries))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note(self, room: Room, entries: list[EventEntry]) -> None:
        try:
            await self._journal.append(room.key, room.epoch, entries, require_open=False)
        except (JournalError, JournalUnavailable) as error:
            log.info(
                "%s of room %s not noted: %s",
                entries[0].told.kind,
                room.room_id,
                type(error).__name__,
            )


def tell_roster(room: Room) -> None:
    """Tell everybody who is in a room, whatever process they are connected to."""
    people = [to_message(person) for person in room.broadcast.people()]
    room.broadcast.tell(control.Roster(people=people).encode())


def to_message(person: Person) -> control.Person:
    """Return somebody as the others see them."""
    return control.Person(participant_id=person.public_id, name=person.name, role=Role(person.role))
