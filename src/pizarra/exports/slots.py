"""How many are taking one session away: an export is the dearest thing to ask for, and whoever is invited may."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pizarra.answers.codes import Code
from pizarra.errors import TooManyRequests

K = TypeVar("K")


class ExportSlots:
    """Exports and downloads under way, by session and person; those invited take nothing from those who host."""

    def __init__(self, per_person: int, per_session: int) -> None:
        self._per_person, self._per_session = per_person, per_session
        self._by_person: Counter[tuple[int, str]] = Counter()
        # of those who host, of everybody else
        self._together: Counter[tuple[int, bool]] = Counter()

    @contextmanager
    def one_of(self, session_key: int, person: str, *, hosts: bool) -> Iterator[None]:
        """Count one while it lasts.

        Raises:
            TooManyRequests: the person has enough of this session, or all together have.
        """
        if self._by_person[session_key, person] >= self._per_person:
            raise TooManyRequests(
                "You are downloading this session already. Wait until that is done, then try again.",
                bound="max_exports_per_person",
                code=Code.DOWNLOADING_ALREADY,
            )
        if self._together[session_key, hosts] >= self._per_session:
            raise TooManyRequests(
                "This session is being downloaded already. Wait until that is done, then try again.",
                bound="max_exports_per_session",
                code=Code.DOWNLOADING_ALREADY,
            )
        self._by_person[session_key, person] += 1
        self._together[session_key, hosts] += 1
        try:
            yield
        finally:
            _give_back(self._by_person, (session_key, person))
            _give_back(self._together, (session_key, hosts))

    async def begin(
        self, session_key: int, person: str, pieces: AsyncIterator[bytes], *, hosts: bool
    ) -> AsyncIterator[bytes]:
        """Return the pieces of an answer; until the last is taken, or nobody wants them, it is under way.

        Raises:
            TooManyRequests: the person has enough of this session, or all together have.
        """
        counted = self._counted(session_key, person, pieces, hosts=hosts)
        first = await anext(counted)  # it has begun, so it also ends when nobody ever asks for more
        return _resumed(first, counted)

    async def _counted(
        self, session_key: int, person: str, pieces: AsyncIterator[bytes], *, hosts: bool
    ) -> AsyncIterator[bytes]:
        with self.one_of(session_key, person, hosts=hosts):
            async for piece in pieces:
                yield piece


def _give_back(counted: Counter[K], key: K) -> None:
    counted[key] -= 1
    if not counted[key]:
        del counted[key]


async def _resumed(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
