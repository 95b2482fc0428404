"""Who joins a room: in which order people come in, and what is read for all who wait for the same room together."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import NamedTuple

from pizarra import control
from pizarra.access.people import list_waiting
from pizarra.access.session_access import read_session
from pizarra.branches import service as branches
from pizarra.cluster.bus import ClusterBus
from pizarra.collab.connection import Person
from pizarra.collab.hub import Hub, UnknownRoom
from pizarra.collab.room import Room
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.execution.records import latest_run
from pizarra.integrity_events import service as integrity_events
from pizarra.kit.clock import Clock
from pizarra.kit.round_robin import RoundRobin
from pizarra.kit.shared_reads import SharedReads
from pizarra.models import Language, Role, SessionStatus, SessionView, Signals
from pizarra.participants.waiting import to_person
from pizarra.realtime.roster import to_message
from pizarra.sessions.clock import clock_for
from pizarra.timeline.thinking import thinking_left

_OF_ONE_ROOM = 20  # who wait for it are looked up before others: they share what is read for them
_ATTEMPTS = 3  # to read it while nothing is told: a program that prints tells all the time


class Wanted(NamedTuple):
    """A room, and whether its session's state is wanted too: clients of y-websocket are told the document alone."""

    room_id: str
    with_state: bool


@dataclass(frozen=True, slots=True)
class SessionState:
    """How a session stands: what a welcome tells everybody alike."""

    session: SessionView
    run: control.RunSummary | None
    waiting: Sequence[control.Person]  # in the waiting room, for hosts
    signals: Sequence[control.Signal]
    suggestions: Sequence[control.Suggestion]
    lines: Sequence[control.Line]
    branch: control.Branch | None

    def welcome(self, room: Room, person: Person, settings: Settings, clock: Clock) -> bytes:
        """Return what somebody who joins is told first, as a control message."""
        session, role = self.session, Role(person.role)
        message = control.Welcome(
            session_id=room.session_id,
            title=session.title,
            language=Language(session.language),
            status=SessionStatus(session.status),
            you=to_message(person),
            people=[to_message(each) for each in room.broadcast.people()],
            waiting=list(self.waiting) if role.may_host else [],
            editing_locked=session.editing_locked,
            running_locked=session.running_locked,
            max_text_bytes=settings.max_text_bytes,
            max_files=settings.max_files,
            run=self.run,
            shown_signals=Signals(session.signals),
            signals=list(self.signals),
            suggestions=list(self.suggestions),
            thinking_until=session.thinking_until,
            thinking_seconds_left=thinking_left(session.thinking_until, clock()),
            branch=self.branch,
            lines=list(self.lines),
            clock=clock_for(role, session, settings, clock),
            clock_started_at=session.clock_started_at,
        )
        return message.encode()


class Joining:
    """The order in which people come in, and what is read for them, over as many `connections` to the database.

    Half of these are for looking up who they are, and half for rooms. Did all of a crowd begin at once, they would wait
    for each other's connections, give up, come back, and never be in. And a room that takes long to load holds up those
    who want into it, nobody else.
    """

    def __init__(self, database: Database, hub: Hub, bus: ClusterBus, connections: int) -> None:
        self._database, self._hub, self._bus = database, hub, bus
        at_once = max(1, connections // 2)
        self._turns = RoundRobin(at_once, _OF_ONE_ROOM)
        self._reads = SharedReads(self._read, at_once)

    def turn(self, room_id: str) -> AbstractAsyncContextManager[None]:
        """Wait until it is the turn of somebody who wants into a room to be looked up."""
        return self._turns.turn(room_id)

    async def read(self, room_id: str, *, with_state: bool) -> tuple[Room, SessionState | None]:
        """Return a room and, if wanted, how its session stands, read after this was asked.

        Raises:
            UnknownRoom: there is no such session (any more).
            JournalUnavailable, DATABASE_ERRORS: storage did not answer.
        """
        return await self._reads.get(Wanted(room_id, with_state))

    async def _read(self, wanted: Wanted) -> tuple[Room, SessionState | None]:
        was_here = self._hub.holds(wanted.room_id)  # else all is read from now on
        room = await self._hub.room(wanted.room_id)
        if was_here and self._bus.is_heard:
            await room.others.look()  # what the welcome tells is not told again as news
        return room, await self._state_now(room) if wanted.with_state else None

    async def _state_now(self, room: Room) -> SessionState:
        """Return how a session stands: what those who are in the room were told meanwhile is in it."""
        for _ in range(_ATTEMPTS):
            told = room.broadcast.told
            state = await self._state(room)
            if room.broadcast.told == told:
                break
        return state

    async def _state(self, room: Room) -> SessionState:
        read = self._database.fetch_prepared
        session = await read_session(self._database, room.session_id)
        if session is None:
            raise UnknownRoom
        signals, suggestions, lines = await integrity_events.recent(read, room.key)
        return SessionState(
            session=session,
            run=await latest_run(read, room.key),
            waiting=[to_person(each) for each in await list_waiting(read, room.key)],
            signals=signals,
            suggestions=suggestions,
            lines=lines,
            branch=branches.to_message(
                branches.current(await branches.list_branches(read, session))
            ),
        )
