"""A loaded document and the people in it: record → apply → distribute → acknowledge.

An update is committed to the journal before anybody else sees it and before its author is told it is safe. So a room
can be dropped from memory at any time: nothing in it is unsaved.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pizarra.collab.close_codes import CloseCode
from pizarra.collab.codec import (
    MalformedFrame,
    Message,
    MessageType,
    SyncStep,
    acknowledge_frame,
    awareness_frame,
    control_frame,
    decode_frame,
    sync_frame,
)
from pizarra.collab.connection import Connection, Person
from pizarra.collab.document import Document, UnusableUpdate, verified_snapshot
from pizarra.collab.journal import Entry, Journal, JournalError, JournalUnavailable, SessionClosed, StoredDocument
from pizarra.collab.limits import RoomLimits
from pizarra.collab.observer import RoomObserver
from pizarra.collab.presence import Presence
from pizarra.collab.quota import Quota
from pizarra.collab.updates import UpdateSummary, read_state_vector, summarize_update

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Edit:
    """An update waiting for its commit, and the acknowledgements that wait with it."""

    author: Connection | None
    update: bytes
    summary: UpdateSummary
    acknowledgements: list[bytes]
    committed: asyncio.Future[int] | None = None


class RoomGone(Exception):
    """The room left memory while somebody waited for it."""


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
        self.connections: set[Connection] = set()
        self.closed = False
        self.head = stored.head
        self._journal = journal
        self._limits = limits
        self._observer = observer
        self._coverage = self.document.coverage()
        self._gaps: list[UpdateSummary] = []
        self._quota = Quota(self.document, limits.document_text_bytes, limits.document_bytes)
        self._since_snapshot = len(stored.updates)
        self._presence = Presence(limits.presence)
        self._presence_timer: asyncio.TimerHandle | None = None
        self._pending: deque[_Edit] = deque()
        self._room_for_more = asyncio.Event()
        self._room_for_more.set()
        self._committer: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()

    # Joining and leaving

    def join(self, connection: Connection) -> None:
        """Let a connection in: ask for what it has, and show it who is here."""
        if len(self.connections) >= self._limits.connections:
            connection.close(CloseCode.TRY_AGAIN, f"the room is full ({self._limits.connections} connections)")
            return
        self.connections.add(connection)
        connection.send(sync_frame(SyncStep.STEP1, self.document.state_vector()))
        if everybody := self._presence.everybody():
            connection.send(awareness_frame(everybody))

    def leave(self, connection: Connection) -> None:
        """Let a connection go and announce that its cursors are gone."""
        self.connections.discard(connection)
        if gone := self._presence.leave(connection.id):
            self._to_everybody(awareness_frame(gone))

    def people(self) -> list[Person]:
        """Return the people connected, each once, in the order of their arrival."""
        ordered = sorted(self.connections, key=lambda connection: connection.id)
        return list({connection.person.key: connection.person for connection in ordered}.values())

    def close(self, code: CloseCode, reason: str) -> None:
        """Send everybody away; nothing that was not committed is recorded any more."""
        self.closed = True
        for connection in list(self.connections):
            connection.close(code, reason)
        if self._presence_timer:
            self._presence_timer.cancel()

    @property
    def is_idle(self) -> bool:
        """Whether nobody is here and nothing waits for a commit."""
        return not self.connections and not self._pending and self._committer is None

    # Frames from clients

    async def receive(self, connection: Connection, frame: bytes) -> list[bytes]:
        """Take in one frame; wait when too much is uncommitted.

        Returns:
            The control messages in it, as JSON: they are not the room's business.

        Raises:
            MalformedFrame: the frame is not one an honest client sends; the caller closes the socket.
        """
        controls = []
        for message in decode_frame(frame):
            if connection.closing is not None:
                break
            if message.type is MessageType.CONTROL:
                controls.append(message.payload)
            else:
                self._handle(connection, message)
        while len(self._pending) >= self._limits.pending_updates and not self.closed:
            self._room_for_more.clear()
            await self._room_for_more.wait()
        return controls

    def _handle(self, connection: Connection, message: Message) -> None:
        match message.type:
            case MessageType.SYNC if message.step is SyncStep.STEP1:
                self._answer_state_vector(connection, message.payload)
            case MessageType.SYNC:
                self._receive_update(connection, message.payload)
            case MessageType.AWARENESS:
                if answer := self._presence.receive(connection.id, connection.person.key, message.payload):
                    connection.send(awareness_frame(answer))
                self._schedule_presence()
            case MessageType.QUERY_AWARENESS:
                if everybody := self._presence.everybody():
                    connection.send(awareness_frame(everybody))
            case MessageType.ACKNOWLEDGE:
                self._acknowledge_later(connection, acknowledge_frame(message.payload))
            case MessageType.AUTH | MessageType.CONTROL:
                pass

    def _answer_state_vector(self, connection: Connection, payload: bytes) -> None:
        read_state_vector(payload)
        try:
            connection.send(sync_frame(SyncStep.STEP2, self.document.difference(payload)))
        except UnusableUpdate as error:
            raise MalformedFrame(str(error)) from error

    def _receive_update(self, connection: Connection, payload: bytes) -> None:
        summary = summarize_update(payload)
        if summary.is_empty:
            return
        if not connection.person.may_edit:
            # A stock client answers our state vector with what it has: nothing new is no violation.
            if not self._coverage.brings_nothing(summary):
                connection.close(CloseCode.READ_ONLY, "you can watch this session but not write in it")
            return
        refusal = self._quota.refusal(summary, len(payload), self._waiting_text)
        if refusal is not None and not self._coverage.brings_nothing(summary):
            self._observer.update_refused(self)
            connection.close(CloseCode.MALFORMED, refusal)
            return
        self._quota.count(summary, len(payload))
        self._enqueue(_Edit(connection, payload, summary, []))

    def _waiting_text(self) -> int:
        return sum(edit.summary.text_bytes for edit in self._pending)

    def _acknowledge_later(self, connection: Connection, frame: bytes) -> None:
        """Echo once everything this connection sent before is committed: at once when nothing of it waits."""
        for edit in reversed(self._pending):
            if edit.author is connection:
                edit.acknowledgements.append(frame)
                return
        connection.send(frame)

    # Edits by the server

    async def change(self, edit: Callable[[Document], None]) -> None:
        """Make an edit as the server: recorded, applied and distributed like any other.

        Raises:
            RoomGone: the room closed before the edit was committed; load it again and retry.
        """
        # One after another: an edit must see what the one before it did, or two would seed the same file.
        async with self._changing:
            if self.closed:
                raise RoomGone
            update = self.document.change(edit)
            summary = summarize_update(update)
            if summary.is_empty:
                return
            committed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            self._enqueue(_Edit(None, update, summary, [], committed))
            await committed

    async def settled(self) -> int:
        """Wait until everything received so far is committed; return the seq of the newest edit known here."""
        while self._committer is not None and not self.closed:
            await asyncio.wait([self._committer])
        return self.head

    # Committing

    def _enqueue(self, edit: _Edit) -> None:
        self._pending.append(edit)
        if self._committer is None:
            self._committer = asyncio.get_running_loop().create_task(self._commit_pending())

    async def _commit_pending(self) -> None:
        """Commit what is pending, batch after batch; updates that arrive meanwhile form the next batch."""
        try:
            while self._pending and not self.closed:
                size = min(len(self._pending), self._limits.batch_updates)
                batch = [self._pending[index] for index in range(size)]
                fresh, entries = self._entries(batch)
                if entries:
                    first = await self._append(entries)
                    self.head = first + len(entries) - 1
                for _ in batch:
                    self._pending.popleft()
                self._room_for_more.set()
                self._distribute(fresh)
                for edit in batch:
                    if edit.author is not None:
                        for frame in edit.acknowledgements:
                            edit.author.send(frame)
                    if edit.committed is not None and not edit.committed.done():
                        edit.committed.set_result(self.head)
                await self._maybe_snapshot(len(entries))
        except SessionClosed:
            self._give_up(CloseCode.SESSION_ENDED, "the session has ended")
        except JournalError:
            self._give_up(CloseCode.EPOCH_MISMATCH, "the document was replaced or erased")
        except JournalUnavailable:
            self._give_up(CloseCode.TRY_AGAIN, "the database does not answer; your edits are kept by your browser")
        except Exception:
            log.exception("room %s stopped", self.room_id)
            self._give_up(CloseCode.TRY_AGAIN, "internal error; your edits are kept by your browser")
        finally:
            self._committer = None
            self._room_for_more.set()
            if self.closed:
                self._abandon_pending()

    def _entries(self, batch: Sequence[_Edit]) -> tuple[list[_Edit], list[Entry]]:
        """Return the edits that bring something new, and the log entries for them."""
        fresh, entries = [], []
        for edit in batch:
            if self._coverage.brings_nothing(edit.summary):
                continue
            gap = self._coverage.leaves_gap(edit.summary)
            if gap:
                self._gaps.append(edit.summary)
            else:
                self._coverage.add(edit.summary)
            fresh.append(edit)
            author = edit.author.person.key if edit.author else None
            entries.append(Entry("edit", author, update=edit.update, gap=gap))
        return fresh, entries

    async def _append(self, entries: list[Entry]) -> int:
        loop = asyncio.get_running_loop()
        for attempt in range(self._limits.commit_retries + 1):
            started = loop.time()
            try:
                first = await self._journal.append(self.key, self.epoch, entries)
            except JournalUnavailable:
                self._observer.commit_failed(self)
                if attempt == self._limits.commit_retries:
                    raise
                await asyncio.sleep(0.05 * 4**attempt)
            else:
                self._observer.committed(self, len(entries), loop.time() - started)
                return first
        raise JournalUnavailable

    def _distribute(self, edits: Sequence[_Edit]) -> None:
        """Apply committed updates and relay each, encoded once, to everybody but its author."""
        for edit in edits:
            try:
                self.document.apply(edit.update)
            except UnusableUpdate as error:
                log.warning("room %s: an update was recorded but refused by the CRDT: %s", self.room_id, error)
                if edit.author is not None:
                    edit.author.close(CloseCode.MALFORMED, "an update the document refuses")
                continue
            frame = sync_frame(SyncStep.UPDATE, edit.update)
            for connection in self.connections:
                if connection is not edit.author:
                    connection.send(frame)
        if self._gaps:
            self._heal_gaps(edits)
        if edits:
            self._observer.document_changed(self)

    def _heal_gaps(self, edits: Sequence[_Edit]) -> None:
        """While something is missing, learn from the document what it holds, and ask the authors for the rest."""
        self._coverage.clocks = self.document.clocks()
        self._gaps = [gap for gap in self._gaps if self._coverage.leaves_gap(gap)]
        if self._gaps:
            frame = sync_frame(SyncStep.STEP1, self.document.state_vector())
            for connection in {edit.author for edit in edits if edit.author is not None}:
                connection.send(frame)

    async def _maybe_snapshot(self, committed: int) -> None:
        self._since_snapshot += committed
        if self._since_snapshot < self._limits.snapshot_updates:
            return
        self._since_snapshot = 0
        state = verified_snapshot(self.document)
        if state is None:
            log.error("room %s: a snapshot did not survive its reload and was not kept", self.room_id)
            return
        # A snapshot is a cache: without it the next load only takes longer.
        with contextlib.suppress(JournalUnavailable, JournalError):
            await self._journal.save_snapshot(self.key, self.head, state)

    def _give_up(self, code: CloseCode, reason: str) -> None:
        """Drop the room: whoever still holds unacknowledged edits sends them again after reconnecting."""
        self.close(code, reason)
        self._observer.room_failed(self)

    def _abandon_pending(self) -> None:
        """Tell whoever waits for a commit that there will be none: the room is gone."""
        for edit in self._pending:
            if edit.committed is not None and not edit.committed.done():
                edit.committed.set_exception(RoomGone())
        self._pending.clear()

    # Telling everybody

    def broadcast_control(self, json: bytes) -> None:
        """Send a control message to every client of the pizarra.v1 subprotocol."""
        frame = control_frame(json)
        for connection in self.connections:
            if connection.wants_control:
                connection.send(frame)

    def keep_alive(self, now: float) -> None:
        """Let every connection hear from us that heard nothing for a while."""
        for connection in self.connections:
            connection.keep_alive(now, self._limits.keepalive_seconds)

    def _schedule_presence(self) -> None:
        if self._presence_timer is None:
            loop = asyncio.get_running_loop()
            self._presence_timer = loop.call_later(self._limits.presence_tick_seconds, self._flush_presence)

    def _flush_presence(self) -> None:
        self._presence_timer = None
        if changes := self._presence.changes():
            self._to_everybody(awareness_frame(changes), droppable=True)

    def _to_everybody(self, frame: bytes, *, droppable: bool = False) -> None:
        for connection in self.connections:
            connection.send(frame, droppable=droppable)
