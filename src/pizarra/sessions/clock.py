"""The clock of an interview: it starts when the candidate joins, by this server's time, whatever computers say."""

from typing import Any

from sqlalchemy import bindparam, select

from pizarra import control
from pizarra.access.parts import RoomParts
from pizarra.collab.broadcast import Audience
from pizarra.collab.room import Room
from pizarra.config import Settings
from pizarra.kit.clock import Clock as Now
from pizarra.models import InterviewSession, Role

_SESSION = InterviewSession.__table__.c
_COLUMNS = (
    _SESSION.clock_started_at,
    _SESSION.clock_minutes,
    _SESSION.clock_steps,
    _SESSION.clock_shown,
)
_CLOCK = select(*_COLUMNS, _SESSION.rehearsal_of).where(_SESSION.id == bindparam("key"))


def clock_of(session: Any, settings: Settings, now: Now) -> control.Clock:
    """Return the clock of a session, which may be a row with these columns: seconds, so that no other clock counts."""
    started = session.clock_started_at
    return control.Clock(
        seconds=max(0.0, (now() - started).total_seconds()) if started is not None else None,
        minutes=session.clock_minutes or settings.clock_minutes,
        steps=[control.ClockStep(**step) for step in session.clock_steps or []],
        shown=session.clock_shown,
    )


def clock_for(role: Role, session: Any, settings: Settings, now: Now) -> control.Clock | None:
    """Return the clock as somebody in a role may see it."""
    return clock_of(session, settings, now) if role.may_host or session.clock_shown else None


async def start_clock(services: RoomParts, room: Room) -> None:
    """Start the clock of a session, unless it runs: the candidate is here."""
    row = next(iter(await services.database.fetch(_CLOCK, {"key": room.key})), None)
    if row is None or row.clock_started_at is not None or row.rehearsal_of is not None:
        return
    async with services.database.write() as db:
        session = await db.get(InterviewSession, room.key, with_for_update=True)
        if session is None or session.clock_started_at is not None:
            return
        session.clock_started_at = services.clock()
    await tell_clock(services, room.key, room.room_id)


async def tell_clock(services: RoomParts, key: int, room_id: str) -> None:
    """Show the clock to whoever is here and may see it, and take it from those who may not any more."""
    row = next(iter(await services.database.fetch(_CLOCK, {"key": key})), None)
    if row is None:
        return
    clock = clock_of(row, services.settings, services.clock)
    told = control.ClockChanged(clock=clock, started_at=row.clock_started_at).encode()
    services.hub.tell(room_id, told, Audience.EVERYBODY if clock.shown else Audience.HOSTS)
    if not clock.shown:
        hidden = control.ClockChanged(clock=None, started_at=row.clock_started_at).encode()
        services.hub.tell(room_id, hidden, Audience.OTHERS)
