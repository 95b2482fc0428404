"""Long work in an event loop, in pieces: everybody else comes first after each few milliseconds of it."""

import asyncio
import time

_PIECE_SECONDS = 0.005


class Pauses:
    """The pauses of one piece of work: `await pauses.if_due()` wherever it may be interrupted."""

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._seconds = 0.0

    async def if_due(self) -> None:
        """Let others go first, if it is time."""
        worked = time.perf_counter() - self._since
        if worked > _PIECE_SECONDS:
            self._seconds += worked
            await asyncio.sleep(0)
            self._since = time.perf_counter()

    def seconds(self) -> float:
        """Return how long the work itself took so far."""
        return self._seconds + time.perf_counter() - self._since
