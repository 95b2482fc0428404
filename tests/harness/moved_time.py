"""An event loop whose time is moved instead of waited for: a minute's silence takes no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")
_THREAD_SECONDS = 20


class _Selector(selectors.DefaultSelector):
    """Waits by moving the loop's time to when the next timer is due."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now.

        Raises:
            RuntimeError: nothing would ever happen again.
        """
        found = super().select(0)
        if found or timeout == 0:
            return found
        if timeout is None:
            found = super().select(_THREAD_SECONDS)  # a thread may be at work
            if not found:
                raise RuntimeError("everybody waits for what never comes")
            return found
        # A hair more: of two sums of the same seconds one may be smaller than the other.
        self.now += timeout + 1e-9
        return found


class MovedLoop(asyncio.SelectorEventLoop):
    """Threads that others time have no place in it: while one works, time goes on."""

    def __init__(self) -> None:
        self._moved = _Selector()
        super().__init__(self._moved)

    def time(self) -> float:
        """Return the seconds that have passed here."""
        return self._moved.now


def in_moved_time(work: Coroutine[Any, Any, _T]) -> _T:
    """Run `work` to its end; what it sleeps takes no time."""
    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        return runner.run(work)
