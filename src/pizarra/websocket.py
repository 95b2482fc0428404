"""The only place where Starlette's sockets meet the collaboration core."""

import asyncio

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from pizarra import control
from pizarra.collab.close_codes import CloseCode
from pizarra.collab.connection import Connection, Person
from pizarra.collab.hub import UnknownRoom
from pizarra.collab.journal import JournalUnavailable
from pizarra.database import DATABASE_ERRORS
from pizarra.gate import TooManyConnections
from pizarra.models import SessionStatus
from pizarra.participants.access import caller_of, find_named, find_room_access, state_of
from pizarra.participants.service import find_or_add_own, find_own
from pizarra.participants.tokens import read_access
from pizarra.participants.trust import Caller
from pizarra.seat import Refused, Seat
from pizarra.services import Services, services_of
from pizarra.socket_protocol import EXTENSION, Socket


async def room_socket(socket: WebSocket) -> None:
    """Serve one socket: y-websocket's protocol, and control messages for those who ask for `pizarra.v1`."""
    services, room_id = services_of(socket), socket.path_params["room_id"]
    wants_control = control.SUBPROTOCOL in socket.scope.get("subprotocols", [])
    # Accept, then close: a refusal before the handshake reaches browsers as 1006, and they would retry for ever.
    await socket.accept(subprotocol=control.SUBPROTOCOL if wants_control else None)
    channel: Socket = socket.scope["extensions"][EXTENSION]()
    address = socket.client.host if socket.client else ""
    try:
        services.gate.enter(address)
    except TooManyConnections as refusal:
        _refuse(services, channel, CloseCode.TRY_AGAIN, str(refusal))
        return
    seat: Seat | None = None
    try:
        async with asyncio.timeout(services.settings.admission_seconds):
            seat = await _admit(services, socket, room_id, channel, address)
            await seat.take()
    except Refused as refusal:
        _refuse(services, channel, refusal.code, refusal.reason)
    except (JournalUnavailable, *DATABASE_ERRORS):
        _refuse(services, channel, CloseCode.TRY_AGAIN, "the database does not answer")
    except TimeoutError:
        _refuse(services, channel, CloseCode.TRY_AGAIN, "the server is too busy")
    finally:
        if seat is None or not seat.taken:
            services.gate.leave(address)


def _refuse(services: Services, channel: Socket, code: CloseCode, reason: str) -> None:
    services.metrics.closes.labels(str(int(code))).inc()
    channel.close(code, reason)


async def _admit(services: Services, socket: WebSocket, room_id: str, channel: Socket, address: str) -> "Seat":
    caller = await caller_of(socket, socket.query_params.get("token"))
    # Before looking at the room: a stranger cannot tell a real one from a made-up one.
    known = caller.is_owner or caller.account is not None
    if not known and not any(read_access(services.signer, each) for each in (*caller.credentials, *caller.cookies)):
        raise Refused(CloseCode.NOT_ALLOWED, "open the invitation first")
    access = await find_room_access(services, caller, room_id)
    if access is None:
        raise await _not_in(services, caller, room_id)
    participant = access.participant or await find_own(services.database, access.session, access.account)
    if participant is None:
        async with services.database.write() as db:
            participant = await find_or_add_own(db, access.session, access.account, access.role, services.clock())
    role = access.role
    person = Person(
        *(participant.id, participant.public_id, participant.name, role.value, access.may_edit),
        named=access.participant is not None or access.account is not None,
    )
    if access.session.status == SessionStatus.ENDED:
        raise Refused(CloseCode.SESSION_ENDED, "the session has ended")
    try:
        room = await services.hub.room(room_id)
    except UnknownRoom:
        raise Refused(CloseCode.UNKNOWN_ROOM, "no such room") from None
    if not room.is_open:  # it ended between our two looks
        services.hub.forget(room)
        raise Refused(CloseCode.SESSION_ENDED, "the session has ended")
    wants_control = control.SUBPROTOCOL in socket.scope.get("subprotocols", [])
    connection = Connection(person, channel, services.hub.limits.connection, wants_control=wants_control)
    return Seat(services, room, connection, caller, access.account, channel, address)


async def _not_in(services: Services, caller: Caller, room_id: str) -> Refused:
    """Tell somebody who joined why they are not in; everybody else, that there is no such room."""
    known = [read_access(services.signer, each) for each in (*caller.credentials, *caller.cookies)]
    for session_id in {access[1] for access in known if access is not None}:
        named = await find_named(services, caller, session_id)
        if named is not None and named[1].room_id == room_id:
            waits = state_of(services, *named) == "waiting"
            reason = "wait for the host to let you in" if waits else "your access to this session is over"
            return Refused(CloseCode.NOT_ALLOWED, reason)
    return Refused(CloseCode.UNKNOWN_ROOM, "no such room")


# A route of its own, before all others: it takes no dependencies, and a crowd that reconnects comes all at once.
ROUTE = WebSocketRoute("/ws/{room_id}", room_socket)
