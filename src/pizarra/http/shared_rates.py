"""What strangers try at the door, counted in Valkey/Redis for all processes together.

Each process counts for itself as well: where nothing answers there, that is what holds, as without it.
"""

import logging
import time
from collections.abc import Callable
from math import ceil

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from pizarra.http.rate_limits import Rates, refusal
from pizarra.kit.tokens import TokenSigner

log = logging.getLogger(__name__)

# Those that a guess or a crowd costs; how fast one person does things their own process sees all of.
SHARED = frozenset(
    (
        "sign_in_attempts_per_address",
        "sign_in_attempts_per_name",
        "joins_per_address",
        "waiting_per_address",
        "rehearsals_per_address",
        "replay_opens_per_address",
    )
)
_ANSWER_SECONDS = 0.5  # whoever signs in waits for it
_AWAY_SECONDS = 5.0  # after it did not answer nobody waits for it so long
_CONNECTIONS = 20


class SharedRates(Rates):
    """Counts like `Rates`; a few bounds hold for all processes together."""

    def __init__(
        self, url: str, signer: TokenSigner, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(clock)
        waits = {"socket_timeout": _ANSWER_SECONDS, "socket_connect_timeout": _ANSWER_SECONDS}
        # many at once wait for each other: that is not to be without an answer
        self._pool = BlockingConnectionPool.from_url(
            url, max_connections=_CONNECTIONS, timeout=2 * _ANSWER_SECONDS, **waits
        )
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=f"pizarra:{signer.sign('rates', '')[1:17]}",
            connection_pool=self._pool,  # type: ignore[arg-type]
        )
        self._counted = MovingWindowRateLimiter(storage)
        self._signer = signer
        self._away_until = 0.0

    async def spend(self, bound: str, who: str, *, limit: int, seconds: int) -> None:
        """Count one attempt, here and for all; one that is refused is not counted.

        Raises:
            TooManyRequests: there were `limit` in the last `seconds`.
        """
        await super().spend(bound, who, limit=limit, seconds=seconds)
        if bound not in SHARED or self._clock() < self._away_until:
            return
        item, name = self._item(bound, limit, seconds), self._named(who)
        try:
            if await self._counted.hit(item, name):
                return
            reset = (await self._counted.get_window_stats(item, name)).reset_time
        except (RedisError, OSError) as error:
            self._miss(error)
            return
        self.take_back(bound, who)
        raise refusal(bound, seconds, max(1, ceil(reset - time.time())))

    async def forgive(self, bound: str, who: str, *, limit: int = 1, seconds: int = 1) -> None:
        """Forget the attempts: one succeeded."""
        await super().forgive(bound, who, limit=limit, seconds=seconds)
        if bound not in SHARED or self._clock() < self._away_until:
            return
        try:
            await self._counted.clear(self._item(bound, limit, seconds), self._named(who))
        except (RedisError, OSError) as error:
            self._miss(error)

    async def stop(self) -> None:
        """Let the connections go."""
        await self._pool.disconnect()

    def _item(self, bound: str, limit: int, seconds: int) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(limit, seconds, namespace=bound)

    def _named(self, who: str) -> str:
        """Return what stands for somebody there: no address, and no name."""
        return self._signer.sign("rates", who).rpartition(".")[2]

    def _miss(self, error: Exception) -> None:
        self._away_until = self._clock() + _AWAY_SECONDS
        log.warning(
            "attempts are counted by each process: Valkey/Redis does not answer (%s)",
            type(error).__name__,
        )
