"""Where sockets come in: whoever connects is counted, let in or refused, and answered in the room."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from pizarra import control
from pizarra.access.credentials import Caller
from pizarra.access.dependencies import caller_of
from pizarra.access.people import find_or_add_own, find_own
from pizarra.access.session_access import Access, find_named, find_room_access, state_of
from pizarra.access.tokens import read_access
from pizarra.collab.connection import Connection, Person
from pizarra.collab.hub import UnknownRoom
from pizarra.collab.journal import JournalUnavailable
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.errors import AppError
from pizarra.http import events
from pizarra.http.address_limit import TooManyConnections
from pizarra.http.metrics import Metrics
from pizarra.kit.network import neighbourhood
from pizarra.models import SessionStatus
from pizarra.realtime.direct_socket import Socket
from pizarra.realtime.participant_socket import AddressSlot, ParticipantSocket, Refused, RoomSocket
from pizarra.realtime.parts import SocketParts, parts_of
from pizarra.realtime.plain_socket import PlainSocket
from pizarra.realtime.socket_protocol import EXTENSION
from pizarra.realtime.worker_socket import admit_worker
from pizarra.sandbox.remote.greeting import PATH
from pizarra.storage.failures import DATABASE_ERRORS

LetIn = Callable[[SocketParts, WebSocket, RoomSocket, AddressSlot], Awaitable[None]]

# A refusal of the API as sockets say it; what is not here is malformed, and final as that is.
_CLOSE_CODES = {
    401: CloseCode.NOT_ALLOWED,
    403: CloseCode.NOT_ALLOWED,
    404: CloseCode.UNKNOWN_ROOM,
    409: CloseCode.SESSION_ENDED,
    429: CloseCode.TRY_AGAIN,
    503: CloseCode.TRY_AGAIN,
    507: CloseCode.TRY_AGAIN,
}


async def room_socket(socket: WebSocket) -> None:
    """Serve one socket: y-websocket's protocol, and control messages for those who ask for `pizarra.v1`."""
    wants_control = control.SUBPROTOCOL in socket.scope.get("subprotocols", [])
    # Accept, then close: a refusal before the handshake reaches browsers as 1006, and they would retry for ever.
    await socket.accept(subprotocol=control.SUBPROTOCOL if wants_control else None)
    await _serve(socket, _take_person)


async def worker_socket(socket: WebSocket) -> None:
    """Serve the connection of a worker on another machine: what it and this process say is in `sandbox/remote/`."""
    await socket.accept()
    await _serve(socket, admit_worker)


async def _serve(socket: WebSocket, let_in: LetIn) -> None:
    direct: Callable[[], Socket] | None = socket.scope.get("extensions", {}).get(EXTENSION)
    if direct is not None:
        await _enter(socket, direct(), let_in)
        return
    plain = PlainSocket(socket, parts_of(socket).settings.max_frame_bytes)
    await _enter(socket, plain, let_in)
    await plain.serve()


async def _enter(socket: WebSocket, channel: RoomSocket, let_in: LetIn) -> None:
    """Let somebody in, or say goodbye with the reason."""
    services = parts_of(socket)
    address = neighbourhood(socket.client.host) if socket.client else ""
    try:
        services.address_limit.enter(address)
    except TooManyConnections as refusal:
        services.metrics.refuse("max_connections_per_address")
        _refuse(services.metrics, socket, channel, CloseCode.TRY_AGAIN, str(refusal))
        return
    slot = AddressSlot(address)
    limit = asyncio.timeout(services.settings.admission_seconds)
    try:
        async with limit:
            await let_in(services, socket, channel, slot)
    except Refused as refusal:
        services.metrics.refuse(refusal.bound)
        _refuse(services.metrics, socket, channel, refusal.code, refusal.reason)
    except AppError as refusal:
        services.metrics.refuse(refusal.bound)
        code = _CLOSE_CODES.get(refusal.status, CloseCode.MALFORMED)
        _refuse(services.metrics, socket, channel, code, refusal.detail)
    except (JournalUnavailable, *DATABASE_ERRORS):  # a time-out is among them, whoever's it is
        reason = "the database does not answer"
        if limit.expired():
            services.metrics.refuse("admission_seconds")
            reason = "the server is too busy"
        _refuse(services.metrics, socket, channel, CloseCode.TRY_AGAIN, reason)
    finally:
        if not slot.taken:
            services.address_limit.leave(address)


