"""A connection's place in its room: what comes in, what is refused, and the end."""

import asyncio
import dataclasses
import logging
from collections.abc import Callable

from pydantic import ValidationError

from pizarra import control
from pizarra.accounts.identity import Actor
from pizarra.asking import Asking
from pizarra.attendance import shown
from pizarra.branches import service as branches
from pizarra.collab.close_codes import CloseCode
from pizarra.collab.codec import MalformedFrame
from pizarra.collab.connection import Connection, Person
from pizarra.collab.journal import JournalError, JournalUnavailable
from pizarra.collab.room import Room
from pizarra.database import DATABASE_ERRORS
from pizarra.errors import AppError
from pizarra.models import Language, SessionStatus, Signals
from pizarra.participants.access import find_access
from pizarra.participants.keeper import Standing
from pizarra.participants.service import list_waiting
from pizarra.participants.trust import Caller
from pizarra.participants.waiting import to_person
from pizarra.runs import socket as run_requests
from pizarra.runs.service import latest_run
from pizarra.services import Services
from pizarra.signals import service as signals
from pizarra.signals import socket as signal_requests
from pizarra.socket_protocol import Socket

log = logging.getLogger(__name__)

_MAX_CONTROLS = 16  # requests of one socket being worked on
_MAX_KEYS = 256  # of what is typed into a program

_Request = run_requests.Request | signal_requests.Request


