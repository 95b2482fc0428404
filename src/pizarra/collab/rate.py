"""How often somebody may do something: a token bucket that tells how long to wait instead of refusing."""

from collections.abc import Callable

_BURST_SECONDS = 1.0


class Rate:
    """Lets one to two seconds' worth through at once; the clock is read only when that is used up, not every time."""

    __slots__ = ("_burst", "_clock", "_per_second", "_refilled_at", "_tokens")

    def __init__(self, per_second: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = per_second * _BURST_SECONDS
        self._tokens = self._burst
        self._clock = clock
        self._refilled_at = clock()

    def spend(self) -> float:
        """Take one token; return the seconds to wait before taking the next, 0 for none."""
        self._tokens -= 1
        if self._tokens >= 0:
            return 0.0
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._refilled_at) * self._per_second)
        self._refilled_at = now
        return max(0.0, -self._tokens / self._per_second)
