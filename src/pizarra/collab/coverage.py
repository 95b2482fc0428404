"""What a document already contains: which clocks of each client, and which of them are deleted.

Answers two questions before an update is recorded: does it bring anything new (a reconnecting client repeats the
whole delete set), and does everything it builds on exist (if not, the log marks the gap)?
"""

from bisect import bisect_right
from enum import Enum, auto

from pizarra.collab.updates import UpdateSummary


class Outcome(Enum):
    """What an update is to a document."""

    NOTHING_NEW = auto()
    COMPLETE = auto()
    GAP = auto()  # something it builds on is missing


class Ranges:
    """Disjoint half-open ranges of numbers, kept sorted."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def covers(self, start: int, end: int) -> bool:
        """Tell whether every number from `start` up to `end` is in."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and self._ends[index] >= end

    def add(self, start: int, end: int) -> None:
        """Put the numbers from `start` up to `end` in."""
        starts, ends = self._starts, self._ends
        first = bisect_right(starts, start)
        if first > 0 and ends[first - 1] >= start:
            first -= 1
            start = starts[first]
        last = first
        while last < len(starts) and starts[last] <= end:
            end = max(end, ends[last])
            last += 1
        starts[first:last] = [start]
        ends[first:last] = [end]


class Coverage:
    """The clocks and deletions a document holds. Unsure means not covered: that only costs a redundant log row."""

    def __init__(self) -> None:
        self.clocks: dict[int, int] = {}
        self._deleted: dict[int, Ranges] = {}
        self._inner: set[tuple[int, int]] = set()

    def note_characters(self, update: UpdateSummary) -> None:
        """Remember which characters of `update` take two clocks."""
        if update.inner:
            self._inner.update(update.inner)

    def splits_character(self, update: UpdateSummary) -> bool:
        """Tell whether `update` would split a character in two.

        JavaScript's clients replace both halves; yrs goes on with the whole one and a wrong length, and what it encodes
        from then on cannot be read.
        """
        return bool(self._inner) and not self._inner.isdisjoint(update.cuts)

    def brings_nothing(self, update: UpdateSummary) -> bool:
        """Tell whether the document holds all of `update` already."""
        return not self.new_clients(update) and self.covers_deletes(update)

    def new_clients(self, update: UpdateSummary) -> list[int]:
        """Return the client ids under which `update` brings something the document does not hold."""
        clocks = self.clocks
        return [client for client, _, end in update.structs if clocks.get(client, 0) < end]

    def covers_deletes(self, update: UpdateSummary) -> bool:
        """Tell whether everything `update` deletes is deleted already."""
        deleted = self._deleted
        return all(client in deleted and deleted[client].covers(start, end) for client, start, end in update.deletes)

    def take_in(self, update: UpdateSummary) -> Outcome:
        """Count `update` as contained, unless it brings nothing or leaves a gap."""
        if len(update.structs) == 1 and not update.deletes:
            ((client, start, end),) = update.structs
            clocks = self.clocks
            held = clocks.get(client, 0)
            if held >= end:
                return Outcome.NOTHING_NEW
            if start <= held and all(clocks.get(left, 0) > clock for left, clock in update.needs.items()):
                clocks[client] = end
                return Outcome.COMPLETE
        if self.brings_nothing(update):
            return Outcome.NOTHING_NEW
        if self.leaves_gap(update):
            return Outcome.GAP
        self.add(update)
        return Outcome.COMPLETE

    def leaves_gap(self, update: UpdateSummary) -> bool:
        """Tell whether something `update` builds on is missing, in the document and in the update itself."""
        reach = self.clocks
        if update.structs:
            reach = dict(reach)
            for client, start, end in update.structs:
                if start > reach.get(client, 0):
                    return True
                reach[client] = max(end, reach.get(client, 0))
        return any(reach.get(client, 0) <= clock for client, clock in update.needs.items()) or any(
            reach.get(client, 0) < end for client, _, end in update.deletes
        )

    def add(self, update: UpdateSummary) -> None:
        """Count `update`, which leaves no gap, as contained."""
        for client, _, end in update.structs:
            if self.clocks.get(client, 0) < end:
                self.clocks[client] = end
        for client, start, end in update.deletes:
            self._deleted.setdefault(client, Ranges()).add(start, end)
