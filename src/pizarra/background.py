"""What is done in the background, every so often."""

import asyncio
import logging
import time
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from prometheus_client import Counter

from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)


class Background:
    """The program's background work, and what it costs."""

    def __init__(self, cpu_seconds: Counter) -> None:
        self._cpu_seconds = cpu_seconds  # by chore
        self._tasks: list[asyncio.Task[None]] = []

    def every(
        self,
        seconds: float,
        what: str,
        work: Callable[[], Coroutine[Any, Any, object]],
        *,
        at_once: bool = False,
    ) -> None:
        """Do `work` every `seconds`, until `stop`; a database that does not answer is tried again the next time."""
        self._tasks.append(
            asyncio.create_task(self._keep_doing(seconds, what, work, at_once=at_once))
        )

    def add(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin work that never ends by itself."""
        self._tasks.append(asyncio.create_task(work))

    async def stop(self) -> None:
        """Stop all of it; it has let go of what it held then."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_doing(
        self,
        seconds: float,
        what: str,
        work: Callable[[], Coroutine[Any, Any, object]],
        *,
        at_once: bool,
    ) -> None:
        spent = self._cpu_seconds.labels(what)
        if not at_once:
            await asyncio.sleep(seconds)
        while True:
            try:
                await _metered(work(), spent.inc)
            except DATABASE_ERRORS as error:
                log.warning("%s: not this time: %s", what, type(error).__name__)
            await asyncio.sleep(seconds)


@types.coroutine
def _metered(
    work: Coroutine[Any, Any, object], spend: Callable[[float], None]
) -> Generator[Any, Any, object]:
    """Do `work`, and tell `spend` the seconds of this thread's processor that each step of it took."""
    answer, failure = None, None
    while True:
        begun = time.thread_time()
        try:
            waits_for = work.send(answer) if failure is None else work.throw(failure)
        except StopIteration as end:
            return end.value
        finally:
            spend(time.thread_time() - begun)
        try:
            answer, failure = (yield waits_for), None
        except BaseException as error:  # noqa: BLE001 - it is for the work
            answer, failure = None, error
