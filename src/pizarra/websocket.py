"""The only place where Starlette's sockets meet the collaboration core."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from fastapi import APIRouter, WebSocket
from pydantic import ValidationError
from sqlalchemy import bindparam, select
from starlette.websockets import WebSocketDisconnect, WebSocketState

from pizarra import control
from pizarra.collab.close_codes import CloseCode
from pizarra.collab.codec import MalformedFrame
from pizarra.collab.connection import Connection, Person
from pizarra.collab.hub import UnknownRoom
from pizarra.collab.journal import Entry, JournalError, JournalUnavailable
from pizarra.collab.room import Room
from pizarra.database import DATABASE_ERRORS
from pizarra.errors import AppError
from pizarra.kit.ids import is_public_id
from pizarra.models import InterviewSession, Language, Role, SessionStatus
from pizarra.participants.access import Access, caller_of, find_access
from pizarra.participants.service import find_or_add_owner, find_owner
from pizarra.participants.tokens import read_access
from pizarra.participants.trust import Caller
from pizarra.runs.planning import plan_run
from pizarra.runs.schemas import RunCreate
from pizarra.runs.service import find_run, latest_run
from pizarra.services import Services, services_of

log = logging.getLogger(__name__)

router = APIRouter()

_CLOSE_SECONDS = 5.0
_SESSION = InterviewSession.__table__.c
_ID_OF_ROOM = select(_SESSION.public_id).where(_SESSION.room_id == bindparam("room_id"))


class _Refused(Exception):
    """A socket that may not come in."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _SocketChannel:
    """Implements the core's `Channel` on a Starlette socket."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    async def send(self, frame: bytes) -> None:
        await self._socket.send_bytes(frame)

    async def close(self, code: int, reason: str) -> None:
        if self._socket.application_state is not WebSocketState.DISCONNECTED:
            await asyncio.wait_for(self._socket.close(code, reason[:120]), _CLOSE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Admitted:
    """Who came in, and to what."""

    room: Room
    session: InterviewSession
    person: Person
    caller: Caller


@router.websocket("/ws/{room_id}")
async def room_socket(socket: WebSocket, room_id: str) -> None:
    """Serve one socket: y-websocket's protocol, and control messages for those who ask for `pizarra.v1`."""
    services = services_of(socket)
    wants_control = control.SUBPROTOCOL in socket.scope.get("subprotocols", [])
    # Accept, then close: a refusal before the handshake reaches browsers as 1006, and they would retry for ever.
    await socket.accept(subprotocol=control.SUBPROTOCOL if wants_control else None)
    try:
        admitted = await _admit(services, socket, room_id)
    except _Refused as refusal:
        services.metrics.closes.labels(str(int(refusal.code))).inc()
        await _SocketChannel(socket).close(refusal.code, refusal.reason)
        return
    connection = Connection(
        admitted.person, wants_control=wants_control, max_outbox_bytes=services.settings.max_outbox_bytes
    )
    services.metrics.connections.inc()
    try:
        await _serve(services, socket, admitted, connection)
    finally:
        services.metrics.connections.dec()
        if connection.closing is not None:
            services.metrics.closes.labels(str(int(connection.closing[0]))).inc()


async def _admit(services: Services, socket: WebSocket, room_id: str) -> _Admitted:
    caller = caller_of(socket, socket.query_params.get("token"))
    # Before looking at the room: a stranger cannot tell a real one from a made-up one.
    if not caller.is_owner and not any(read_access(services.signer, each) for each in caller.credentials):
        raise _Refused(CloseCode.NOT_ALLOWED, "open the invitation first")
    try:
        access = await _find_room_access(services, caller, room_id)
        participant = access.participant or await find_owner(services.database, access.session)
        if participant is None:
            async with services.database.write() as db:
                participant = await find_or_add_owner(db, access.session, services.clock())
        role = access.role
        person = Person(participant.id, participant.public_id, participant.name, role.value, role.may_edit)
        if access.session.status == SessionStatus.ENDED:
            raise _Refused(CloseCode.SESSION_ENDED, "the session has ended")
        room = await services.hub.room(room_id)
        if not room.is_open:  # it ended between our two looks
            services.hub.forget(room)
            raise _Refused(CloseCode.SESSION_ENDED, "the session has ended")
    except UnknownRoom:
        raise _Refused(CloseCode.UNKNOWN_ROOM, "no such room") from None
    except (JournalUnavailable, *DATABASE_ERRORS):
        raise _Refused(CloseCode.TRY_AGAIN, "the database does not answer") from None
    return _Admitted(room, access.session, person, caller)


async def _find_room_access(services: Services, caller: Caller, room_id: str) -> Access:
    unknown = _Refused(CloseCode.UNKNOWN_ROOM, "no such room")
    if not is_public_id(room_id):
        raise unknown
    found = await services.database.fetch(_ID_OF_ROOM, {"room_id": room_id})
    if not found:
        raise unknown
    try:
        return await find_access(services, caller, found[0].public_id)
    except AppError:
        raise unknown from None


