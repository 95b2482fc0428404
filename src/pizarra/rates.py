"""How often somebody may try something: the `limits` library, in this process's memory."""

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from pizarra.errors import TooManyRequests


class Rates:
    """Counts attempts by kind and by who makes them."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def spend(self, kind: str, who: str, *, limit: int, seconds: int) -> None:
        """Count one attempt.

        Raises:
            TooManyRequests: there were `limit` in the last `seconds`.
        """
        if not await self._limiter.hit(RateLimitItemPerSecond(limit, seconds), kind, who):
            raise TooManyRequests(f"Too many attempts. Wait {_shown(seconds)}, then try again.")

    async def forgive(self, kind: str, who: str, *, limit: int, seconds: int) -> None:
        """Forget the attempts: one succeeded."""
        await self._limiter.clear(RateLimitItemPerSecond(limit, seconds), kind, who)


def _shown(seconds: int) -> str:
    return f"{seconds // 60} minutes" if seconds >= 120 else f"{seconds} seconds"
