"""The waiting room, as hosts see it live."""

from datetime import datetime

from sqlalchemy import update

from pizarra import control
from pizarra.access.parts import RoomParts
from pizarra.access.people import list_waiting
from pizarra.collab.broadcast import Audience
from pizarra.models import Participant, ParticipantView, Role, SessionView


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


async def stand(
    services: RoomParts, session: SessionView, person: ParticipantView, left_at: datetime | None
) -> None:
    """Note that somebody who waits has left the waiting room, or, with None, is there again; show it to the hosts."""
    async with services.database.write() as db:
        await db.execute(
            update(Participant).where(Participant.id == person.id).values(left_at=left_at)
        )
    await tell_hosts(services, session.room_id, session.id)
