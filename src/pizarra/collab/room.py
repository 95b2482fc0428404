"""A loaded document and the people in it: record → apply → distribute → acknowledge.

An update is committed to the journal before anybody else sees it and before its author is told it is safe. So a room
can be dropped from memory at any time: nothing in it is unsaved. A room is open until it is closed, and closed for
ever; nothing in it waits, so every frame, commit and departure is one step from one state to the next. Its parts hold
it weakly: once nobody uses it, it and its document are gone at once, without waiting for a garbage collection.
"""

import asyncio
from collections.abc import Callable, Sequence

from pizarra.collab.as_recorded import is_as_recorded
from pizarra.collab.broadcast import Broadcast
from pizarra.collab.catch_up import CatchUp
from pizarra.collab.commit_queue import CommitQueue, Edit, RoomGone
from pizarra.collab.connection import Connection
from pizarra.collab.document_sync import DocumentSync
from pizarra.collab.endings import ending_in, ending_of
from pizarra.collab.journal import (
    Entry,
    HeadMoved,
    Journal,
    JournalError,
    JournalUnavailable,
    StoredDocument,
    StoredEvent,
    StoredState,
    StoredUpdate,
    WentBack,
)
from pizarra.collab.limits import RoomLimits
from pizarra.collab.observer import RoomObserver
from pizarra.collab.presence import Presence
from pizarra.collab.server_edits import DocumentFull, ServerEdits
from pizarra.collab.state.document import Document
from pizarra.collab.state.integrated_state import IntegratedState
from pizarra.collab.state.learnt import Learnt
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.state.quota import Quota
from pizarra.collab.state.snapshots import Snapshots
from pizarra.collab.update_validator import UpdateValidator
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import (
    Message,
    MessageType,
    SyncStep,
    acknowledge_frame,
    decode_frame,
    websocket_frame,
)
from pizarra.collab.wire.updates import summarize_update
from pizarra.kit.weak import weakly

__all__ = ["DocumentFull", "Room", "RoomGone"]

_SYNC, _AWARENESS, _ACKNOWLEDGE = MessageType.SYNC, MessageType.AWARENESS, MessageType.ACKNOWLEDGE
_STEP1 = SyncStep.STEP1
_CHANGE_ATTEMPTS = 100  # to make an edit by the server while other processes write


