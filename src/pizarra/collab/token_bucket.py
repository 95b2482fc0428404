"""How often somebody may do something: a token bucket that tells how long to wait instead of refusing."""

from collections.abc import Callable, Hashable

_BURST_SECONDS = 1.0
_KEPT = 1000


class TokenBucket:
    """Lets one to two seconds' worth through at once; the clock is read only when that is used up, not every time."""

    __slots__ = ("_burst", "_clock", "_per_second", "_refilled_at", "_tokens")

    def __init__(
        self, per_second: float, clock: Callable[[], float], burst: float | None = None
    ) -> None:
        self._per_second = per_second
        self._burst = per_second * _BURST_SECONDS if burst is None else burst
        self._tokens = self._burst
        self._clock = clock
        self._refilled_at = clock()

    def spend(self, amount: float = 1) -> float:
        """Take a token, or more; return the seconds to wait before taking the next, 0 for none."""
        self._tokens -= amount
        if self._tokens >= 0:
            return 0.0
        self._refill()
        return max(0.0, -self._tokens / self._per_second)

    @property
    def is_full(self) -> bool:
        """Whether everything taken has come back."""
        self._refill()
        return self._tokens >= self._burst

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._refilled_at) * self._per_second)
        self._refilled_at = now


class TokenBuckets:
    """A bucket for each of many, by key; who has taken nothing for a while is forgotten."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._rates: dict[Hashable, TokenBucket] = {}
        self._tidy_at = _KEPT

    def spend(self, key: Hashable, amount: float) -> float:
        """Take from one's bucket, or give back with a negative amount; see `TokenBucket.spend`."""
        rate = self._rates.get(key)
        if rate is None:
            if len(self._rates) >= self._tidy_at:
                self._rates = {
                    known: each for known, each in self._rates.items() if not each.is_full
                }
                # or each newcomer to a crowd would look at all of it
                self._tidy_at = max(_KEPT, 2 * len(self._rates))
            rate = self._rates[key] = TokenBucket(self._per_second, self._clock, self._burst)
        return rate.spend(amount)
