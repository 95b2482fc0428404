"""All rooms in this process: each loaded once however many ask for it at the same time, dropped when idle."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from weakref import WeakValueDictionary

from pizarra.collab.broadcast import Audience
from pizarra.collab.bus import Bus, NoBus
from pizarra.collab.connection import Connection
from pizarra.collab.elsewhere import Elsewhere
from pizarra.collab.journal import Entry, Journal, JournalUnavailable, SessionClosed
from pizarra.collab.limits import RoomLimits
from pizarra.collab.observer import RoomObserver
from pizarra.collab.room import Room, RoomGone
from pizarra.collab.state.census import AT_ONCE_BYTES
from pizarra.collab.state.document import Document
from pizarra.collab.state.learnt import learn
from pizarra.collab.told_entries import ToldEntries, decode
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.kit.in_turn import InTurn

_ALONE = NoBus()
_CHANGE_ATTEMPTS = 5
_SAY_AGAIN = 10  # looks from one time that it is said who is in a room to the next
_COMPANY_SECONDS = 1.0  # from one look at storage to the next, while other processes serve too


class UnknownRoom(LookupError):
    """No session has this room."""


class Hub:
    """The rooms in memory."""

    def __init__(
        self, journal: Journal, limits: RoomLimits, observer: RoomObserver[Room], bus: Bus = _ALONE
    ) -> None:
        self._journal = journal
        self._bus = bus
        self._elsewhere = Elsewhere(bus)
        self.limits = limits
        self._observer = observer
        self._rooms: dict[str, asyncio.Future[Room]] = {}
        self._by_key: WeakValueDictionary[int, Room] = WeakValueDictionary()
        self._chores: list[asyncio.Task[None]] = []
        # of documents that are not in memory, by interview
        self.cold_reads = InTurn(limits.cold_reads_waiting)
        self._generation: str | None = None  # of storage, as of the last look
        self._looks = 0

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

    # Other processes

    def committed(self, key: int, told: ToldEntries, *, by_room: bool) -> None:
        """This process appended entries of a session; those that no room did are no edits."""
        room = self._living(key)
        if not by_room and room is not None:
            room.note_own(told.first, told.last)
        self._elsewhere.publish_entries(key, room, told)

    async def recorded(self, key: int) -> None:
        """This process recorded entries of a session in a transaction: show them to everybody, here first."""
        self.recorded_and_shown(key)
        room = self._living(key)
        if room is not None:
            await room.others.look()

    def recorded_and_shown(self, key: int) -> None:
        """Like `recorded`, where the people of this process were shown it already: tell the other processes to look."""
        self._elsewhere.publish("log", str(key), self._living(key))

    def recorded_private(self, room_id: str) -> None:
        """This process recorded something private of a session: show it, everywhere, to those who may read it."""
        room = self.loaded(room_id)
        if room is not None:
            self._observer.private_recorded(room)
        self._elsewhere.publish("private", room_id, room)

    def tell(self, room_id: str, message: bytes, to: Audience = Audience.EVERYBODY) -> None:
        """Send a control message to those who are in a room, in whatever process; elsewhere it may not arrive."""
        room = self.loaded(room_id)
        if room is not None:
            room.broadcast.tell(message, to)
        self._elsewhere.publish("tell", room_id, room, b"%b %b" % (to.value.encode(), message))

    def hear(self, node: str, kind: str, subject: str, payload: bytes) -> None:
        """Take in what another process published.

        Raises:
            ValueError, TypeError: it is not what a process of this version writes.
        """
        if kind == "log":
            if (room := self._living(int(subject))) is not None:
                room.others.hear(int(payload) if payload else None)
        elif kind == "entries":
            if (room := self._living(int(subject))) is not None:
                told = decode(payload)
                if told.epoch == room.epoch:
                    room.others.hear_entries(told)
        elif (room := self.loaded(subject)) is not None:
            if kind == "private":
                self._observer.private_recorded(room)
            elif self._elsewhere.hear(room, node, kind, payload):
                self._observer.people_changed(room)

    def _living(self, key: int) -> Room | None:
        room = self._by_key.get(key)
        return None if room is None or room.closed else room

    def ask_everywhere(self) -> None:
        """Ask who is in the loaded rooms elsewhere, and look what was recorded: something may not have arrived."""
        for room in self.rooms():
            if not room.closed:
                self._elsewhere.ask(room)
                self._elsewhere.answer(room)
                room.others.hear(None)

    def forget_node(self, node: str) -> None:
        """Another process ended: nobody is connected to it."""
        for room in self.rooms():
            if not room.closed and room.broadcast.forget_elsewhere(node):
                self._observer.people_changed(room)

    # Rooms

    def rooms(self) -> list[Room]:
        """Return the loaded rooms."""
        return [room for future in self._rooms.values() if (room := _loaded(future)) is not None]

    def loaded(self, room_id: str) -> Room | None:
        """Return a room if it is in memory and usable."""
        room = _loaded(self._rooms.get(room_id))
        return None if room is None or room.closed else room

    def holds(self, room_id: str) -> bool:
        """Tell whether a room is in memory, or on its way there."""
        return room_id in self._rooms

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
            yield from room.broadcast.connections

    def people_here(self) -> Iterator[tuple[int, int]]:
        """Yield who is connected to this process: a session and a person, by storage's ids."""
        for room in self.rooms():
            if not room.closed:
                for person in room.broadcast.people_here():
                    yield room.key, person.key

    def leave(self, room: Room, connection: Connection) -> None:
        """Let a connection go; an empty room leaves memory after a while."""
        room.leave(connection)
        if not room.broadcast.connections:
            self._forget_when_idle(room)

    async def change(
        self, room_id: str, edit: Callable[[Document], None], entry: Entry | None = None
    ) -> None:
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
            if not room.broadcast.connections:
                self._forget_when_idle(room)
            return

    def close_room(self, room_id: str, code: CloseCode, reason: str) -> None:
        """Send everybody in a room away and forget it."""
        room = _loaded(self._rooms.pop(room_id, None))
        if room is not None:
            self._elsewhere.leave(room)
            room.close(code, reason)

    def forget(self, room: Room) -> None:
        """Drop a room from memory; nothing in it is unsaved."""
        if _loaded(self._rooms.get(room.room_id)) is room:
            del self._rooms[room.room_id]
            self._elsewhere.leave(room)

    def _forget_when_idle(self, room: Room) -> None:
        def check() -> None:
            if room.is_idle:
                room.close(CloseCode.TRY_AGAIN, "idle")
                self.forget(room)
            elif not room.broadcast.connections:
                self._forget_when_idle(room)

        asyncio.get_running_loop().call_later(self.limits.idle_seconds, check)

    async def _load(self, room_id: str) -> Room:
        stored = await self._journal.load(room_id)
        if stored is None:
            raise UnknownRoom(room_id)
        document = await Document.load(stored.snapshot, stored.updates)
        integrated = document.integrated(AT_ONCE_BYTES)
        await asyncio.sleep(0)  # of a large document each of these takes a while
        learnt = await learn(stored.updates, integrated)
        room = Room(
            room_id,
            stored,
            document,
            integrated,
            learnt,
            self._journal,
            self.limits,
            self._observer,
        )
        self._by_key[room.key] = room
        self._elsewhere.introduce(room)
        self._observer.room_loaded(room)
        return room

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.limits.connection.keepalive_seconds / 3)
            for room in self.rooms():
                if not room.closed:
                    room.broadcast.keep_alive(loop.time())

    async def _follow(self) -> None:
        with contextlib.suppress(JournalUnavailable):
            await self._look_at_storage()
        while True:
            company = self._bus.is_heard  # what it does not bring is read soon
            await asyncio.sleep(
                min(self.limits.follow_seconds, _COMPANY_SECONDS if company else 60)
            )
            if company:
                self._say_again()
            with contextlib.suppress(JournalUnavailable):
                await self._look()

    def _say_again(self) -> None:
        """Say who is here, in some of the rooms at a time: the last word of it may not have arrived."""
        rooms = [room for room in self.rooms() if not room.closed]
        self._looks += 1
        for room in rooms[self._looks % _SAY_AGAIN :: _SAY_AGAIN]:
            self._elsewhere.refresh(room)

    async def _look(self) -> None:
        """See what became of the loaded rooms in storage.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        rooms = [room for room in self.rooms() if not room.closed]
        if not rooms:
            return
        known = {room: room.complete_to for room in rooms}
        stored_states = await self._journal.stored_states([room.key for room in rooms])
        for room in rooms:
            room.follow(stored_states.get(room.key), known[room])
        await self._look_at_storage()
        for room in rooms:
            if room.closed:
                self.forget(room)

    async def _look_at_storage(self) -> None:
        """Have every room loaded anew when storage goes on from a copy: it may lack what was committed last."""
        generation = await self._journal.generation()
        if self._generation not in (None, generation):
            for room in self.rooms():
                if not room.closed:
                    room.give_up()
        self._generation = generation


def _loaded(future: asyncio.Future[Room] | None) -> Room | None:
    if future is None or not future.done() or future.cancelled() or future.exception() is not None:
        return None
    return future.result()
