"""A compiler that stays loaded, twice: for everybody, and for those who lately slowed it down or made it crash.

Whoever does that is compiled in the second one from then on, for a while: nobody else waits for what they wrote, or
gets an answer that their program spoilt. There they wait for each other, one program of each at a time.
"""

import asyncio
from collections.abc import Callable

from pizarra.kit.suspects import Suspects
from pizarra.sandbox.compilers.service import Service, ServiceGone

_QUICK_BYTES = 128 * 1024  # what people write in an interview is a tenth of it


class Lanes:
    """Sends each request to the one or the other: in the first none may be large, or take more than `quick_seconds`."""

    def __init__(self, new: Callable[[], Service], *, quick_seconds: float) -> None:
        self._quick, self._slow = new(), new()
        self._quick_seconds = quick_seconds
        self._suspects = Suspects()
        self._turns: dict[str, asyncio.Lock] = {}

    async def ask(self, request: bytes, share: str) -> bytes:
        """Return the answer to a request of `share`'s.

        Raises:
            ServiceGone: there is none. SandboxError: the service does not start.
        """
        if len(request) <= _QUICK_BYTES and share not in self._suspects:
            try:
                return await self._quick.ask(request, seconds=self._quick_seconds)
            except ServiceGone:
                self._suspect(share)
        turn = self._turns.setdefault(share, asyncio.Lock())
        try:
            async with turn:
                return await self._slow.ask(request)
        finally:
            if not turn.locked():
                self._turns.pop(share, None)

    async def close(self) -> None:
        """Stop both."""
        await self._quick.close()
        await self._slow.close()

    def _suspect(self, share: str) -> None:
        self._suspects.add(share)
        # it is loaded already: others need not wait until the first is again
        if self._slow.is_idle:
            self._quick, self._slow = self._slow, self._quick
