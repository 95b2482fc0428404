"""Recording what somebody did, then showing it to the people who are here; others find it in the log."""

from datetime import datetime

from pizarra.collab.connection import Person
from pizarra.collab.journal import EventEntry, StoredEvent
from pizarra.collab.room import Room
from pizarra.models.base import instant
from pizarra.timeline.append.journal import SqlJournal
from pizarra.timeline.entries.shared import SharedData
from pizarra.timeline.messages import to_message


async def record_and_tell(
    journal: SqlJournal,
    room: Room,
    person: Person,
    told: SharedData,
    now: datetime,
    *,
    require_open: bool = True,
) -> None:
    """Append an entry of somebody's, and tell everybody in the room of it.

    Raises:
        JournalError, JournalUnavailable: it could not be recorded, and nobody was told.
    """
    entry = EventEntry(person.key, told)
    seq, at = await journal.append_dated(room.key, room.epoch, [entry], require_open=require_open)
    who = (person.key, person.public_id, person.name)
    message = to_message(StoredEvent(seq, instant(at), told.kind, *who, told.to_data()), now)
    if message is not None:
        room.broadcast.tell(message.encode())