class Room:
    """One document, its connections, and the queue of updates on their way to the journal."""

    def __init__(
        self,
        room_id: str,
        stored: StoredDocument,
        document: Document,
        integrated: IntegratedState,
        learnt: Learnt,
        journal: Journal,
        limits: RoomLimits,
        observer: "RoomObserver[Room]",
    ) -> None:
        self.room_id = room_id
        self.key = stored.key
        self.share = stored.share
        self.session_id = stored.session_id
        self.epoch = stored.epoch
        self.is_open = stored.is_open
        self.document = document
        self.private_head = stored.private_head  # up to which those who may were told of that log
        self.closed = False
        self._journal = journal
        self._limits = limits
        self._observer = observer
        self._ownership = Ownership(
            stored.owners,
            limits.connection.clients,
            limits.clients_per_person,
            asks=journal.is_shared,
        )
        presence = Presence(
            self._ownership, limits.presence_bytes, limits.connections * limits.connection.clients
        )
        self.broadcast = Broadcast(presence, limits, on_missed=weakly(self._on_missed))
        told = (weakly(self._on_committed), weakly(self._on_lost), weakly(self._on_retry))
        queue = self._queue = CommitQueue(stored, journal, limits, *told)
        queue.integrated = integrated
        self._take_in_learnt(learnt)
        self._quota = Quota(document, integrated, limits, stored.log_bytes)
        self._validator = UpdateValidator(
            integrated, self._ownership, self._quota, self._queue, limits
        )
        self._paused: set[Connection] = set()
        tells = (weakly(self._take_in), weakly(self.give_up), weakly(self._on_read))
        self.others = CatchUp(self.key, queue, journal, self.broadcast, *tells)
        # told that another process wrote, and the bus did not say so
        self.on_unheard: Callable[[], None] = lambda: None
        self._snapshots = Snapshots(
            stored,
            document,
            journal,
            self._ownership,
            every=limits.snapshot_updates,
            every_bytes=limits.snapshot_bytes,
            holds=lambda: queue.complete_to,
        )
        self._comparing: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._server = ServerEdits(document, queue, self._quota, self._ownership)
        self._sync = DocumentSync(room_id, document, queue, self.broadcast)

    def _take_in_learnt(self, learnt: Learnt) -> None:
        """Know from the log who wrote under which client ids, and what still builds on what is not there."""
        for author, clients in learnt.authors:
            self._ownership.note(author, clients)
        for summary, size in learnt.gaps:
            self._queue.gaps.add(summary, size)

    # Joining and leaving

    def join(self, connection: Connection) -> bool:
        """Let a connection in, ask for what it has, and show it who is here; tell whether there was room."""
        if not self.broadcast.join(connection):
            return False
        self._sync.ask(connection)
        self.broadcast.show_everybody(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """Let a connection go; the others learn that its cursors are gone."""
        if self.broadcast.leave(connection):
            self._paused.discard(connection)
            self._ownership.release(connection)

    def close(self, code: CloseCode, reason: str) -> None:
        """Send everybody away; nothing that was not committed is recorded any more."""
        self.closed = True
        self._sync.stop()
        self.others.stop()
        self.broadcast.close(code, reason)
        self._queue.close()

    def count_recorded(self, size: int) -> bool:
        """Count bytes that somebody else records of this session; tell whether there is room for them."""
        return self._quota.count_recorded(size)

    @property
    def max_pieces(self) -> int:
        """How many pieces one edit may have."""
        return self._limits.update_pieces

    @property
    def complete_to(self) -> int:
        """The seq up to which no edit is unknown here."""
        return self._queue.complete_to

    def note_own(self, first: int, last: int) -> None:
        """This process appended entries of this session that are no edits: there is nothing to catch up with."""
        self._queue.note_own(first, last)
        self.others.go_on()

    @property
    def head(self) -> int:
        """The seq of the newest edit known here."""
        return self._queue.head

    @property
    def is_idle(self) -> bool:
        """Whether nobody is here and nothing waits for a commit."""
        return not self.broadcast.connections and self._queue.is_empty

    # Frames from clients

    def receive(
        self, connection: Connection, frame: bytes, *, in_part: bool = False
    ) -> list[bytes]:
        """Take in one frame. When too much is uncommitted, the connection is read no further for now.

        Returns:
            The control messages in it, as JSON: they are not the room's business.

        Raises:
            MalformedFrame: the frame is not one an honest client sends; the caller closes the socket.
            TooMuchAtOnce: it should come in parts, and is none of the smallest. It may be taken in anew.
            MustBeRead: so it may when the document was read (`read_document`).
            Unclaimed: after `claim`, it is to be taken in anew.
        """
        connection.heard = True
        controls = []
        for message in decode_frame(frame):
            if connection.closing is not None or self.closed:
                break
            if message.type is MessageType.CONTROL:
                connection.count_presence(len(message.payload))
                controls.append(message.payload)
            else:
                self._handle(connection, message, in_part=in_part)
        if self._queue.is_full and connection not in self._paused:
            self._paused.add(connection)
            connection.pause()
        return controls

    async def claim(self, connection: Connection, client: int) -> None:
        """Ask whose a client id is, in whatever process: this person's from now on, if it is nobody's.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        owner = await self._journal.own(self.key, connection.person.key, client)
        self._ownership.note(owner, [client])

    def _handle(self, connection: Connection, message: Message, *, in_part: bool) -> None:
        kind, payload, step = message
        if kind is _SYNC:
            if step is _STEP1:
                connection.count_sync()
                self._sync.answer(connection, payload)
            else:
                self._receive_update(connection, payload, in_part=in_part)
        elif kind is _AWARENESS:
            connection.count_presence(len(payload))
            self.broadcast.receive_presence(connection, payload)
        elif kind is _ACKNOWLEDGE:
            connection.count_question()
            self._queue.acknowledge_later(connection, websocket_frame(acknowledge_frame(payload)))
        elif kind is MessageType.QUERY_AWARENESS:
            connection.count_sync()
            self.broadcast.show_everybody(connection)

    def _receive_update(self, connection: Connection, payload: bytes, *, in_part: bool) -> None:
        connection.count_update()
        admitted = self._validator.admit(connection, payload, in_part=in_part)
        if isinstance(admitted, Edit):
            self._queue.add(admitted)
        elif admitted is not None:
            if admitted.bound is not None:
                self._observer.update_refused(self)
            connection.close(*admitted)

    # Edits by the server

    async def change(self, edit: Callable[[Document], None], entry: Entry | None = None) -> None:
        """Make an edit as the server: recorded, applied and distributed like any other.

        With `entry`, which says what the edit is for, that entry stands right before it on the timeline: both or
        neither are recorded.

        Raises:
            RoomGone: the room closed before the edit was committed; load it again and retry.
            DocumentFull: with `entry`, the document would outgrow its limits.
        """
        # One after another: an edit must see what the one before it did, or two would seed the same file.
        async with self._changing:
            for _ in range(_CHANGE_ATTEMPTS):
                try:
                    await self._server.make(edit, entry)
                except HeadMoved:  # another process wrote: it may have done the same
                    await asyncio.shield(self.others.read())
                else:
                    return
        raise RoomGone

    def has_deleted(self, client: int, start: int, end: int) -> bool:
        """Tell whether a client's clocks from `start` up to `end` are deleted, as far as edits were recorded."""
        return self._queue.integrated.has_deleted(client, start, end)

    async def read_document(self) -> None:
        """Read the whole document, in turns with others: for a moment then it is known what it holds."""
        await self._queue.integrated.census.read()

    async def settled(self) -> int:
        """Wait until everything received so far is committed; return the seq of the newest edit known here."""
        await self._queue.settled()
        return self.head

    # What became of them

    def _on_committed(self, edits: Sequence[Edit], entries: int) -> None:
        """Apply what is in the log, and show it to everybody."""
        if edits:
            self._distribute(edits, is_ours=True)
        if self._queue.complete_to < self._queue.head and not self.closed:
            self.others.hear(self._queue.head)
        self.others.go_on()
        self._snapshots.count(entries, sum(len(edit.update) for edit in edits))
        self._take_snapshot_if_due()
        if self._paused and not self._queue.is_full:
            for connection in self._paused:
                connection.resume()
            self._paused.clear()

    # What others recorded: another process may serve this room too

    def follow(self, stored: StoredState | None, known: int = 0) -> None:
        """Act on what storage says of this session; None means that it is gone.

        Up to seq `known` nothing was unknown here when it was asked.
        """
        ending = ending_in(stored, self.epoch)
        if ending is not None:
            self.close(ending.code, ending.reason)
        elif stored is not None:
            if stored.private_head > self.private_head:
                self._observer.private_recorded(self)
            self._quota.see_log(stored.log_bytes, is_all=self._queue.is_empty)
            if stored.head < known:
                self.give_up()
            elif stored.head > self._queue.complete_to:
                self.others.read()

    def give_up(self) -> None:
        """Storage may have lost what this room shows: load it anew. Browsers bring what they still hold."""
        self._journal.distrust(self.key)
        self._end(WentBack())

    async def reach(self, head: int) -> None:
        """Wait until the document has everything that was recorded up to `head`, by whatever process.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        await self.others.reach(head)

    def _take_in(
        self, updates: Sequence[StoredUpdate], events: Sequence[StoredEvent], until: int
    ) -> None:
        """Another process recorded this; there is nothing else up to seq `until`."""
        read = [(update, summarize_update(update)) for _, update, _ in updates]
        for (author, _, _), (_, summary) in zip(updates, read, strict=True):
            self._ownership.note(author, (client for client, _, _ in summary.structs))
        if news := self._queue.take_in(read, until):
            for edit in news:
                self._quota.count_foreign(edit.summary, len(edit.update))
            self._distribute(news, is_ours=False)
        if self._queue.doubles.suspected and (self._comparing is None or self._comparing.done()):
            self._comparing = asyncio.create_task(self._compare_with_log())
        if events:
            self._observer.told_elsewhere(self, events)
        self._take_snapshot_if_due()

    async def _compare_with_log(self) -> None:
        is_same = is_as_recorded(self.room_id, self.key, self.document, self._queue, self._journal)
        if not await is_same and not self.closed:
            self._end(JournalError())

    def _on_read(self) -> None:
        self._observer.hole_filled(self)
        self.on_unheard()

    def _on_retry(self) -> None:
        self._observer.commit_failed(self)

    def _on_missed(self) -> None:
        self._observer.presence_dropped(self)

    def _on_lost(self, error: JournalError | JournalUnavailable) -> None:
        """Drop the room: whoever still holds unacknowledged edits sends them again after reconnecting."""
        if not self.closed:
            self._observer.room_failed(self)
        if isinstance(error, WentBack):
            self.give_up()
        else:
            self._end(error)

    def _end(self, error: JournalError | JournalUnavailable) -> None:
        ending = ending_of(error)
        self.close(ending.code, ending.reason)

    def _distribute(self, edits: Sequence[Edit], *, is_ours: bool) -> None:
        self._sync.distribute(edits, is_ours=is_ours)
        self._observer.text_changed(self)
        if not all(edit.summary.only_text for edit in edits):
            self._observer.structure_changed(self)

    def _take_snapshot_if_due(self) -> None:
        # With a hole in what is known here it waits: it would not hold what lies in the hole.
        if self._queue.complete_to >= self._queue.head and not self._queue.doubles.suspected:
            self._snapshots.take_if_due()
