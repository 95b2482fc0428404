"""The document's way to people's copies: whole to who has nothing, edits to who is here, and questions for what lacks.

Nothing here is recorded, and nothing decides what may be: edits that come here are in the journal.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from pizarra.collab.broadcast import Broadcast
from pizarra.collab.commit_queue import CommitQueue, Edit
from pizarra.collab.connection import Connection
from pizarra.collab.state.document import Document, UnusableUpdate, merge
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.collab.wire.codec import MalformedFrame, SyncStep, sync_frame, websocket_frame
from pizarra.collab.wire.updates import read_state_vector

log = logging.getLogger(__name__)

_MERGED = 50  # updates in one frame: merging costs the square of their number
_CLOCK_BYTES = 13  # of one client in a state vector, at most
_OWN_CLIENTS = 1000  # that a client may know of and we do not yet
_HEAL_SECONDS = 0.05
_ALONE_BYTES = 16 * 1024  # an update this large is not copied into a merged one


class DocumentSync:
    """Keeps the document of one room, and the copies of those who are there, up to the journal."""

    def __init__(
        self, room_id: str, document: Document, queue: CommitQueue, broadcast: Broadcast
    ) -> None:
        self._room_id = room_id
        self._document = document
        self._queue = queue
        self._broadcast = broadcast
        self._loop = asyncio.get_running_loop()
        # the answer to everybody who has nothing yet, encoded once
        self._whole: bytes | None = None
        self._healing: asyncio.TimerHandle | None = None
        self._unhealed: set[Connection] = set()

    def ask(self, connection: Connection) -> None:
        """Ask somebody for what they have and the document does not."""
        connection.send(sync_frame(SyncStep.STEP1, self._document.state_vector()))

    def answer(self, connection: Connection, state_vector: bytes) -> None:
        """Send somebody what the document has beyond what they say they know.

        Raises:
            MalformedFrame: it is no state vector, or knows of more clients than there can be.
        """
        known = len(self._queue.integrated.clocks)
        if len(state_vector) > _CLOCK_BYTES * (known + _OWN_CLIENTS):
            fault = "a state vector of more clients than this document has"
            raise MalformedFrame(fault, bound="max_clients_per_person")
        if not read_state_vector(state_vector):
            if self._whole is None:
                self._whole = websocket_frame(sync_frame(SyncStep.STEP2, self._document.encode()))
            connection.write(self._whole)
            return
        try:
            connection.send(sync_frame(SyncStep.STEP2, self._document.difference(state_vector)))
        except UnusableUpdate as error:
            raise MalformedFrame(str(error)) from error

    def distribute(self, edits: Sequence[Edit], *, is_ours: bool) -> None:
        """Apply committed updates and relay them in one frame, encoded once, with the presence that waits.

        What this process committed `is_ours`.
        """
        self._whole = None
        frames = b"".join(
            [websocket_frame(sync_frame(SyncStep.UPDATE, update)) for update in self._apply(edits)]
        )
        # Its own edits alone are no news to an author; among others' they do no harm.
        author = edits[0].author
        if len(edits) > 1 and any(edit.author is not author for edit in edits):
            author = None
        self._broadcast.relay(frames, author, is_ours=is_ours)
        if self._queue.gaps:
            self._unhealed |= {edit.author for edit in edits if edit.author is not None}
            if self._healing is None:
                self._healing = self._loop.call_later(_HEAL_SECONDS, self._heal_gaps)

    def stop(self) -> None:
        """Ask nobody any more."""
        if self._healing is not None:
            self._healing.cancel()

    def _apply(self, edits: Sequence[Edit]) -> list[bytes]:
        """Apply the updates to the document; return what to relay: one merged update, or each as it came."""
        if len(edits) > _MERGED:
            starts = range(0, len(edits), _MERGED)
            return [
                update for start in starts for update in self._apply(edits[start : start + _MERGED])
            ]
        updates = [edit.update for edit in edits]
        if len(updates) > 1 and not self._queue.gaps and max(map(len, updates)) < _ALONE_BYTES:
            merged = merge(updates)
            if merged is not None:
                with contextlib.suppress(UnusableUpdate):
                    self._document.apply(merged)
                    return [merged]
        usable = []
        for edit in edits:
            try:
                self._document.integrate(edit.update, gap=edit.gap)
            except UnusableUpdate as error:
                log.warning(
                    "room %s: an update was recorded but refused by the CRDT: %s",
                    self._room_id,
                    error,
                )
                if edit.author is not None:
                    edit.author.close(CloseCode.MALFORMED, "an update the document refuses")
            else:
                usable.append(edit.update)
        return usable

    def _heal_gaps(self) -> None:
        """While something is missing, learn from the document what it holds, and ask the authors for the rest."""
        self._healing = None
        authors, self._unhealed = self._unhealed, set()
        if self._queue.still_misses(self._document.clocks()):
            frame = sync_frame(SyncStep.STEP1, self._document.state_vector())
            for connection in authors:
                connection.send(frame)
