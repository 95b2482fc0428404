"""Who is away from the page: what all windows of a person say together. Every absence that begins has an end."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from weakref import WeakValueDictionary

from pizarra import control
from pizarra.collab.connection import Connection, Person
from pizarra.collab.journal import JournalError, JournalUnavailable
from pizarra.collab.room import Room
from pizarra.kit.clock import Clock
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.append.record_and_tell import record_and_tell
from pizarra.timeline.entries.shared import WentAway

log = logging.getLogger(__name__)

_Place = tuple[int, int]  # a room and somebody in it, by storage's ids


class Absences:
    """The windows of everybody in this process's rooms: somebody is away when all of theirs are."""

    def __init__(self, journal: SqlJournal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._windows: dict[_Place, dict[Connection, bool]] = {}
        self._since: dict[_Place, datetime] = {}  # absences that the timeline has no end of
        # one entry after the other
        self._turns: WeakValueDictionary[_Place, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def arrive(self, room: Room, connection: Connection, since: datetime | None) -> None:
        """A window opens: whoever it belongs to is here. `since` is an absence that the timeline has no end of."""
        place = (room.key, connection.person.key)
        if since is not None and place not in self._windows:
            self._since[place] = since
        self._windows.setdefault(place, {})[connection] = False
        self._settle_soon(room, connection.person)

    def leave(self, room: Room, connection: Connection) -> None:
        """A window is closed. Who has none left is gone, and no longer away."""
        place = (room.key, connection.person.key)
        windows = self._windows.get(place, {})
        windows.pop(connection, None)
        if not windows:
            self._windows.pop(place, None)
        self._settle_soon(room, connection.person)

    async def note(self, room: Room, connection: Connection, *, away: bool) -> None:
        """Take down what a window says.

        Raises:
            JournalError, JournalUnavailable: it could not be recorded.
        """
        windows = self._windows.get((room.key, connection.person.key), {})
        if connection in windows:
            windows[connection] = away
            await self._settle(room, connection.person)

    def _settle_soon(self, room: Room, person: Person) -> None:
        task = asyncio.ensure_future(self._settle_or_log(room, person))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _settle_or_log(self, room: Room, person: Person) -> None:
        try:
            await self._settle(room, person)
        except (JournalError, JournalUnavailable) as error:
            log.info("an absence in room %s not noted: %s", room.room_id, type(error).__name__)

    async def _settle(self, room: Room, person: Person) -> None:
        """Tell the timeline what the windows say now. What could not be recorded is not known to have happened."""
        place = (room.key, person.key)
        async with self._turns.setdefault(place, asyncio.Lock()):
            now = self._clock()
            if (change := self._change(place, now)) is None:
                return
            await record_and_tell(
                self._journal, room, person, change, now, require_open=change.away
            )
            if change.away:
                self._since[place] = now
            else:
                self._since.pop(place, None)

    def _change(self, place: _Place, now: datetime) -> WentAway | None:
        """Compare what the windows say with what the timeline knows; return what it is to be told."""
        windows = self._windows.get(place, {})
        away, since = bool(windows) and all(windows.values()), self._since.get(place)
        if away == (since is not None):
            return None
        seconds = max(0, round((now - since).total_seconds())) if since is not None else None
        return WentAway(away=away, seconds=seconds)


def unended(events: Sequence[control.Signal], person: Person) -> datetime | None:
    """Return since when somebody is away as the timeline knows it: the process that would have ended it was killed."""
    theirs = [
        each for each in events if each.kind == "away" and each.participant_id == person.public_id
    ]
    return theirs[-1].at if theirs and theirs[-1].data.get("away") is True else None
