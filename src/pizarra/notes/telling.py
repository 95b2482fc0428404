"""What the interviewers who are there are told about their log, and how much of it there may be."""

from pizarra import control
from pizarra.collab.hub import Hub
from pizarra.config import Settings
from pizarra.models import Role
from pizarra.notes.schemas import PrivateEntryRead
from pizarra.notes.service import Limits


def limits_of(settings: Settings) -> Limits:
    """Return how much a private log holds."""
    return Limits(settings.max_private_entries, settings.max_note_characters)


def added(entry: PrivateEntryRead) -> control.NoteAdded:
    """Return the message about a new entry."""
    return control.NoteAdded(entry=control.PrivateEntry(**entry.model_dump()))


def tell_interviewers(hub: Hub, room_id: str, message: control.NoteAdded | control.ScoresChanged) -> None:
    """Send a message to the hosts and interviewers who are connected, and to nobody else."""
    room = hub.loaded(room_id)
    if room is not None:
        room.audience.tell(message.encode(), lambda person: Role(person.role).may_host)
