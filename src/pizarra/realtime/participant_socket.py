"""A connection's place in its room: what comes in, what is refused, and the end."""

import asyncio
import dataclasses
import logging
from collections.abc import Coroutine
from functools import partial

from pizarra import control
from pizarra.access.control_context import ControlContext
from pizarra.access.credentials import Caller
from pizarra.access.identity import Actor
from pizarra.access.revalidation import CurrentRights
from pizarra.collab.connection import Connection, Person
from pizarra.collab.incoming_frames import IncomingFrames
from pizarra.collab.journal import JournalUnavailable
from pizarra.collab.room import Room
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import MalformedFrame
from pizarra.config import Settings
from pizarra.control.reading import read_control
from pizarra.errors import AppError
from pizarra.http import events
from pizarra.integrity_events import socket as signal_requests
from pizarra.integrity_events.absence import unended
from pizarra.models import Role
from pizarra.realtime.direct_socket import Socket
from pizarra.realtime.joining import SessionState
from pizarra.realtime.parts import SocketParts
from pizarra.realtime.plain_socket import PlainSocket
from pizarra.realtime.roster import tell_roster, to_message
from pizarra.realtime.socket_errors import refusal_of
from pizarra.runs import socket as run_requests
from pizarra.sessions.clock import start_clock, tell_clock
from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)

_MAX_CONTROLS = 16  # requests of one socket being worked on
_MAX_KEYS = 256  # of what is typed into a program

RoomSocket = Socket | PlainSocket
_Request = run_requests.Request | signal_requests.Request


