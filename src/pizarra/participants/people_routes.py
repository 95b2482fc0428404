"""Who is in a session and who wants to be, as its hosts look after them."""

from datetime import datetime
from typing import Annotated

from fastapi import BackgroundTasks, Path, Response

from pizarra.access import people as everybody
from pizarra.access.audit import Action, note
from pizarra.access.credentials import Caller
from pizarra.access.dependencies import CallerDep, HostedSession, WriteSession
from pizarra.access.session_access import Access, state_of
from pizarra.http.router import Router
from pizarra.models import ParticipantView, Role
from pizarra.participants import service as people
from pizarra.participants.parts import ParticipantParts, ParticipantPartsDep
from pizarra.participants.schemas import PersonRead, PersonUpdate
from pizarra.participants.waiting import tell_hosts
from pizarra.schemas import problems

router = Router(prefix="/api/sessions/{session_id}/people", tag="people")

PersonId = Annotated[
    str,
    Path(
        description="Their `participant_id`.",
        examples=["89abcdef0123456789abcdef01234567"],
        max_length=64,
    ),
]


def _to_read(services: ParticipantParts, access: Access, person: ParticipantView) -> PersonRead:
    room = services.hub.loaded(access.session.room_id)
    connected = {each.public_id for each in room.broadcast.people()} if room is not None else set()
    return PersonRead(
        participant_id=person.public_id,
        name=person.name,
        role=Role(person.role),
        state=state_of(services.clock(), person, access.session),
        connected=person.public_id in connected,
        invited=not person.is_owner and person.account_id is None,
        joined_at=person.created_at,
    )


def _note(
    db: WriteSession,
    now: datetime,
    caller: Caller,
    access: Access,
    action: Action,
    person: ParticipantView,
) -> None:
    about = {
        "actor": access.label(caller),
        "address": caller.address,
        "target": access.session.public_id,
    }
    note(db, now, action, **about, participant_id=person.public_id, role=person.role)


@router.get("", responses=problems(403, 404, 422, 503))
async def list_people(
    access: HostedSession, db: WriteSession, services: ParticipantPartsDep
) -> list[PersonRead]:
    """List everybody who is, was, or wants to be in the session."""
    return [
        _to_read(services, access, each) for each in await everybody.list_people(db, access.session)
    ]


@router.patch("/{participant_id}", responses=problems(403, 404, 409, 413, 422, 503))
async def update_person(
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ParticipantPartsDep,
    participant_id: PersonId,
    payload: PersonUpdate,
    after_commit: BackgroundTasks,
) -> PersonRead:
    """Let somebody in from the waiting room, or give them another role. It holds at once, on open sockets too."""
    person = await people.get_invited(db, access.session, participant_id)
    now, by = services.clock(), access.participant.id if access.participant else None
    if payload.admitted and person.admitted_at is None:
        await people.admit(db, access.session, person, now)
        _note(db, now, caller, access, "person.admitted", person)
        after_commit.add_task(tell_hosts, services, access.session.room_id, access.session.id)
    if payload.role is not None and payload.role.value != person.role:
        await people.change_role(db, access.session, person, Role(payload.role.value), now, by)
        _note(db, now, caller, access, "person.role", person)
    services.revalidation.look()
    return _to_read(services, access, person)


@router.delete("/{participant_id}", status_code=204, responses=problems(403, 404, 409, 422, 503))
async def remove_person(
    caller: CallerDep,
    access: HostedSession,
    db: WriteSession,
    services: ParticipantPartsDep,
    participant_id: PersonId,
    after_commit: BackgroundTasks,
) -> Response:
    """Take somebody out, or turn them away from the waiting room. What they wrote stays."""
    person = await people.get_invited(db, access.session, participant_id)
    now, by = services.clock(), access.participant.id if access.participant else None
    await people.remove(db, access.session, person, now, by)
    _note(db, now, caller, access, "person.removed", person)
    services.revalidation.look()
    after_commit.add_task(tell_hosts, services, access.session.room_id, access.session.id)
    return Response(status_code=204)
