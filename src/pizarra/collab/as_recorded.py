"""Whether what a room shows is what its log comes to, where two processes may have recorded different things."""

import asyncio

from pizarra.collab.commit_queue import CommitQueue
from pizarra.collab.journal import Journal, JournalUnavailable
from pizarra.collab.state.document import Document

_ATTEMPTS, _BETWEEN_SECONDS = 20, 0.2  # to find the log and the room at the same place


async def is_as_recorded(
    room_id: str, key: int, document: Document, queue: CommitQueue, journal: Journal
) -> bool:
    """Tell whether a document is what its log comes to, once both are at the same place; if they never are, it is not.

    Those whose document is not must begin anew from an empty one: they have the same clocks, and would ask for nothing.
    """
    for _ in range(_ATTEMPTS):
        if queue.is_closed:
            return True  # nobody sees it any more
        journal.distrust(key)
        try:
            stored = await journal.load(room_id)
        except JournalUnavailable:
            stored = None
        if stored is not None:
            recorded = await Document.load(stored.snapshot, stored.updates)
            if stored.head == queue.complete_to == queue.head:
                shown = document.encode()
                queue.doubles.suspected = await _as_loaded(shown) != await _as_loaded(
                    recorded.encode()
                )
                return not queue.doubles.suspected
        await asyncio.sleep(_BETWEEN_SECONDS)
    return False


async def _as_loaded(encoded: bytes) -> bytes:
    """Return what a document is encoded as that was loaded at once: in pieces that no order of arrival made."""
    return (await Document.load(encoded, ())).encode()
