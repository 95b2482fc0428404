"""Who is formatting which file: one window at a time, or what two of them insert would be there twice.

Kept in this process's memory: two processes that serve one room do not know of each other's leases.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from pizarra.answers.codes import Code
from pizarra.errors import Conflict


@dataclass(slots=True)
class _Lease:
    window: int
    until: datetime
    becomes: bytes | None = None  # the hash of the text that the window was given


class FormattingLeases:
    """The leases under way, by session and file; each ends after a time, however its window ends."""

    def __init__(self, clock: Callable[[], datetime], seconds: float) -> None:
        self._clock = clock
        self._lasts = timedelta(seconds=seconds)
        self._leases: dict[tuple[str, str], _Lease] = {}

    def __len__(self) -> int:
        """Return how many leases are remembered."""
        return len(self._leases)

    def acquire(self, session: str, path: str, window: int, text: str) -> None:
        """Let `window` format a file that says `text`.

        Raises:
            Conflict: another window formats it, and what it makes of it has not come to this one yet.
        """
        now = self._clock()
        self._leases = {key: lease for key, lease in self._leases.items() if lease.until > now}
        lease = self._leases.get((session, path))
        if lease is not None and lease.window != window and lease.becomes != _hash(text):
            raise Conflict(
                "Somebody else is formatting this file now.", code=Code.FILE_BEING_FORMATTED
            )
        self._leases[session, path] = _Lease(window, now + self._lasts)

    def release(self, session: str, path: str, before: str, after: str | None) -> None:
        """Note what the text becomes; when nothing is to be changed, the lease is over."""
        if after is None or after == before:
            with suppress(KeyError):
                del self._leases[session, path]
        elif (lease := self._leases.get((session, path))) is not None:
            lease.becomes = _hash(after)


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
