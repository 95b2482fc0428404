"""How long to wait before something is started again that ended by itself."""

import time

_FIRST_SECONDS = 0.2
_LONGEST_SECONDS = 10.0
_WELL_SECONDS = 30.0  # after which the next end has nothing to do with the last


class Backoff:
    """Twice as long each time, unless it lived for a while."""

    def __init__(self) -> None:
        self._seconds = _FIRST_SECONDS
        self._began_at = 0.0

    def began(self) -> None:
        """It was started."""
        self._began_at = time.monotonic()

    def next(self) -> float:
        """Return the seconds to wait."""
        if time.monotonic() - self._began_at > _WELL_SECONDS:
            self._seconds = _FIRST_SECONDS
        seconds, self._seconds = self._seconds, min(self._seconds * 2, _LONGEST_SECONDS)
        return seconds
