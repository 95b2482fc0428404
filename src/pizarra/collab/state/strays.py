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
from pizarra.collab.state.integrated_state import leaves_gap
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
    if all(each.stands is True for each in _new_in(update, clocks)):  # as nearly all
        return None
    reading = held()
    later = set(map(id, reading.since))
    rows = Rows(reading.clocks, reading.others)
    # In the order in which they came: of what is said twice the first counts.
    for each in [*(some for some in waiting if id(some) not in later), *reading.since]:
        rows.add(each)
    return rows.stray(update, clocks)


def _new_in(update: UpdateSummary, clocks: Mapping[int, int]) -> list[Other]:
    """Return what an update brings that is no text."""
    return [
        each
        for each in update.others
        if not each.is_deleted and each.end > clocks.get(each.client, 0)
    ]


class Rows:
    """Follows what stands beside what, in a document that goes up to `clocks`, and in updates to it.

    `others` are what of the document is no text, by client, in order.
    """

    def __init__(self, clocks: Mapping[int, int], others: Mapping[int, list[Other]]) -> None:
        self._reach = dict(clocks)
        self._there = others
        self._later: dict[int, list[Other]] = {}
        self._waiting: list[UpdateSummary] = []  # for what they build on, as in the document
        # What was followed already: a stray ends it all.
        self._followed: set[tuple[int, int]] = set()

    def add(self, update: UpdateSummary) -> None:
        """Take note of an update; of what is known already, only the rest."""
        if leaves_gap(update, self._reach):
            self._waiting.append(update)
            return
        self._take_in(update)
        before = -1
        while len(self._waiting) not in (0, before):
            before, waiting, self._waiting = len(self._waiting), self._waiting, []
            for each in waiting:
                if leaves_gap(each, self._reach):
                    self._waiting.append(each)
                else:
                    self._take_in(each)

    def _take_in(self, update: UpdateSummary) -> None:
        reach = self._reach
        for other in update.others:
            known = reach.get(other.client, 0)
            if other.end > known:
                new = other._replace(start=max(other.start, known))
                self._later.setdefault(other.client, []).append(new)
        for client, _, end in update.structs:
            reach[client] = max(end, reach.get(client, 0))

    def stray(self, update: UpdateSummary, clocks: Mapping[int, int]) -> Stray | None:
        """Return where something new of an update stands that has no place there; take note of the update.

        What is below `clocks` is not new.
        """
        new = _new_in(update, clocks)
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
                    missing = beside is None and clock >= self._reach.get(client, 0)
                    return "beside_what_is_missing" if missing else "among_letters"
                new.append(beside)
        return None

    def _at(self, client: int, clock: int) -> Other | None:
        """Return what is no letter at a place."""
        for by_client in (self._there, self._later):
            others = by_client.get(client, [])
            index = bisect_right(others, clock, key=_start) - 1
            if index >= 0 and others[index].end > clock:
                return others[index]
        return None


def _start(other: Other) -> int:
    return other.start