async def _take_person(
    services: SocketParts, socket: WebSocket, channel: RoomSocket, slot: AddressSlot
) -> None:
    room_id = socket.path_params["room_id"]
    async with services.joining.turn(room_id):
        caller = await caller_of(socket, socket.query_params.get("token"))
        access, person = await _admit(services, caller, room_id)
    wants_control = control.SUBPROTOCOL in socket.scope.get("subprotocols", [])
    try:
        room, state = await services.joining.read(room_id, with_state=wants_control)
    except UnknownRoom:
        raise Refused(CloseCode.UNKNOWN_ROOM, "no such room") from None
    if not room.is_open:  # it ended between our two looks
        services.hub.forget(room)
        raise Refused(CloseCode.SESSION_ENDED, "the session has ended")
    connection = Connection(
        person, channel, services.hub.limits.connection, wants_control=wants_control
    )
    place = ParticipantSocket(
        services, room, connection, caller, access.account, channel, slot.address
    )
    try:
        place.join(state)
    finally:
        slot.taken = place.taken


def _refuse(
    metrics: Metrics, socket: WebSocket, channel: RoomSocket, code: CloseCode, reason: str
) -> None:
    address = socket.client.host if socket.client else ""
    events.warn(
        "socket.refused",
        room=socket.path_params.get("room_id", "")[:32],
        code=int(code),
        reason=reason,
        address=address,
    )
    metrics.closes.labels(str(int(code))).inc()
    channel.close(code, reason)


async def _admit(services: SocketParts, caller: Caller, room_id: str) -> tuple[Access, Person]:
    """Return what somebody may do in a room's session, and who they are there.

    Raises:
        Refused: they may not come in.
    """
    # Before looking at the room: a stranger cannot tell a real one from a made-up one.
    known = caller.is_owner or caller.account is not None
    if not known and not any(
        read_access(services.signer, each) for each in (*caller.credentials, *caller.cookies)
    ):
        raise Refused(CloseCode.NOT_ALLOWED, "open the invitation first")
    access = await find_room_access(services, caller, room_id)
    if access is not None:
        participant = access.participant or await find_own(
            services.database, access.session, access.account
        )
    if access is None:
        raise await _not_in(services, caller, room_id)
    if participant is None:
        async with services.database.write() as db:
            participant = await find_or_add_own(
                db, access.session, access.account, access.role, services.clock()
            )
    role = access.role
    person = Person(
        participant.id,
        participant.public_id,
        participant.name,
        role.value,
        access.may_edit,
        named=access.participant is not None or access.account is not None,
    )
    if access.session.status == SessionStatus.ENDED:
        raise Refused(CloseCode.SESSION_ENDED, "the session has ended")
    return access, person


async def _not_in(services: SocketParts, caller: Caller, room_id: str) -> Refused:
    """Tell somebody who joined why they are not in; everybody else, that there is no such room."""
    known = [read_access(services.signer, each) for each in (*caller.credentials, *caller.cookies)]
    for session_id in {access[1] for access in known if access is not None}:
        named = await find_named(services, caller, session_id)
        if named is not None and named[1].room_id == room_id:
            waits = state_of(services.clock(), *named) == "waiting"
            reason = (
                "wait for the host to let you in"
                if waits
                else "your access to this session is over"
            )
            return Refused(CloseCode.NOT_ALLOWED, reason)
    return Refused(CloseCode.UNKNOWN_ROOM, "no such room")


async def no_socket_here(socket: WebSocket) -> None:
    """Say that nothing is here: without a handshake a browser would be told nothing, and try again for ever."""
    await socket.accept()
    await socket.close(CloseCode.UNKNOWN_ROOM, "no such room")


# Before that of rooms, which would take it for one of theirs.
WORKER_ROUTE = WebSocketRoute(f"{PATH}{{key}}", worker_socket)
# After the other, and before folders of files, which would take a socket for a request.
ELSEWHERE = WebSocketRoute("/{path:path}", no_socket_here)
# A route of its own, before all others: it takes no dependencies, and a crowd that reconnects comes all at once.
ROUTE = WebSocketRoute("/ws/{room_id}", room_socket)
