"""What a room needs from storage: an append-only log with a dense sequence, and snapshots as a cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class JournalError(Exception):
    """An append was refused for good."""


class EpochMismatch(JournalError):
    """The document was replaced or erased since it was loaded."""


class SessionClosed(JournalError):
    """The session has ended: nobody writes in it."""


class JournalUnavailable(Exception):
    """Storage did not answer; nothing was recorded. Try again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to append. Edits carry `update`, every other kind carries `data`."""

    kind: str
    participant: int | None
    update: bytes | None = None
    data: dict[str, Any] | None = None
    gap: bool = False


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as storage knows it: apply `snapshot`, then `updates` in order."""

    key: int
    session_id: str
    epoch: str
    is_open: bool
    head: int
    snapshot: bytes | None
    updates: list[bytes]


class Journal(Protocol):
    """The log of all sessions."""

    async def load(self, room_id: str) -> StoredDocument | None:
        """Return the document of a room, or None for an unknown one."""
        ...

    async def append(self, key: int, epoch: str, entries: Sequence[Entry], *, require_open: bool = True) -> int:
        """Commit `entries` in order and return the seq of the first.

        Raises:
            EpochMismatch: `epoch` is not the session's, or the session is gone.
            SessionClosed: the session has ended and `require_open` is set.
            JournalUnavailable: nothing was committed.
        """
        ...

    async def save_snapshot(self, key: int, seq: int, state: bytes) -> None:
        """Keep the encoded document as of `seq`."""
        ...
