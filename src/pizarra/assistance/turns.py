"""Who is formatting which file: one window at a time, or what two of them insert would be there twice.

Kept in this process's memory: two processes that serve one room do not know of each other's turns.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from pizarra.answers.codes import Code
from pizarra.errors import Conflict


@dataclass(slots=True)
class _Turn:
    window: int
    until: datetime
    becomes: bytes | None = None  # the hash of the text that the window was given


class Turns:
    """The turns under way, by session and file; each ends after a time, however its window ends."""

    def __init__(self, clock: Callable[[], datetime], seconds: float) -> None:
        self._clock = clock
        self._lasts = timedelta(seconds=seconds)
        self._turns: dict[tuple[str, str], _Turn] = {}

    def __len__(self) -> int:
        """Return how many turns are remembered."""
        return len(self._turns)

    def take(self, session: str, path: str, window: int, text: str) -> None:
        """Let `window` format a file that says `text`.

        Raises:
            Conflict: another window formats it, and what it makes of it has not come to this one yet.
        """
        now = self._clock()
        self._turns = {key: turn for key, turn in self._turns.items() if turn.until > now}
        turn = self._turns.get((session, path))
        if turn is not None and turn.window != window and turn.becomes != _hash(text):
            raise Conflict(
                "Somebody else is formatting this file now.", code=Code.FILE_BEING_FORMATTED
            )
        self._turns[session, path] = _Turn(window, now + self._lasts)

    def give(self, session: str, path: str, before: str, after: str | None) -> None:
        """Note what the text becomes; when nothing is to be changed, the turn is over."""
        if after is None or after == before:
            with suppress(KeyError):
                del self._turns[session, path]
        elif (turn := self._turns.get((session, path))) is not None:
            turn.becomes = _hash(after)


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
