"""What a document already contains: which clocks of each client, and which of them are deleted.

Answers two questions before an update is recorded: does it bring anything new (a reconnecting client repeats the
whole delete set), and does everything it builds on exist (if not, the log marks the gap)?
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping
from enum import Enum, auto
from heapq import heappop, heappush

from pizarra.collab.state.census import Census
from pizarra.collab.state.siblings import Siblings
from pizarra.collab.wire.summary import Link, Other, UpdateSummary


class Integration(Enum):
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

    def __len__(self) -> int:
        return len(self._starts)

    def covers(self, start: int, end: int) -> bool:
        """Tell whether every number from `start` up to `end` is in."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and self._ends[index] >= end

    def add(self, start: int, end: int) -> None:
        """Put the numbers from `start` up to `end` in."""
        starts, ends = self._starts, self._ends
        if not ends or start > ends[-1]:  # in order, as a document tells them
            starts.append(start)
            ends.append(end)
            return
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


class IntegratedState:
    """The clocks and deletions a document holds. Unsure means not covered: that only costs a redundant log row."""

    def __init__(self, census: Census | None = None) -> None:
        self.clocks: dict[int, int] = {}
        self.census = census or Census(lambda: b"\0\0")
        self.siblings = Siblings()
        self._deleted: dict[int, Ranges] = {}
        self._inner: set[tuple[int, int]] = set()
        self._at_home: dict[int, Ranges] = {}

    def is_at_home(self, client: int, clock: int) -> bool:
        """Tell whether it is known that what stands there is no text, and in no text's row either.

        It is known of all that came since this document was loaded: whoever let it in has looked (`strays.py`).
        """
        known = self._at_home.get(client)
        return known is not None and known.covers(clock, clock + 1)

    def note_at_home(self, others: Iterable[Other]) -> None:
        """Remember of what the document holds that it is no text, and in no text's row."""
        for each in others:
            self._at_home.setdefault(each.client, Ranges()).add(each.start, each.end)

    def _note_new(self, others: Iterable[Other], before: Mapping[int, int]) -> None:
        """Remember what of an update's `others` is new, where clients' clocks were `before`.

        What is deleted when it comes, nobody has looked at: it is as what it stands beside.
        """
        for each in others:
            start = max(each.start, before.get(each.client, 0))
            beside = each.stands if isinstance(each.stands, tuple) else ()
            if start < each.end and (
                not each.is_deleted
                or each.stands is True
                or (beside and all(self.is_at_home(*place) for place in beside))
            ):
                self.note_at_home([each._replace(start=start)])

    def note_characters(self, update: UpdateSummary) -> None:
        """Remember which characters of `update` take two clocks."""
        if update.inner:
            self._inner.update(update.inner)

    def count_long(self) -> int:
        """Return how many characters of two clocks are remembered; those deleted meanwhile are among them."""
        return len(self._inner)

    def remember_long(self, places: Iterable[tuple[int, int]]) -> None:
        """Remember no other characters of two clocks than these: those of the whole document."""
        self._inner = set(places)

    def count_new_deletes(self, update: UpdateSummary) -> int:
        """Return how many of the ranges that `update` deletes are not deleted already."""
        deleted = self._deleted
        return sum(
            client not in deleted or not deleted[client].covers(start, end)
            for client, start, end in update.deletes
        )

    def count_ranges(self) -> int:
        """Return the number of deleted ranges."""
        return sum(map(len, self._deleted.values()))

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
        return all(self.has_deleted(*each) for each in update.deletes)

    def has_deleted(self, client: int, start: int, end: int) -> bool:
        """Tell whether the clocks of a client from `start` up to `end` are deleted already."""
        deleted = self._deleted.get(client)
        return deleted is not None and deleted.covers(start, end)

    def take_in(self, update: UpdateSummary) -> Integration:
        """Count `update` as contained, unless it brings nothing or leaves a gap."""
        if len(update.structs) == 1 and not update.deletes:
            ((client, start, end),) = update.structs
            clocks = self.clocks
            held = clocks.get(client, 0)
            if held >= end:
                return Integration.NOTHING_NEW
            if start <= held and all(
                clocks.get(left, 0) > clock for left, clock in update.needs.items()
            ):
                clocks[client] = end
                if update.others:
                    self._note_new(update.others, {client: held})
                return Integration.COMPLETE
        if self.brings_nothing(update):
            return Integration.NOTHING_NEW
        if self.leaves_gap(update):
            return Integration.GAP
        self.add(update)
        return Integration.COMPLETE

    def leaves_gap(self, update: UpdateSummary) -> bool:
        """Tell whether something `update` builds on is missing, in the document and in the update itself."""
        return leaves_gap(update, self.clocks)

    def add(self, update: UpdateSummary) -> None:
        """Count `update`, which leaves no gap, as contained."""
        before = {client: self.clocks.get(client, 0) for client, _, _ in update.structs}
        for client, _, end in update.structs:
            if self.clocks.get(client, 0) < end:
                self.clocks[client] = end
        self._note_new(update.others, before)
        for client, start, end in update.deletes:
            self._deleted.setdefault(client, Ranges()).add(start, end)


def leaves_gap(update: UpdateSummary, clocks: Mapping[int, int]) -> bool:
    """Tell whether something `update` builds on is missing, where `clocks` are there and in the update itself."""
    # of those alone whom the update names: a document may know thousands
    reach: dict[int, int] = {}
    for client, start, end in update.structs:
        held = reach.get(client) or clocks.get(client, 0)
        if start > held:
            return True
        reach[client] = max(end, held)
    return (
        any(
            (reach.get(client) or clocks.get(client, 0)) <= clock
            for client, clock in update.needs.items()
        )
        or any(
            (reach.get(client) or clocks.get(client, 0)) < end for client, _, end in update.deletes
        )
        or (len(reach) > 1 and _waits_for_itself(update, clocks))
    )


def _waits_for_itself(update: UpdateSummary, clocks: Mapping[int, int]) -> bool:
    """Tell whether clients' structs in `update` build on each other in a circle: the CRDT would wait for ever."""
    ends = {client: end for client, _, end in update.structs}
    links: dict[int, deque[Link]] = {}
    for link in update.links:
        if link.needed[1] >= clocks.get(link.needed[0], 0):
            links.setdefault(link.own[0], deque()).append(link)
    waiting: dict[int, list[tuple[int, int]]] = {}  # client → what of it is waited for, and by whom
    ready = list(links)
    while ready:
        client = ready.pop()
        mine = links[client]
        while mine and mine[0].needed[1] < _reached(mine[0].needed[0], links, ends):
            mine.popleft()
        if mine:
            needed, clock = mine[0].needed
            heappush(waiting.setdefault(needed, []), (clock, client))
        those = waiting.get(client, [])
        while those and those[0][0] < _reached(client, links, ends):
            ready.append(heappop(those)[1])
    return any(links.values())


def _reached(client: int, links: Mapping[int, deque[Link]], ends: Mapping[int, int]) -> int:
    """Return how far a client's structs find what they build on."""
    mine = links.get(client)
    return mine[0].own[1] if mine else ends.get(client, 0)