class Refused(Exception):
    """A socket that may not come in."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Seat:
    """A connection's place in its room, from when it is let in until its socket is closed."""

    __slots__ = (
        *(
            "_address",
            "_channel",
            "_in_order",
            "_locking",
            "_services",
            "_tasks",
            "actor",
            "caller",
            "connection",
            "is_owner",
            "participant",
        ),
        *("room", "taken"),
    )

    def __init__(
        self,
        services: Services,
        room: Room,
        connection: Connection,
        caller: Caller,
        actor: Actor | None,
        channel: Socket,
        address: str,
    ) -> None:
        self.room = room
        self.connection = connection
        self.caller = caller
        self.participant = connection.person.key
        self.is_owner = caller.is_owner
        self.actor = actor
        self._locking: asyncio.TimerHandle | None = None
        self.taken = False
        self._services = services
        self._channel = channel
        self._address = address
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()

    async def take(self) -> None:
        """Join the room, and take part in it until the socket is closed."""
        services, room, connection = self._services, self.room, self.connection
        if room.closed:  # between loading and joining
            raise Refused(CloseCode.TRY_AGAIN, "reconnect")
        if _has_too_many(services, room, connection.person):
            raise Refused(CloseCode.TRY_AGAIN, "too many connections of yours: close other windows of this session")
        welcome = await self._welcome() if connection.wants_control else None
        if room.closed:  # meanwhile
            raise Refused(CloseCode.TRY_AGAIN, "reconnect")
        self._channel.on_writable, self._channel.on_pong = connection.set_writable, connection.note_life
        newcomer = not room.audience.has(connection.person)
        joined = room.join(connection)
        if welcome is not None:
            connection.send_control(welcome(room).encode())
        if joined and newcomer:
            services.attendance.came(room, connection.person)
        services.metrics.connections.inc()
        self.taken = True
        services.keeper.add(self)
        self._channel.listen(self._on_frame, self._on_close)

    def take_standing(self, standing: Standing | None) -> None:
        """Go on with another role, or end: the keeper has looked."""
        connection, person = self.connection, self.connection.person
        if standing is None:
            connection.close(CloseCode.UNKNOWN_ROOM, "the session was deleted")
            return
        if standing.role is None:
            connection.close(CloseCode.NOT_ALLOWED, "your access to this session is over")
            return
        if self._locking is not None and standing.may_edit:
            self._locking.cancel()
            self._locking = None
        wanted = dataclasses.replace(person, role=standing.role.value, may_edit=standing.may_edit)
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
        self.room.audience.change_person(self.connection, dataclasses.replace(self.connection.person, may_edit=False))

    def _become(self, person: Person) -> None:
        room, connection = self.room, self.connection
        if person == connection.person:
            return
        changed = person.role != connection.person.role
        room.audience.change_person(connection, person)
        if changed:
            connection.send_control(control.YouChanged(you=shown(person)).encode())
            room.audience.tell(control.Roster(people=[shown(other) for other in room.audience.people()]).encode())

    def _on_frame(self, frame: bytes | None) -> None:
        try:
            if frame is None:
                raise MalformedFrame("this protocol is binary")
            for payload in self.room.receive(self.connection, frame):
                self._on_control(payload)
        except MalformedFrame as error:
            self.connection.close(CloseCode.MALFORMED, str(error))

    def _on_close(self) -> None:
        services, room, connection = self._services, self.room, self.connection
        services.gate.leave(self._address)
        services.keeper.discard(self)
        services.metrics.connections.dec()
        if connection.closing is not None:
            services.metrics.closes.labels(str(int(connection.closing[0]))).inc()
        if connection.dropped is not None:
            services.metrics.drops.labels(connection.dropped).inc()
        was_here = room.audience.has(connection.person)
        services.hub.leave(room, connection)
        if was_here and not room.audience.has(connection.person):
            services.attendance.went(room, connection.person, self._lost())
        for task in self._tasks:
            task.cancel()

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
        try:
            message = control.client_message.validate_json(payload)
        except ValidationError:
            raise MalformedFrame("a control message of unknown shape") from None
        if isinstance(message, control.Ping):
            connection.send_control(control.Pong(id=message.id).encode())
        elif len(self._tasks) >= (_MAX_KEYS if isinstance(message, control.RunInput) else _MAX_CONTROLS):
            detail = "Wait until the last request has been answered."
            connection.send_control(control.Refusal(code="too_many_requests", detail=detail).encode())
        else:
            task = asyncio.ensure_future(self._answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: _Request) -> None:
        connection = self.connection
        try:
            await self._carry_out(message)
        except AppError as error:
            refusal = control.Refusal(code=error.code, detail=error.detail)
        except JournalError:
            refusal = control.Refusal(code="conflict", detail="The session has ended.")
        except (JournalUnavailable, *DATABASE_ERRORS):
            refusal = control.Refusal(code="unavailable", detail="The database does not answer.")
        except ValidationError:
            refusal = control.Refusal(code="invalid_input", detail="The request is malformed.")
        except Exception:
            log.exception("a control message of room %s failed", self.room.room_id)
            refusal = control.Refusal(code="internal", detail="That failed here; try again.")
        else:
            return
        connection.send_control(refusal.encode())

    async def _carry_out(self, message: _Request) -> None:
        asking = Asking(self._services, self.room, self.connection, self.caller, self._address)
        if isinstance(message, run_requests.Request):
            await run_requests.carry_out(asking, message)
        else:
            # What one person did stands on the timeline in the order they did it.
            async with self._in_order:
                await signal_requests.carry_out(asking, message)

    async def _welcome(self) -> Callable[[Room], control.Welcome]:
        services, room = self._services, self.room
        access = await find_access(services, self.caller, room.session_id)
        async with services.database.read() as db:
            run = await latest_run(db, room.key)
            waiting = [to_person(each) for each in await list_waiting(db, room.key)] if access.role.may_host else []
            told, suggestions = await signals.recent(db, room.key)
            branch = branches.shown(branches.current(await branches.list_branches(db, access.session)))

        def with_people(room: Room) -> control.Welcome:
            return control.Welcome(
                session_id=room.session_id,
                title=access.session.title,
                language=Language(access.session.language),
                status=SessionStatus(access.session.status),
                you=shown(self.connection.person),
                people=[shown(person) for person in room.audience.people()],
                waiting=waiting,
                editing_locked=access.session.editing_locked,
                running_locked=access.session.running_locked,
                max_text_bytes=services.settings.max_text_bytes,
                run=run,
                shown_signals=Signals(access.session.signals),
                signals=told,
                suggestions=suggestions,
                thinking_until=access.session.thinking_until,
                branch=branch,
            )

        return with_people


def _has_too_many(services: Services, room: Room, person: Person) -> bool:
    return person.named and room.audience.count(person) >= services.settings.max_connections_per_person