async def _serve(services: Services, socket: WebSocket, admitted: _Admitted, connection: Connection) -> None:
    room, channel = admitted.room, _SocketChannel(socket)
    newcomer = not _is_present(room, connection.person)
    pump = asyncio.ensure_future(connection.pump(channel))
    tasks: list[asyncio.Future[None]] = [pump]
    try:
        if room.closed:  # between loading and joining
            connection.close(CloseCode.TRY_AGAIN, "reconnect")
        else:
            room.join(connection)
            if connection.wants_control:
                await _welcome(services, admitted, connection)
            _people_changed(services, room, connection.person, "join" if newcomer else None)
        tasks.append(asyncio.ensure_future(_receive(services, socket, admitted, connection)))
        tasks.append(asyncio.ensure_future(connection.abandoned.wait()))  # type: ignore[arg-type]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if connection.closing is not None and not pump.done() and not connection.abandoned.is_set():
            # The reader found the fault; the writer still says goodbye.
            await asyncio.wait([pump], timeout=_CLOSE_SECONDS)
    finally:
        services.hub.leave(room, connection)
        _people_changed(services, room, connection.person, None if _is_present(room, connection.person) else "leave")
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and not _is_disconnect(outcome):
                log.error("socket of room %s", room.room_id, exc_info=outcome)
        if connection.abandoned.is_set() and connection.closing is not None:
            # Its peer does not read, so a goodbye may never leave; it is tried, and the socket dropped.
            with contextlib.suppress(Exception):
                await asyncio.wait_for(channel.close(*connection.closing), 1)


async def _receive(services: Services, socket: WebSocket, admitted: _Admitted, connection: Connection) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        frame = message.get("bytes")
        try:
            if frame is None:
                raise MalformedFrame("this protocol is binary")
            for payload in await admitted.room.receive(connection, frame):
                await _on_control(services, admitted, connection, payload)
        except MalformedFrame as error:
            connection.close(CloseCode.MALFORMED, str(error))
            return


async def _on_control(services: Services, admitted: _Admitted, connection: Connection, payload: bytes) -> None:
    if not connection.wants_control:
        raise MalformedFrame("control messages need the pizarra.v1 subprotocol")
    try:
        message = control.client_message.validate_json(payload)
    except ValidationError:
        raise MalformedFrame("a control message of unknown shape") from None
    try:
        match message:
            case control.Ping(id=number):
                connection.send_control(control.Pong(id=number).encode())
            case control.StartRun(path=path, stdin=stdin):
                async with services.database.read() as db:
                    access = await find_access(services, admitted.caller, admitted.session.public_id)
                    payload_model = RunCreate.model_validate({"path": path, "stdin": stdin})
                    plan = await plan_run(db, services, access, payload_model, wait=False)
                await services.runs.start(plan, connection.person.public_id)
            case control.StopRun(run_id=run_id):
                async with services.database.read() as db:
                    access = await find_access(services, admitted.caller, admitted.session.public_id)
                    await find_run(db, access.session, run_id)
                if access.role.may_edit:
                    await services.runs.stop_run(run_id)
    except AppError as error:
        connection.send_control(control.Refusal(code=error.code, detail=error.detail).encode())
    except JournalError:
        connection.send_control(control.Refusal(code="conflict", detail="The session has ended.").encode())
    except ValidationError:
        connection.send_control(control.Refusal(code="invalid_input", detail="The request is malformed.").encode())


async def _welcome(services: Services, admitted: _Admitted, connection: Connection) -> None:
    room = admitted.room
    async with services.database.read() as db:
        run = await latest_run(db, room.key)
    connection.send_control(
        control.Welcome(
            session_id=admitted.session.public_id,
            title=admitted.session.title,
            language=Language(admitted.session.language),
            status=SessionStatus(admitted.session.status),
            you=_person(connection.person),
            people=[_person(person) for person in room.people()],
            run=run,
        ).encode()
    )


def _person(person: Person) -> control.Person:
    return control.Person(participant_id=person.public_id, name=person.name, role=Role(person.role))


def _is_present(room: Room, person: Person) -> bool:
    return any(other.person.key == person.key for other in room.connections)


def _people_changed(services: Services, room: Room, person: Person, kind: str | None) -> None:
    """Tell everybody who is here, and note on the timeline who came or went."""
    room.broadcast_control(control.Roster(people=[_person(other) for other in room.people()]).encode())
    if kind is not None:
        entry = Entry(kind, person.key, data={"name": person.name, "role": person.role})
        task = asyncio.ensure_future(_note(services, room, entry))
        _notes.add(task)
        task.add_done_callback(_notes.discard)


_notes: set[asyncio.Task[None]] = set()


async def _note(services: Services, room: Room, entry: Entry) -> None:
    try:
        await services.journal.append(room.key, room.epoch, [entry], require_open=False)
    except (JournalError, JournalUnavailable) as error:
        log.info("%s of room %s not noted: %s", entry.kind, room.room_id, type(error).__name__)


def _is_disconnect(error: Exception) -> bool:
    return isinstance(error, WebSocketDisconnect | RuntimeError | OSError | TimeoutError)
