"""How much a runner has to do is told to everybody who may send it more, as soon as it changes."""

import asyncio
from collections.abc import Callable

from pizarra.sandbox.runner.protocol import Load

_CHANGED_SECONDS = 0.02  # how late a change is told, at most
_RESTING_SECONDS = 0.5  # how often is looked which programs do nothing


class LoadTeller:
    """Tells a runner's load when it is another than was told.

    `read` gives the load as of now; `tell` is called with each that differs from the last; `is_running` says whether
    any program runs: programs begin and cease to do nothing by themselves, so that one has to look.
    """

    def __init__(
        self,
        read: Callable[[], Load],
        tell: Callable[[Load], None],
        is_running: Callable[[], bool],
    ) -> None:
        self._read = read
        self._tell = tell
        self._is_running = is_running
        self._next: asyncio.TimerHandle | None = None
        self.told = Load(computing=0, waiting=0)

    def changed(self) -> None:
        """Say that something began or ended: it is told within 20 ms, together with what follows at once."""
        loop = asyncio.get_running_loop()
        soon = loop.time() + _CHANGED_SECONDS
        if self._next is not None:
            if self._next.when() <= soon:
                return
            self._next.cancel()  # it would only look whether a program rests, later
        self._next = loop.call_at(soon, self.now)

    def now(self) -> None:
        """Tell it without waiting."""
        if self._next is not None:
            self._next.cancel()
            self._next = None
        load = self._read()
        if load != self.told:
            self.told = load
            self._tell(load)
        if self._is_running():
            self._next = asyncio.get_running_loop().call_later(_RESTING_SECONDS, self.now)
