"""What the interviewers who are there are told about their log, and how much of it there may be."""

from pizarra import control
from pizarra.collab.broadcast import Audience
from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.timeline.private.log import NotesLimits
from pizarra.timeline.private.schemas import PrivateEntryRead


def limits_of(settings: Settings) -> NotesLimits:
    """Return how much a private log holds."""
    return NotesLimits(settings.max_private_entries, settings.max_note_characters)


def added(entry: PrivateEntryRead) -> control.NoteAdded:
    """Return the message about a new entry."""
    return control.NoteAdded(entry=control.PrivateEntry(**entry.model_dump()))


async def tell_of_private(hub: Hub, room_id: str) -> None:
    """Once it is committed: show interviewers, in whatever process, what was added to their log."""
    hub.recorded_private(room_id)


def tell_interviewers(hub: Hub, room_id: str, message: control.ScoresChanged) -> None:
    """Send a message to the hosts and interviewers who are connected, and to nobody else."""
    hub.tell(room_id, message.encode(), Audience.HOSTS)
