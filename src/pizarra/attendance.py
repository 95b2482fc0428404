"""Who comes and goes, and whose connection is lost: told to everybody who is here, and recorded."""

import asyncio
import logging
import time
from collections import OrderedDict

from pizarra import control
from pizarra.collab.connection import Person
from pizarra.collab.journal import Entry, JournalError, JournalUnavailable
from pizarra.collab.room import Room
from pizarra.models import Role
from pizarra.timeline.journal import SqlJournal

log = logging.getLogger(__name__)

_LOST_KEPT = 10_000  # people whose connection is lost; of more the oldest are not said to be back


class Attendance:
    """Notes who is in which room of this process."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self._lost: OrderedDict[tuple[int, int | None], float] = OrderedDict()  # (room, person) → when
        self._tasks: set[asyncio.Task[None]] = set()

    def came(self, room: Room, person: Person) -> None:
        """Somebody is here who was not."""
        entries = [_entry("join", person)]
        lost_at = self._lost.pop((room.key, person.key), None)
        if lost_at is not None:
            entries.append(_connection(person, state="back", seconds=round(time.monotonic() - lost_at, 1)))
        self._changed(room, entries)

    def went(self, room: Room, person: Person, lost: str | None) -> None:
        """Somebody is not here any more; `lost` says why, if it was without a goodbye."""
        entries = [_entry("leave", person)]
        if lost is not None:
            entries.insert(0, _connection(person, state="lost", reason=lost))
            self._lost[room.key, person.key] = time.monotonic()
            while len(self._lost) > _LOST_KEPT:
                self._lost.popitem(last=False)
        self._changed(room, entries)

    def _changed(self, room: Room, entries: list[Entry]) -> None:
        room.audience.tell(control.Roster(people=[shown(other) for other in room.audience.people()]).encode())
        task = asyncio.ensure_future(self._note(room, entries))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note(self, room: Room, entries: list[Entry]) -> None:
        try:
            await self._journal.append(room.key, room.epoch, entries, require_open=False)
        except (JournalError, JournalUnavailable) as error:
            log.info("%s of room %s not noted: %s", entries[0].kind, room.room_id, type(error).__name__)


def shown(person: Person) -> control.Person:
    """Return somebody as the others see them."""
    return control.Person(participant_id=person.public_id, name=person.name, role=Role(person.role))


def _entry(kind: str, person: Person) -> Entry:
    return Entry(kind, person.key, data={"name": person.name, "role": person.role})


def _connection(person: Person, **what: object) -> Entry:
    return Entry("connection", person.key, data={"name": person.name, **what})
