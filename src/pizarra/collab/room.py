"""A loaded document and the people in it: record → apply → distribute → acknowledge.

An update is committed to the journal before anybody else sees it and before its author is told it is safe. So a room
can be dropped from memory at any time: nothing in it is unsaved. A room is open until it is closed, and closed for
ever; nothing in it waits, so every frame, commit and departure is one step from one state to the next.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from pizarra.collab.admission import Admission
from pizarra.collab.audience import Audience
from pizarra.collab.close_codes import CloseCode
from pizarra.collab.codec import (
    MalformedFrame,
    Message,
    MessageType,
    SyncStep,
    acknowledge_frame,
    decode_frame,
    sync_frame,
    websocket_frame,
)
from pizarra.collab.commits import CommitQueue, Edit, RoomGone
from pizarra.collab.connection import Connection
from pizarra.collab.document import Document, UnusableUpdate, merge
from pizarra.collab.journal import (
    Entry,
    Journal,
    JournalError,
    JournalUnavailable,
    SessionClosed,
    Standing,
    StoredDocument,
)
from pizarra.collab.limits import RoomLimits
from pizarra.collab.observer import RoomObserver
from pizarra.collab.ownership import Ownership
from pizarra.collab.presence import Presence
from pizarra.collab.quota import Quota
from pizarra.collab.snapshots import Snapshots
from pizarra.collab.updates import read_state_vector, summarize_update

log = logging.getLogger(__name__)

__all__ = ["DocumentFull", "Room", "RoomGone"]

_SYNC, _AWARENESS, _ACKNOWLEDGE = MessageType.SYNC, MessageType.AWARENESS, MessageType.ACKNOWLEDGE
_STEP1 = SyncStep.STEP1
_CALM_ATTEMPTS = 50  # times to wait until nobody's edit is on its way
_MERGED = 50  # updates in one frame: merging costs the square of their number
_ALONE_BYTES = 16 * 1024  # an update this large is not copied into a merged one


class DocumentFull(Exception):
    """An edit by the server that does not fit."""


class Room:
    """One document, its connections, and the queue of updates on their way to the journal."""

    def __init__(
        self,
        room_id: str,
        stored: StoredDocument,
        document: Document,
        journal: Journal,
        limits: RoomLimits,
        observer: RoomObserver,
    ) -> None:
        self.room_id = room_id
        self.key = stored.key
        self.session_id = stored.session_id
        self.epoch = stored.epoch
        self.is_open = stored.is_open
        self.document = document
        self.closed = False
        self._journal = journal
        self._limits = limits
        self._observer = observer
        self._loop = asyncio.get_running_loop()
        self._quota = Quota(document, limits.document_text_bytes, limits.document_bytes)
        self._ownership = Ownership(stored.owners, limits.connection.clients, limits.clients_per_person)
        for author, update in stored.updates:
            with contextlib.suppress(MalformedFrame):
                self._ownership.note(author, (client for client, _, _ in summarize_update(update).structs))
        presence = Presence(self._ownership, limits.presence_bytes)
        self.audience = Audience(presence, limits, on_missed=lambda: observer.presence_dropped(self))
        self._queue = CommitQueue(stored, journal, limits, self._on_committed, self._on_lost, self._on_retry)
        coverage = self._queue.coverage = document.coverage()
        self._admission = Admission(coverage, self._ownership, self._quota, self._queue)
        self._paused: set[Connection] = set()
        self._catching_up: asyncio.Task[None] | None = None
        self._snapshots = Snapshots(
            *(stored, document, journal, self._ownership),
            every=limits.snapshot_updates,
            holds=lambda: self._queue.complete_to,
        )
        self._changing = asyncio.Lock()
        self._whole: bytes | None = None  # the answer to everybody who has nothing yet, encoded once

    # Joining and leaving

    def join(self, connection: Connection) -> bool:
        """Let a connection in, ask for what it has, and show it who is here; tell whether there was room."""
        if not self.audience.join(connection):
            return False
        connection.send(sync_frame(SyncStep.STEP1, self.document.state_vector()))
        self.audience.show_everybody(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """Let a connection go; the others learn that its cursors are gone."""
        if self.audience.leave(connection):
            self._paused.discard(connection)
            self._ownership.release(connection)

    def close(self, code: CloseCode, reason: str) -> None:
        """Send everybody away; nothing that was not committed is recorded any more."""
        self.closed = True
        self.audience.close(code, reason)
        self._queue.close()

    @property
    def head(self) -> int:
        """The seq of the newest edit known here."""
        return self._queue.head

    @property
    def is_idle(self) -> bool:
        """Whether nobody is here and nothing waits for a commit."""
        return not self.audience.connections and self._queue.is_empty

    # Frames from clients

    def receive(self, connection: Connection, frame: bytes) -> list[bytes]:
        """Take in one frame. When too much is uncommitted, the connection is read no further for now.

        Returns:
            The control messages in it, as JSON: they are not the room's business.

        Raises:
            MalformedFrame: the frame is not one an honest client sends; the caller closes the socket.
        """
        connection.heard = True
        controls = []
        for message in decode_frame(frame):
            if connection.closing is not None or self.closed:
                break
            if message.type is MessageType.CONTROL:
                connection.count_presence()
                controls.append(message.payload)
            else:
                self._handle(connection, message)
        if self._queue.is_full and connection not in self._paused:
            self._paused.add(connection)
            connection.pause()
        return controls

    def _handle(self, connection: Connection, message: Message) -> None:
        kind, payload, step = message
        if kind is _SYNC:
            if step is _STEP1:
                self._answer_state_vector(connection, payload)
            else:
                self._receive_update(connection, payload)
        elif kind is _AWARENESS:
            connection.count_presence()
            self.audience.receive_presence(connection, payload)
        elif kind is _ACKNOWLEDGE:
            connection.count_update()
            self._queue.acknowledge_later(connection, websocket_frame(acknowledge_frame(payload)))
        elif kind is MessageType.QUERY_AWARENESS:
            connection.count_sync()
            self.audience.show_everybody(connection)

    def _answer_state_vector(self, connection: Connection, payload: bytes) -> None:
        connection.count_sync()
        if not read_state_vector(payload):
            if self._whole is None:
                self._whole = websocket_frame(sync_frame(SyncStep.STEP2, self.document.encode()))
            connection.write(self._whole)
            return
        try:
            connection.send(sync_frame(SyncStep.STEP2, self.document.difference(payload)))
        except UnusableUpdate as error:
            raise MalformedFrame(str(error)) from error

    def _receive_update(self, connection: Connection, payload: bytes) -> None:
        connection.count_update()
        admitted = self._admission.admit(connection, payload)
        if isinstance(admitted, Edit):
            self._queue.add(admitted)
        elif admitted is not None:
            if admitted.too_large:
                self._observer.update_refused(self)
            connection.close(admitted.code, admitted.reason)

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
            for _ in range(_CALM_ATTEMPTS if entry is not None else 0):
                if self._queue.is_empty:
                    break
                await self._queue.settled()  # what people typed before belongs before the entry
            if self.closed:
                raise RoomGone
            update = self.document.change(edit)
            summary = summarize_update(update)
            if summary.is_empty and entry is None:
                return
            if entry is not None:
                refusal = self._quota.admit(summary, len(update), self._queue.waiting_text)
                if refusal is not None:
                    raise DocumentFull(refusal)
            self._ownership.note(None, (client for client, _, _ in summary.structs))
            committed: asyncio.Future[int] = self._loop.create_future()
            self._queue.add(Edit(None, update, summary, [], committed, entry=entry))
            await committed

    async def settled(self) -> int:
        """Wait until everything received so far is committed; return the seq of the newest edit known here."""
        await self._queue.settled()
        return self.head

    # What became of them

    def _on_committed(self, edits: Sequence[Edit], entries: int) -> None:
        """Apply what is in the log, and show it to everybody."""
        if edits:
            self._distribute(edits)
        if self._queue.complete_to < self._queue.head:
            self.catch_up()
        self._snapshots.count(entries)
        self._take_snapshot_if_due()
        if self._paused and not self._queue.is_full:
            for connection in self._paused:
                connection.resume()
            self._paused.clear()

    # What others recorded: another process may serve this room too

    def follow(self, standing: Standing | None) -> None:
        """Act on what storage says of this session; None means that it is gone."""
        if standing is None:
            self.close(CloseCode.UNKNOWN_ROOM, "the session was deleted")
        elif standing.epoch != self.epoch:
            self.close(CloseCode.EPOCH_MISMATCH, "the document was replaced or erased")
        elif not standing.is_open:
            self.close(CloseCode.SESSION_ENDED, "the session has ended")
        elif standing.head > self._queue.complete_to:
            self.catch_up()

    def catch_up(self) -> None:
        """Fill the hole between what is known here and what the log holds."""
        if self._catching_up is None and not self.closed:
            self._catching_up = self._loop.create_task(self._fill_hole())

    async def _fill_hole(self) -> None:
        try:
            until, updates = await self._journal.edits_after(self.key, self._queue.complete_to)
        except JournalUnavailable:
            return  # the next look will do
        finally:
            self._catching_up = None
        if self.closed:
            return
        for author, update in updates:
            self._ownership.note(author, (client for client, _, _ in summarize_update(update).structs))
        if news := self._queue.take_in((update for _, update in updates), until):
            self._distribute(news)
        self._take_snapshot_if_due()

    def _on_retry(self) -> None:
        self._observer.commit_failed(self)

    def _on_lost(self, error: JournalError | JournalUnavailable) -> None:
        """Drop the room: whoever still holds unacknowledged edits sends them again after reconnecting."""
        if not self.closed:
            self._observer.room_failed(self)
        if isinstance(error, SessionClosed):
            self.close(CloseCode.SESSION_ENDED, "the session has ended")
        elif isinstance(error, JournalError):
            self.close(CloseCode.EPOCH_MISMATCH, "the document was replaced or erased")
        else:
            self.close(CloseCode.TRY_AGAIN, "the database does not answer; your edits are kept by your browser")

    def _distribute(self, edits: Sequence[Edit]) -> None:
        """Apply committed updates and relay them in one frame, encoded once, with the presence that waits."""
        self._whole = None
        frames = b"".join([websocket_frame(sync_frame(SyncStep.UPDATE, update)) for update in self._apply(edits)])
        # Its own edits alone are no news to an author; among others' they do no harm.
        author = edits[0].author
        if len(edits) > 1 and any(edit.author is not author for edit in edits):
            author = None
        self.audience.relay(frames, author)
        if self._queue.gaps:
            self._heal_gaps(edits)
        self._observer.text_changed(self)
        if not all(edit.summary.only_text for edit in edits):
            self._observer.structure_changed(self)

    def _apply(self, edits: Sequence[Edit]) -> list[bytes]:
        """Apply the updates to the document; return what to relay: one merged update, or each as it came."""
        if len(edits) > _MERGED:
            starts = range(0, len(edits), _MERGED)
            return [update for start in starts for update in self._apply(edits[start : start + _MERGED])]
        updates = [edit.update for edit in edits]
        if len(updates) > 1 and not self._queue.gaps and max(map(len, updates)) < _ALONE_BYTES:
            merged = merge(updates)
            if merged is not None:
                with contextlib.suppress(UnusableUpdate):
                    self.document.apply(merged)
                    return [merged]
        usable = []
        for edit in edits:
            try:
                self.document.apply(edit.update)
            except UnusableUpdate as error:
                log.warning("room %s: an update was recorded but refused by the CRDT: %s", self.room_id, error)
                if edit.author is not None:
                    edit.author.close(CloseCode.MALFORMED, "an update the document refuses")
            else:
                usable.append(edit.update)
        return usable

    def _heal_gaps(self, edits: Sequence[Edit]) -> None:
        """While something is missing, learn from the document what it holds, and ask the authors for the rest."""
        if self._queue.still_misses(self.document.clocks()):
            frame = sync_frame(SyncStep.STEP1, self.document.state_vector())
            for connection in {edit.author for edit in edits if edit.author is not None}:
                connection.send(frame)

    def _take_snapshot_if_due(self) -> None:
        # With a hole in what is known here it waits: it would not hold what lies in the hole.
        if self._queue.complete_to >= self._queue.head:
            self._snapshots.take_if_due()
