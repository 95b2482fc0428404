"""The waiting room, as hosts see it live."""

from pizarra import control
from pizarra.access.parts import RoomParts
from pizarra.access.people import list_waiting
from pizarra.collab.broadcast import Audience
from pizarra.models import ParticipantView, Role


def to_person(participant: ParticipantView) -> control.Person:
    """Return somebody as control messages show them."""
    return control.Person(
        participant_id=participant.public_id, name=participant.name, role=Role(participant.role)
    )


async def tell_hosts(services: RoomParts, room_id: str, session_key: int) -> None:
    """Show the hosts who are in the room who waits. Nobody else learns that anybody does."""
    waiting = await list_waiting(services.database.fetch_prepared, session_key)
    people = [to_person(each) for each in waiting]
    services.hub.tell(room_id, control.Waiting(people=people).encode(), Audience.HOSTS)
