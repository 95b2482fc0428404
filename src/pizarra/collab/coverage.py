"""What a document already contains: which clocks of each client, and which of them are deleted.

Answers two questions before an update is recorded: does it bring anything new (a reconnecting client repeats the
whole delete set), and does everything it builds on exist (if not, the log marks the gap)?
"""

from bisect import bisect_right

from pizarra.collab.updates import UpdateSummary


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

    def brings_nothing(self, update: UpdateSummary) -> bool:
        """Tell whether the document holds all of `update` already."""
        clocks, deleted = self.clocks, self._deleted
        return all(clocks.get(client, 0) >= end for client, _, end in update.structs) and all(
            client in deleted and deleted[client].covers(start, end) for client, start, end in update.deletes
        )

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
