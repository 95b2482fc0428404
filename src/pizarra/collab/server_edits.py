"""Edits by the server: computed from what is known here, and recorded as that or not at all."""

import asyncio
from collections.abc import Callable

from pizarra.collab.commit_queue import CommitQueue, Edit, RoomGone
from pizarra.collab.journal import Entry
from pizarra.collab.state.census import MustBeRead
from pizarra.collab.state.document import Document
from pizarra.collab.state.ownership import Ownership
from pizarra.collab.state.quota import Quota
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_update

_CALM_ATTEMPTS = 50  # times to wait until nobody's edit is on its way


class DocumentFull(Exception):
    """An edit by the server that does not fit."""


class ServerEdits:
    """Makes edits of one document; one at a time, which is the caller's business."""

    def __init__(
        self, document: Document, queue: CommitQueue, quota: Quota, ownership: Ownership
    ) -> None:
        self._document = document
        self._queue = queue
        self._quota = quota
        self._ownership = ownership

    async def make(self, edit: Callable[[Document], None], entry: Entry | None) -> None:
        """Make an edit, with the entry that says what it is for right before it.

        Raises:
            HeadMoved: something else was known to the log; nothing was recorded.
            RoomGone: the room closed before it was committed.
            DocumentFull: with `entry`, it does not fit.
        """
        for _ in range(_CALM_ATTEMPTS if entry is not None else 0):
            if self._queue.is_empty:
                break
            await self._queue.settled()  # what people typed before belongs before the entry
        if self._queue.is_closed:
            raise RoomGone
        view = self._queue.view
        update = self._document.change(edit)
        summary = summarize_update(update)
        if summary.is_empty and entry is None:
            return
        if entry is not None:
            await self._admit(summary, len(update))
        self._queue.integrated.census.note(summary)
        self._ownership.note(None, (client for client, _, _ in summary.structs))
        committed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._queue.add(Edit(None, update, summary, [], committed, entry=entry, computed_in=view))
        try:
            await committed
        finally:
            # what it raises knows this frame: together they would keep the room in memory
            del committed

    async def _admit(self, summary: UpdateSummary, size: int) -> None:
        """Count an edit.

        Raises:
            DocumentFull: it does not fit.
            RoomGone: the room closed while the document was read.
        """
        while not self._queue.is_closed:
            try:
                refusal = self._quota.admit(summary, size, self._queue.waiting)
            except MustBeRead:
                await self._queue.integrated.census.read()
            else:
                if refusal is not None:
                    raise DocumentFull(refusal.reason)
                return
        raise RoomGone
