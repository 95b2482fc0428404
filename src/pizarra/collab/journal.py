"""What a room needs from storage: an append-only log with a dense sequence, and snapshots as a cache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol


class JournalError(Exception):
    """An append was refused for good."""


class EpochMismatch(JournalError):
    """The document was replaced or erased since it was loaded."""


class SessionClosed(JournalError):
    """The session has ended: nobody writes in it."""


class HeadMoved(JournalError):
    """Somebody recorded something after what this was computed from. Nothing of it was recorded: compute it anew."""


class JournalUnavailable(Exception):
    """Storage did not answer; nothing was recorded. Try again."""


class WentBack(JournalUnavailable):
    """Storage does not hold what it had committed: it goes on from an older copy of itself."""


class JournalFull(JournalUnavailable):
    """Storage has no room; nothing was recorded."""


class EditEntry(NamedTuple):
    """An edit to append: an update, and the storage id of its author; None for the server."""

    participant: int | None
    update: bytes
    gap: bool = False  # whether something it builds on is missing


class Told(Protocol):
    """What an entry of another kind tells. `timeline/entries` has a class for each kind."""

    @property
    def kind(self) -> str:
        """What it is."""
        ...

    def to_data(self) -> dict[str, Any]:
        """Return it as the log keeps it, to be made into JSON."""
        ...


class EventEntry(NamedTuple):
    """Anything else to append, and the storage id of who did it; None for the server."""

    participant: int | None
    told: Told


Entry = EditEntry | EventEntry


class StoredUpdate(NamedTuple):
    """An update from the log, and the storage id of its author; None for the server."""

    author: int | None
    update: bytes
    gap: bool = False  # whether something it builds on was missing when it was recorded


class StoredEvent(NamedTuple):
    """An entry of another kind from the log; `author` is the storage id of who did it, `author_id` the public one."""

    seq: int
    at: datetime
    kind: str
    author: int | None
    author_id: str | None
    author_name: str | None
    data: Mapping[str, Any]


class StoredNews(NamedTuple):
    """What a log holds beyond a seq, in order, and the seq up to which that is all."""

    until: int
    updates: Sequence[StoredUpdate]
    events: Sequence[StoredEvent] = ()


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as storage knows it: apply `snapshot`, then `updates` in order.

    `share` tells whose share of the machine is taken: a rehearsal's is its session's.
    `private_head` is the seq of the newest entry of the log that only those who look after the session read.
    `owners` maps client id → storage id of the person who may use it, as of the snapshot; `log_bytes` is what the
    session has recorded so far.
    """

    key: int
    share: int
    session_id: str
    epoch: str
    is_open: bool
    head: int
    log_bytes: int
    snapshot: bytes | None
    owners: Mapping[int, int | None]
    updates: Sequence[StoredUpdate]
    private_head: int = 0


@dataclass(frozen=True, slots=True)
class StoredState:
    """Where a session stands in storage; `log_bytes` is what its log holds, `private_head` the seq of its other log."""

    epoch: str
    is_open: bool
    head: int
    log_bytes: int
    private_head: int = 0


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

    def next_entries(self) -> Sequence[Entry]:
        """Return what is to be appended now; it stays the source's until `committed` or `refused` is called."""
        ...

    @property
    def expected_head(self) -> int | None:
        """The head that what was taken last was computed from: at another it is refused, `HeadMoved`. None: at any."""
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

    async def stored_states(self, keys: Sequence[int]) -> dict[int, StoredState]:
        """Return where sessions stand; one that is gone is missing.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        ...

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write what this one has loaded."""
        ...

    async def own(self, key: int, person: int, client: int) -> int:
        """Let a person own a client id of a session if nobody does; return whose it is, in whatever process.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        ...

    async def generation(self) -> str:
        """Return what changes when storage goes on from a copy of itself, which may lack the newest commits.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        ...

    def distrust(self, key: int) -> None:
        """Forget what is remembered of a session: storage may hold something else."""
        ...

    async def news_after(self, key: int, seq: int) -> StoredNews:
        """Return what was recorded from `seq` (exclusive) on; what this process is committing just now is done then.

        Raises:
            JournalUnavailable: storage did not answer.
        """
        ...

    def request(self, source: Source) -> None:
        """Commit what `source` has, soon, together with what other rooms have; it is told how that went.

        At once when the journal is idle; under load a batch waits for a moment, so that many share one commit.
        """
        ...

    async def append(
        self, key: int, epoch: str, entries: Sequence[Entry], *, require_open: bool = True
    ) -> int:
        """Commit `entries` in order and return the seq of the first.

        Raises:
            EpochMismatch: `epoch` is not the session's, or the session is gone.
            SessionClosed: the session has ended and `require_open` is set.
            JournalUnavailable: nothing was committed.
        """
        ...

    async def save_snapshot(
        self, key: int, seq: int, state: bytes, owners: Mapping[int, int | None]
    ) -> None:
        """Keep the encoded document as of `seq`, and who owns its client ids."""
        ...
