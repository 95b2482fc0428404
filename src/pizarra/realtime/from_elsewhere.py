"""Shows people what other processes recorded, and who is connected to them, as if it had happened here."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from pizarra.collab.broadcast import Audience
from pizarra.collab.journal import StoredEvent
from pizarra.collab.room import Room
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.realtime.roster import tell_roster
from pizarra.storage.failures import DATABASE_ERRORS
from pizarra.timeline.entries.private import Decided
from pizarra.timeline.entries.shared import Locked, Removed, RoleChanged, SessionEnded
from pizarra.timeline.messages import to_message
from pizarra.timeline.private.log import list_private
from pizarra.timeline.private.notices import added

log = logging.getLogger(__name__)

_PAGE = 100  # private entries read at a time
_RIGHTS = frozenset({Locked.kind, RoleChanged.kind, Removed.kind, SessionEnded.kind})


class Teller:
    """Tells what came from the logs. A run that is followed here tells of itself, sooner."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.is_followed: Callable[[object], bool] = lambda run_id: False
        # what people may do was changed elsewhere
        self.on_rights: Callable[[], None] = lambda: None
        self._reading: dict[int, asyncio.Task[None]] = {}  # private logs, by session
        self._again: set[int] = set()  # of those, what went on meanwhile

    def tell(self, room: Room, events: Sequence[StoredEvent]) -> None:
        """Show entries, in their order."""
        if any(event.kind in _RIGHTS for event in events):
            self.on_rights()  # sooner than the next look at who may be here
        for event in events:
            if self.is_followed((event.data or {}).get("run_id")):
                continue
            if (message := to_message(event, self._clock())) is not None:
                room.broadcast.tell(message.encode())

    def tell_people(self, room: Room) -> None:
        """Show who is connected, to whatever process."""
        tell_roster(room)

    def tell_private(self, room: Room) -> None:
        """Show those who may read it what is new in the private log: each entry once, in order."""
        if room.key in self._reading:
            self._again.add(room.key)
            return
        task = asyncio.get_running_loop().create_task(self._read_private(room))
        self._reading[room.key] = task

    async def _read_private(self, room: Room) -> None:
        try:
            while True:
                self._again.discard(room.key)
                async with self._database.read() as db:
                    entries = await list_private(db, room.key, room.private_head, _PAGE)
                for entry in entries:
                    room.private_head = entry.seq
                    # what somebody decided is blind: whoever may read it asks
                    if entry.kind != Decided.kind:
                        room.broadcast.tell(added(entry).encode(), Audience.HOSTS)
                if len(entries) < _PAGE and room.key not in self._again:
                    return
        except DATABASE_ERRORS as error:  # the next look finds it
            log.info("private log of %s not read: %s", room.session_id, type(error).__name__)
        finally:
            del self._reading[room.key]  # at once: whoever comes now has it read again
