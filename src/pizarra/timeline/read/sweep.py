"""Which sessions a chore looks at, however many are stored: a few at a time, with turns for others in between."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

from sqlalchemy import func, select

from pizarra.database import Database
from pizarra.models import InterviewSession
from pizarra.storage.prepared import Prepared

_AT_ONCE = 1000  # sessions: on SQLite a statement holds the event loop for some milliseconds
_EACH_ROUND = 10_000  # sessions: of the newest, and of the others
_id = InterviewSession.__table__.c.id
_LAST = Prepared(select(func.max(_id).label("last")))


class Window(NamedTuple):
    """Sessions by storage's ids: those beyond one, up to another. As parameters of a statement."""

    beyond: int
    until: int


async def windows(database: Database) -> AsyncIterator[Window]:
    """Yield all sessions, the oldest first."""
    for window in _between(0, await _last(database)):
        yield window
        await asyncio.sleep(0)


class Sweep:
    """The sessions of one round after the other: in each the newest, where most happens, and in turn some others.

    So a round takes no longer the more is stored; what is old waits for its turn.
    """

    def __init__(self) -> None:
        self._next = 0

    async def round(self, database: Database) -> AsyncIterator[Window]:
        """Yield the sessions of the next round."""
        last = await _last(database)
        newest = max(0, last - _EACH_ROUND)
        begin = self._next if self._next < newest else 0
        self._next = min(begin + _EACH_ROUND, newest)
        for window in (*_between(newest, last), *_between(begin, self._next)):
            yield window
            await asyncio.sleep(0)


async def _last(database: Database) -> int:
    ((last,),) = await database.fetch_prepared(_LAST, {})
    return last or 0


def _between(beyond: int, until: int) -> Iterator[Window]:
    for start in range(beyond, until, _AT_ONCE):
        yield Window(start, min(start + _AT_ONCE, until))
