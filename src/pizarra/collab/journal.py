"""What a room needs from storage: an append-only log with a dense sequence, and snapshots as a cache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


class JournalError(Exception):
    """An append was refused for good."""


class EpochMismatch(JournalError):
    """The document was replaced or erased since it was loaded."""


class SessionClosed(JournalError):
    """The session has ended: nobody writes in it."""


class JournalUnavailable(Exception):
    """Storage did not answer; nothing was recorded. Try again."""


class Entry(NamedTuple):
    """One entry to append. Edits carry `update`, every other kind carries `data`."""

    kind: str
    participant: int | None
    update: bytes | None = None
    data: dict[str, Any] | None = None
    gap: bool = False


class StoredUpdate(NamedTuple):
    """An update from the log, and the storage id of its author; None for the server."""

    author: int | None
    update: bytes


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as storage knows it: apply `snapshot`, then `updates` in order.

    `owners` maps client id → storage id of the person who may use it, as of the snapshot.
    """

    key: int
    session_id: str
    epoch: str
    is_open: bool
    head: int
    snapshot: bytes | None
    owners: Mapping[int, int | None]
    updates: Sequence[StoredUpdate]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands in storage."""

    epoch: str
    is_open: bool
    head: int


class Source(Protocol):
    """Who has something to append: a room. Asked at the last moment, so that what came meanwhile is in the batch."""

    @property
    def key(self) -> int:
        """The session."""
        ...

    @property
    def epoch(self) -> str:
        """The document's generation, as of its loading."""
        ...

    @property
    def require_open(self) -> bool:
        """Whether the session must not have ended."""
        ...

    def take(self) -> Sequence[Entry]:
        """Return what is to be appended now; it stays the source's until one of the two below is called."""
        ...

    def committed(self, first: int) -> None:
        """What was taken is committed and survives the end of this process; `first` is the seq of its first entry."""
        ...

    def durable(self) -> None:
        """The oldest batch that was committed, but not yet told to be durable, now survives a power cut too."""
        ...

    def unsafe(self) -> None:
        """What was committed may not survive a power cut: the disk refused. Nobody is told that it is safe."""
        ...

    def refused(self, error: JournalError | JournalUnavailable) -> None:
        """What was taken was not committed."""
        ...


class Journal(Protocol):
    """The log of all sessions."""

    async def load(self, room_id: str) -> StoredDocument | None:
        """Return the document of a room, or None for an unknown one.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        ...

    async def standings(self, keys: Sequence[int]) -> dict[int, Standing]:
        """Return where sessions stand; one that is gone is missing.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        ...

    async def edits_after(self, key: int, seq: int) -> tuple[int, list[StoredUpdate]]:
        """Return a seq up to which nothing is missing any more, and the edits from `seq` (exclusive) up to it.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        ...

    def request(self, source: Source) -> None:
        """Commit what `source` has, soon, together with what other rooms have; it is told how that went.

        At once when the journal is idle; under load a batch waits for a moment, so that many share one commit.
        """
        ...

    async def append(self, key: int, epoch: str, entries: Sequence[Entry], *, require_open: bool = True) -> int:
        """Commit `entries` in order and return the seq of the first.

        Raises:
            EpochMismatch: `epoch` is not the session's, or the session is gone.
            SessionClosed: the session has ended and `require_open` is set.
            JournalUnavailable: nothing was committed.
        """
        ...

    async def save_snapshot(self, key: int, seq: int, state: bytes, owners: Mapping[int, int | None]) -> None:
        """Keep the encoded document as of `seq`, and who owns its client ids."""
        ...
