"""Where packages are read and written: a thread of their own, one package after another."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from pizarra.config import Settings
from pizarra.errors import Busy

T = TypeVar("T")


class PackageQueue:
    """Packages wait for each other. Commits sync the disk in the event loop's threads and wait for none of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = ThreadPoolExecutor(1, "packages")
        self._taken: list[tuple[Future[Any], object]] = []  # and whose they are

    async def do(self, work: Callable[..., T], *given: object, team: int | None = None) -> T:
        """Return what `work` returns of what is given, once it is its turn. No team has the last place and another one.

        Raises:
            Busy: too many wait for their turn. Whatever the work raises.
        """
        most = self._settings.max_packages_waiting
        under_way = self.under_way
        has_one = any(whose == team for _, whose in self._taken)
        if under_way > most or (has_one and under_way == most > 0):
            raise Busy(
                "Other packages are being imported or exported. Try again in a few seconds.",
                bound="max_packages_waiting",
            )
        taken = self._thread.submit(work, *given)
        self._taken.append((taken, team))
        return await asyncio.wrap_future(taken)

    @property
    def under_way(self) -> int:
        """How many are worked at or wait, also of those who have gone: what was begun takes the thread all the same."""
        self._taken = [each for each in self._taken if not each[0].done()]
        return len(self._taken)

    def stop(self) -> None:
        """Begin no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
