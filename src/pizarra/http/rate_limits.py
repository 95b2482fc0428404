"""How often somebody may try something, in this process's memory.

Our own, after a library that looked through all it knew, a thread each, whenever anybody did anything: a crowd cost the
square of its size. Here an attempt costs the same however many others there are.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from pizarra.answers.codes import Code
from pizarra.errors import TooManyRequests

_FEW = 1000  # of which none is looked for to be forgotten


@dataclass(slots=True)
class _Window:
    seconds: int
    attempts: deque[float] = field(default_factory=deque)  # when, oldest first

    def forget_until(self, now: float) -> None:
        while self.attempts and self.attempts[0] <= now - self.seconds:
            self.attempts.popleft()


class Rates:
    """Counts attempts by the setting that bounds them and by who makes them, in a window that moves with the time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}
        self._tidy_at = _FEW

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._windows)

    async def spend(self, bound: str, who: str, *, limit: int, seconds: int) -> None:
        """Count one attempt; one that is refused is not counted.

        Raises:
            TooManyRequests: there were `limit` in the last `seconds`.
        """
        now = self._clock()
        window = self._windows.get((bound, who))
        if window is None:
            self._tidy(now)
            window = self._windows[bound, who] = _Window(seconds)
        window.forget_until(now)
        if len(window.attempts) >= limit:
            raise refusal(bound, seconds, max(1, ceil(window.attempts[-limit] + seconds - now)))
        window.attempts.append(now)

    async def forgive(self, bound: str, who: str, *, limit: int = 1, seconds: int = 1) -> None:
        """Forget the attempts, counted as `spend` was told to: one succeeded."""
        self._windows.pop((bound, who), None)

    def take_back(self, bound: str, who: str) -> None:
        """Forget the last attempt: it was refused elsewhere."""
        window = self._windows.get((bound, who))
        if window is not None and window.attempts:
            window.attempts.pop()

    async def stop(self) -> None:
        """Nothing is held."""

    def _tidy(self, now: float) -> None:
        """Forget who has tried nothing for a while, each time that twice as many are known as were left then."""
        if len(self._windows) < self._tidy_at:
            return
        for window in self._windows.values():
            window.forget_until(now)
        self._windows = {key: window for key, window in self._windows.items() if window.attempts}
        self._tidy_at = max(_FEW, 2 * len(self._windows))


def refusal(bound: str, seconds: int, wait: int) -> TooManyRequests:
    """Return what somebody is told who tried too often; they may again in `wait` seconds."""
    detail = f"Too many attempts. Wait {_shown(seconds)}, then try again."
    return TooManyRequests(detail, bound=bound, retry_after=wait, code=Code.TOO_MANY_ATTEMPTS)


def _shown(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"
