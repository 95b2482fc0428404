"""Snapshots of one document: a cache that makes its next load fast. Without one it only takes longer."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from pizarra.collab.journal import Journal, JournalError, JournalUnavailable, StoredDocument
from pizarra.collab.state.document import Document, verified_snapshot
from pizarra.collab.state.ownership import Ownership

log = logging.getLogger(__name__)


class Snapshots:
    """Takes one every `every` entries or `every_bytes` of edits, so that a load reads little.

    `holds` tells up to which seq the document holds everything.
    """

    def __init__(
        self,
        stored: StoredDocument,
        document: Document,
        journal: Journal,
        ownership: Ownership,
        *,
        every: int,
        every_bytes: int,
        holds: Callable[[], int],
    ) -> None:
        self._key = stored.key
        self._session_id = stored.session_id
        self._document = document
        self._journal = journal
        self._ownership = ownership
        self._every, self._every_bytes = every, every_bytes
        self._holds = holds
        self._since = len(stored.updates)
        self._bytes_since = sum(len(each.update) for each in stored.updates)
        self._tasks: set[asyncio.Task[None]] = set()

    def count(self, entries: int, size: int) -> None:
        """Count what was recorded: the edits among the entries have `size` bytes."""
        self._since += entries
        self._bytes_since += size

    def take_if_due(self) -> None:
        """Take one if enough was recorded since the last."""
        if self._since < self._every and self._bytes_since < self._every_bytes:
            return
        self._since = self._bytes_since = 0
        task = asyncio.get_running_loop().create_task(self._take())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self) -> None:
        # It is encoded before this waits: a snapshot that held more than its seq would show a past that never was.
        seq = self._holds()
        state = await verified_snapshot(self._document)
        if state is None:
            log.error(
                "session %s: a snapshot did not survive its reload and was not kept",
                self._session_id,
            )
            return
        with contextlib.suppress(JournalUnavailable, JournalError):
            await self._journal.save_snapshot(self._key, seq, state, self._ownership.persons)
