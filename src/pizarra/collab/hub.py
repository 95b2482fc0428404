"""All rooms in this process: each loaded once however many ask for it at the same time, dropped when idle."""

import asyncio
from collections.abc import Callable, Iterator

from pizarra.collab.close_codes import CloseCode
from pizarra.collab.connection import Connection
from pizarra.collab.document import Document
from pizarra.collab.journal import Entry, Journal, JournalUnavailable, SessionClosed
from pizarra.collab.limits import RoomLimits
from pizarra.collab.observer import RoomObserver
from pizarra.collab.room import Room, RoomGone

_CHANGE_ATTEMPTS = 5


class UnknownRoom(LookupError):
    """No session has this room."""


class Hub:
    """The rooms in memory."""

    def __init__(self, journal: Journal, limits: RoomLimits, observer: RoomObserver) -> None:
        self._journal = journal
        self.limits = limits
        self._observer = observer
        self._rooms: dict[str, asyncio.Future[Room]] = {}
        self._chores: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to keep idle connections alive, and to look what other processes recorded."""
        loop = asyncio.get_running_loop()
        self._chores = [loop.create_task(self._keep_alive()), loop.create_task(self._follow())]

    async def stop(self) -> None:
        """Send everybody away to reconnect elsewhere, and wait for the commits under way."""
        for chore in self._chores:
            chore.cancel()
        await asyncio.gather(*self._chores, return_exceptions=True)
        for room in self.rooms():
            await room.settled()
            room.close(CloseCode.GOING_AWAY, "the server is stopping")

    def rooms(self) -> list[Room]:
        """Return the loaded rooms."""
        return [room for future in self._rooms.values() if (room := _loaded(future)) is not None]

    def loaded(self, room_id: str) -> Room | None:
        """Return a room if it is in memory and usable."""
        room = _loaded(self._rooms.get(room_id))
        return None if room is None or room.closed else room

    async def room(self, room_id: str) -> Room:
        """Return a room, loading it if need be; concurrent callers share one load.

        Raises:
            UnknownRoom: there is no such session.
            JournalUnavailable: storage did not answer.
        """
        future = self._rooms.get(room_id)
        known = _loaded(future)
        if future is None or (known is not None and known.closed):
            future = asyncio.ensure_future(self._load(room_id))
            self._rooms[room_id] = future
        try:
            # One caller giving up (a socket that closed) must not cancel the load the others wait for.
            return await asyncio.shield(future)
        except BaseException:
            if future.done() and self._rooms.get(room_id) is future:
                del self._rooms[room_id]
            raise

    def connections(self) -> Iterator[Connection]:
        """Yield every connection in every room."""
        for room in self.rooms():
            yield from room.audience.connections

    def leave(self, room: Room, connection: Connection) -> None:
        """Let a connection go; an empty room leaves memory after a while."""
        room.leave(connection)
        if not room.audience.connections:
            self._forget_when_idle(room)

    async def change(self, room_id: str, edit: Callable[[Document], None], entry: Entry | None = None) -> None:
        """Make an edit as the server, whether the room is in memory or not; see `Room.change`.

        Raises:
            UnknownRoom: there is no such session.
            SessionClosed: the session has ended.
            RoomGone: the room could not be written; the database is away.
            DocumentFull: with `entry`, the document would outgrow its limits.
        """
        for attempt in range(_CHANGE_ATTEMPTS):
            room = await self.room(room_id)
            if not room.is_open:
                self.forget(room)
                raise SessionClosed
            try:
                await room.change(edit, entry)
            except RoomGone:
                if attempt == _CHANGE_ATTEMPTS - 1:
                    raise
                continue
            if not room.audience.connections:
                self._forget_when_idle(room)
            return

    def close_room(self, room_id: str, code: CloseCode, reason: str) -> None:
        """Send everybody in a room away and forget it."""
        room = _loaded(self._rooms.pop(room_id, None))
        if room is not None:
            room.close(code, reason)

    def forget(self, room: Room) -> None:
        """Drop a room from memory; nothing in it is unsaved."""
        if _loaded(self._rooms.get(room.room_id)) is room:
            del self._rooms[room.room_id]

    def _forget_when_idle(self, room: Room) -> None:
        def check() -> None:
            if room.is_idle:
                room.close(CloseCode.TRY_AGAIN, "idle")
                self.forget(room)
            elif not room.audience.connections:
                self._forget_when_idle(room)

        asyncio.get_running_loop().call_later(self.limits.idle_seconds, check)

    async def _load(self, room_id: str) -> Room:
        stored = await self._journal.load(room_id)
        if stored is None:
            raise UnknownRoom(room_id)
        document = await Document.load(stored.snapshot, stored.updates)
        room = Room(room_id, stored, document, self._journal, self.limits, self._observer)
        self._observer.room_loaded(room)
        return room

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.limits.connection.keepalive_seconds / 3)
            for room in self.rooms():
                if not room.closed:
                    room.audience.keep_alive(loop.time())

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self.limits.follow_seconds)
            rooms = [room for room in self.rooms() if not room.closed]
            if not rooms:
                continue
            try:
                standings = await self._journal.standings([room.key for room in rooms])
            except JournalUnavailable:
                continue
            for room in rooms:
                room.follow(standings.get(room.key))
                if room.closed:
                    self.forget(room)


def _loaded(future: asyncio.Future[Room] | None) -> Room | None:
    if future is None or not future.done() or future.cancelled() or future.exception() is not None:
        return None
    return future.result()