class Refused(Exception):
    """A socket that may not come in."""

    def __init__(self, code: CloseCode, reason: str, bound: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.bound = bound  # the setting that refuses


@dataclasses.dataclass(slots=True)
class AddressSlot:
    """An address that a socket is counted under; who is `taken` in takes itself from the count."""

    address: str
    taken: bool = False


class ParticipantSocket:
    """A connection's place in its room, from when it is let in until its socket is closed."""

    __slots__ = (
        "_address",
        "_channel",
        "_in_order",
        "_incoming",
        "_locking",
        "_services",
        "_tasks",
        "actor",
        "caller",
        "connection",
        "is_owner",
        "participant",
        "room",
        "session",
        "taken",
    )

    def __init__(
        self,
        services: SocketParts,
        room: Room,
        connection: Connection,
        caller: Caller,
        actor: Actor | None,
        channel: RoomSocket,
        address: str,
    ) -> None:
        self.room = room
        self.connection = connection
        self.caller = caller
        self.participant, self.session = connection.person.key, room.key
        self.is_owner = caller.is_owner
        self.actor = actor
        self._locking: asyncio.TimerHandle | None = None
        self.taken = False
        self._services = services
        self._channel = channel
        self._address = address
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()
        self._incoming = IncomingFrames(room, connection)

    def join(self, state: SessionState | None) -> None:
        """Join the room, and take part in it until the socket is closed; `state` is told whoever wants it.

        Raises:
            Refused: they may not, now.
        """
        services, room, connection = self._services, self.room, self.connection
        if room.closed:  # since it was loaded
            raise Refused(CloseCode.TRY_AGAIN, "reconnect")
        # Nothing waits here: whoever opens many at once is counted one by one.
        if _has_too_many(services.settings, room, connection.person):
            reason = "too many connections of yours: close other windows of this session"
            raise Refused(CloseCode.TRY_AGAIN, reason, "max_connections_per_person")
        self._channel.on_writable, self._channel.on_pong = (
            connection.set_writable,
            connection.note_life,
        )
        self._channel.on_trifle = connection.count_presence
        self._channel.on_kept = partial(services.arriving.keeps, room.room_id, connection)
        newcomer = not room.broadcast.has(connection.person)
        joined = room.join(connection)
        away_since = None
        if state is not None:
            away_since = unended(state.signals, connection.person)
            connection.send_control(
                state.welcome(room, connection.person, services.settings, services.clock)
            )
        if joined and newcomer:
            services.roster.came(room, connection.person)
        if joined:
            services.absences.arrive(room, connection, away_since)
        if connection.person.role == Role.CANDIDATE:
            self._spawn(start_clock(services, room))
        services.metrics.connections.inc()
        self.taken = True
        services.revalidation.add(self)
        events.tell_opened(**self._about())
        self._channel.listen(self._on_frame, self._on_close)

    def take_rights(self, rights: CurrentRights | None) -> None:
        """Go on with another role, or end: their rights were looked up."""
        connection, person = self.connection, self.connection.person
        if rights is None:
            connection.close(CloseCode.UNKNOWN_ROOM, "the session was deleted")
            return
        if rights.role is None:
            connection.close(CloseCode.NOT_ALLOWED, "your access to this session is over")
            return
        if self._locking is not None and rights.may_edit:
            self._locking.cancel()
            self._locking = None
        wanted = dataclasses.replace(person, role=rights.role.value, may_edit=rights.may_edit)
        if person.may_edit and not wanted.may_edit:
            self._become(dataclasses.replace(wanted, may_edit=True))
            if self._locking is None:
                # What was typed before the news arrived is on its way, and counts.
                grace = self._services.settings.lock_grace_seconds
                self._locking = asyncio.get_running_loop().call_later(grace, self._lock)
        else:
            self._become(wanted)

    def _lock(self) -> None:
        self._locking = None
        self.room.broadcast.change_person(
            self.connection, dataclasses.replace(self.connection.person, may_edit=False)
        )

    def _become(self, person: Person) -> None:
        room, connection = self.room, self.connection
        if person == connection.person:
            return
        changed = person.role != connection.person.role
        room.broadcast.change_person(connection, person)
        if changed:
            connection.send_control(control.YouChanged(you=to_message(person)).encode())
            tell_roster(room)
            # another role sees more of the clock, or less
            self._spawn(tell_clock(self._services, room.key, room.room_id))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(_unless_away(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_frame(self, frame: bytes | None) -> None:
        if frame is None:
            self.connection.close(CloseCode.MALFORMED, "this protocol is binary")
        else:
            self._incoming.receive(frame, self._on_control)

    def _on_close(self) -> None:
        services, room, connection = self._services, self.room, self.connection
        services.address_limit.leave(self._address)
        services.revalidation.discard(self)
        services.arriving.leave(room.room_id, connection)
        services.metrics.connections.dec()
        if connection.closing is not None:
            services.metrics.closes.labels(str(int(connection.closing.code))).inc()
        services.metrics.refuse(connection.bound)
        if connection.dropped is not None:
            services.metrics.drops.labels(connection.dropped).inc()
        code, reason = (
            connection.closing[:2]
            if connection.closing is not None
            else (1000 if self._channel.said_goodbye else 1006, self._lost() or "left")
        )
        events.tell_closed(**self._about(), code=int(code), reason=reason)
        was_here = room.broadcast.has(connection.person)
        services.hub.leave(room, connection)
        services.absences.leave(room, connection)
        if was_here and not room.broadcast.has(connection.person):
            services.roster.went(room, connection.person, self._lost())
        self._incoming.close()
        for task in self._tasks:
            task.cancel()

    def _about(self) -> dict[str, str]:
        by = (
            self.actor.name
            if self.actor is not None
            else f"person:{self.connection.person.public_id}"
        )
        return {"session": self.room.session_id, "by": by, "address": self.caller.address}

    def _lost(self) -> str | None:
        """Tell why the socket ended without a goodbye from either side; None when there was one."""
        connection = self.connection
        if connection.dropped is not None:
            return connection.dropped
        return None if connection.closing is not None or self._channel.said_goodbye else "gone"

    def _on_control(self, payload: bytes) -> None:
        connection = self.connection
        if not connection.wants_control:
            raise MalformedFrame("control messages need the pizarra.v1 subprotocol")
        message = read_control(payload, self._services.settings)
        if isinstance(message, control.Ping):
            connection.send_control(
                control.Pong(id=message.id, now=self._services.clock()).encode()
            )
        elif len(self._tasks) >= (
            _MAX_KEYS if isinstance(message, control.RunInput) else _MAX_CONTROLS
        ):
            detail = "Wait until the last request has been answered."
            self._refuse(control.Refusal(code="too_many_requests", detail=detail))
        else:
            self._spawn(self._answer(message))

    async def _answer(self, message: _Request) -> None:
        try:
            await self._carry_out(message)
        except Exception as error:  # noqa: BLE001 - they are told, whatever it is
            if isinstance(error, AppError):
                self._services.metrics.refuse(error.bound)
            self._refuse(refusal_of(error))

    def _refuse(self, refusal: control.Refusal) -> None:
        """Say why not; who is told so for ever is sent away for a while."""
        connection, bound = self.connection, "max_refusals_per_minute"
        connection.send_control(refusal.encode())
        if self._services.refused.spend(connection.person.public_id, 1):
            reason = "too many of your requests were refused: wait a minute"
            connection.close(CloseCode.TRY_AGAIN, reason, bound)

    async def _carry_out(self, message: _Request) -> None:
        context = ControlContext(
            self._services, self.room, self.connection, self.caller, self._address
        )
        if isinstance(message, run_requests.Request):
            await run_requests.carry_out(context, message)
        else:
            # What one person did stands on the timeline in the order they did it.
            async with self._in_order:
                await signal_requests.carry_out(context, message)


async def _unless_away(work: Coroutine[None, None, None]) -> None:
    """Do something; without a database it is left."""
    try:
        await work
    except (JournalUnavailable, *DATABASE_ERRORS) as error:
        log.info("left, as the database does not answer: %s", type(error).__name__)


def _has_too_many(settings: Settings, room: Room, person: Person) -> bool:
    return person.named and room.broadcast.count(person) >= settings.max_connections_per_person
