"""What is done again and again, so far apart that what came meanwhile is done together."""

import asyncio


class Pace:
    """Lets a turn begin at once after a quiet while, and else `seconds` after the one before."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0  # by the loop's clock

    async def turn(self) -> None:
        """Wait until it is time; this is a turn, then."""
        loop = asyncio.get_running_loop()
        if (left := self._next - loop.time()) > 0:
            await asyncio.sleep(left)
        self._next = loop.time() + self._seconds
