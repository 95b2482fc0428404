"""What is no text and would stand among the letters of a file: no editor can show it.

A text of Yjs may hold pictures, lists or further documents, and counts each as a letter; an editor of code counts none,
and from there on each of its places is another one. In maps, and inside types that lie there, they are at home.

An update says only of the first piece of a row where that is, of the others beside what they stand. So it is followed
from one to the next, up to one that tells, or to a letter.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from pizarra.collab.state.census import Held
from pizarra.collab.wire.summary import Other, UpdateSummary

_MOST_STEPS = 10_000  # 10 ms; who changes a language back and forth makes one each time

Stray = Literal["among_letters", "beside_what_is_missing"]


def find_stray(
    update: UpdateSummary,
    clocks: Mapping[int, int],
    waiting: Iterable[UpdateSummary],
    held: Callable[[], Held],
) -> Stray | None:
    """Return where something of an update stands that is no text, if that is no place for it.

    Beside what the document, whose `clocks` are given, lacks: then nobody can tell yet.

    Raises:
        MustBeRead: only what the document holds can tell.
    """
    new = _new_in(update, clocks)
    if all(each.stands is True for each in new):  # as nearly all
        return None
    reading = held()
    rows = Rows(clocks)
    rows.add_others(reading.others)
    for each in (*waiting, *reading.since):
        rows.add(each)
    return rows.stray(update)


def _new_in(update: UpdateSummary, clocks: Mapping[int, int]) -> list[Other]:
    """Return what an update brings that is no text."""
    return [
        each
        for each in update.others
        if not each.is_deleted and each.end > clocks.get(each.client, 0)
    ]


class Rows:
    """Follows what stands beside what, in a document whose `clocks` are given and in updates to it."""

    def __init__(self, clocks: Mapping[int, int]) -> None:
        self._clocks = clocks
        self._reach: dict[int, int] = {}  # client → clock, with the updates
        self._others: dict[int, list[Other]] = {}  # by client, in order
        # What was followed already: a stray ends it all.
        self._followed: set[tuple[int, int]] = set()

    def add(self, update: UpdateSummary) -> None:
        """Take note of an update."""
        for client, _, end in update.structs:
            self._reach[client] = max(end, self._reach.get(client, 0))
        self.add_others(update.others)

    def add_others(self, others: Iterable[Other]) -> None:
        """Take note of what is no text: of what is known already, only the rest."""
        for each in others:
            theirs = self._others.setdefault(each.client, [])
            place = each.start
            while place < each.end:
                if (known := self._at(each.client, place)) is not None:
                    place = known.end
                    continue
                index = bisect_right(theirs, place, key=_start)
                end = min([each.end, *(later.start for later in theirs[index : index + 1])])
                theirs.insert(index, each._replace(start=place, end=end))
                place = end

    def stray(self, update: UpdateSummary) -> Stray | None:
        """Return where something new of an update stands that has no place there; take note of the update."""
        new = _new_in(update, self._clocks)
        self.add(update)
        steps = 0
        while new:
            each = new.pop()
            if each.stands is False:
                return "among_letters"
            for client, clock in () if each.stands is True else each.stands:
                if (client, clock) in self._followed:
                    continue
                steps += 1
                self._followed.add((client, clock))
                beside = self._at(client, clock)
                if beside is None or steps > _MOST_STEPS:
                    there = max(self._reach.get(client, 0), self._clocks.get(client, 0))
                    missing = beside is None and clock >= there
                    return "beside_what_is_missing" if missing else "among_letters"
                new.append(beside)
        return None

    def _at(self, client: int, clock: int) -> Other | None:
        """Return what is no letter at a place."""
        others = self._others.get(client, [])
        index = bisect_right(others, clock, key=_start) - 1
        return others[index] if index >= 0 and others[index].end > clock else None


def _start(other: Other) -> int:
    return other.start
