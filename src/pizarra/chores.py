"""What is done in the background, every so often."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pizarra.database import DATABASE_ERRORS

log = logging.getLogger(__name__)


async def keep_doing(
    what: str, work: Callable[[], Awaitable[object]], seconds: float, *, at_once: bool = False
) -> None:
    """Do `work` every `seconds`, until cancelled; a database that does not answer is tried again the next time."""
    if not at_once:
        await asyncio.sleep(seconds)
    while True:
        try:
            await work()
        except DATABASE_ERRORS as error:
            log.warning("%s: not this time: %s", what, type(error).__name__)
        await asyncio.sleep(seconds)
