"""What is no text and would stand among the letters of a file: no editor can show it.

A text of Yjs may hold pictures, lists or further documents, and counts each as a letter; an editor of code counts none,
and from there on each of its places is another one. In maps, and inside types that lie there, they are at home.

An update says only of the first piece of a row where that is, of the others beside what they stand. So it is followed
from one to the next, up to one that tells, or to a letter.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from pizarra.collab.state.integrated_state import IntegratedState, leaves_gap
from pizarra.collab.wire.summary import Other, UpdateSummary

_MOST_STEPS = 10_000  # 10 ms; who changes a language back and forth makes one each time

Stray = Literal["among_letters", "beside_what_is_missing"]


def find_stray(
    update: UpdateSummary, integrated: IntegratedState, waiting: Sequence[UpdateSummary]
) -> Stray | None:
    """Return where something of an update stands that is no text, if that is no place for it.

    Beside what the document, of which `integrated` knows, and those that are `waiting` to be recorded lack: then nobody
    can tell yet.

    Raises:
        MustBeRead: only what the document holds can tell.
    """
    clocks = integrated.clocks
    if all(each.stands is True for each in _new_in(update, clocks)):  # as nearly all
        return None
    try:
        return _rows(clocks, None, integrated.is_at_home, waiting).stray(update, clocks)
    except _InDocument:
        reading = integrated.census.held()
    later = set(map(id, reading.since))
    # In the order in which they came: of what is said twice the first counts.
    others = [*(some for some in waiting if id(some) not in later), *reading.since]
    rows = _rows(reading.clocks, reading.others, integrated.is_at_home, others)
    if (stray := rows.stray(update, clocks)) is None:
        integrated.note_at_home(rows.followed(clocks))
    return stray


def _new_in(update: UpdateSummary, clocks: Mapping[int, int]) -> list[Other]:
    """Return what an update brings that is no text."""
    return [
        each
        for each in update.others
        if not each.is_deleted and each.end > clocks.get(each.client, 0)
    ]


class _InDocument(Exception):
    """Only what the document holds can tell."""


class Rows:
    """Follows what stands beside what, in a document that goes up to `clocks`, and in updates to it.

    `others` are what of the document is no text, by client, in order: None, where that is not known. What is at home
    need not be followed.
    """

    def __init__(
        self,
        clocks: Mapping[int, int],
        others: Mapping[int, list[Other]] | None,
        is_at_home: Callable[[int, int], bool],
    ) -> None:
        self._reach = dict(clocks)
        self._clocks = clocks
        self._there = others
        self._is_at_home = is_at_home
        self._later: dict[int, list[Other]] = {}
        self._waiting: list[UpdateSummary] = []  # for what they build on, as in the document
        # What was followed already: a stray ends it all.
        self._followed: dict[tuple[int, int], Other] = {}

    @property
    def waiting(self) -> int:
        """How many updates wait for what they build on: they are gone through whenever one comes."""
        return len(self._waiting)

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

        Raises:
            _InDocument: it stands beside something in the document, of which it is not known what that is.
        """
        new = _new_in(update, clocks)
        self.add(update)
        steps = 0
        while new:
            each = new.pop()
            if each.stands is False:
                return "among_letters"
            for place in () if each.stands is True else each.stands:
                if place in self._followed or self._is_at_home(*place):
                    continue
                steps += 1
                beside = self._at(*place)
                if beside is None or steps > _MOST_STEPS:
                    return self._letter_or_nothing(*place) if beside is None else "among_letters"
                self._followed[place] = beside
                new.append(beside)
        return None

    def followed(self, clocks: Mapping[int, int]) -> Iterator[Other]:
        """Yield what was followed to where it may be, and is in the document."""
        for each in sorted(set(self._followed.values()), key=_place):
            if (end := min(each.end, clocks.get(each.client, 0))) > each.start:
                yield each._replace(end=end)

    def _letter_or_nothing(self, client: int, clock: int) -> Stray:
        if clock >= self._reach.get(client, 0):
            return "beside_what_is_missing"
        if self._there is None and clock < self._clocks.get(client, 0):
            raise _InDocument
        return "among_letters"

    def _at(self, client: int, clock: int) -> Other | None:
        """Return what is no letter at a place."""
        for by_client in (self._there or {}, self._later):
            others = by_client.get(client, [])
            index = bisect_right(others, clock, key=_start) - 1
            if index >= 0 and others[index].end > clock:
                return others[index]
        return None


def _start(other: Other) -> int:
    return other.start


def _place(other: Other) -> tuple[int, int]:
    return other.client, other.start


def _rows(
    clocks: Mapping[int, int],
    others: Mapping[int, list[Other]] | None,
    is_at_home: Callable[[int, int], bool],
    later: Iterable[UpdateSummary],
) -> Rows:
    rows = Rows(clocks, others, is_at_home)
    for each in later:
        rows.add(each)
    return rows
