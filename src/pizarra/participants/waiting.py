"""The waiting room, as hosts see it live."""

from pizarra import control
from pizarra.models import Participant, Role
from pizarra.participants.service import list_waiting
from pizarra.services import Services


def to_person(participant: Participant) -> control.Person:
    """Return somebody as control messages show them."""
    return control.Person(participant_id=participant.public_id, name=participant.name, role=Role(participant.role))


async def tell_hosts(services: Services, room_id: str, session_key: int) -> None:
    """Show the hosts who are in the room who waits. Nobody else learns that anybody does."""
    room = services.hub.loaded(room_id)
    if room is None:
        return
    async with services.database.read() as db:
        people = [to_person(each) for each in await list_waiting(db, session_key)]
    room.audience.tell(control.Waiting(people=people).encode(), lambda person: Role(person.role).may_host)
