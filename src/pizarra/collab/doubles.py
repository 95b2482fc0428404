"""Two processes that recorded different things as the same piece of one author's: whose word counts.

The log's first does, for everybody who reads it. But each process shows what it recorded itself before it knows what
another recorded a moment earlier: so the one whose word came second shows something else than the log comes to, and no
edit would ever mend that. An honest client says the same twice, if anything, as one does that comes back elsewhere.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice

from pizarra.collab.wire.summary import UpdateSummary

Read = tuple[bytes, UpdateSummary]


class Doubles:
    """Remembers what was shown early: while there is a hole in what is known of the log before it."""

    def __init__(self) -> None:
        # client → (first clock, end, the update that it came in), in order
        self._early: dict[int, list[tuple[int, int, bytes]]] = {}
        self.suspected = False

    def show_early(self, edits: Iterable[Read]) -> None:
        """Remember edits of this process behind a hole."""
        for update, summary in edits:
            for client, start, end in summary.structs:
                rows = self._early.setdefault(client, [])
                if not rows or rows[-1][1] <= start:  # else it repeats what it brought before
                    rows.append((start, end, update))

    def compare(self, others: Iterable[Read]) -> None:
        """Compare what lies in the hole with them: is something of it said of the same pieces, in other words?"""
        if self._early:
            self.suspected = self.suspected or any(self._contradicts(*each) for each in others)

    def _contradicts(self, update: bytes, summary: UpdateSummary) -> bool:
        for client, start, end in summary.structs:
            rows = self._early.get(client, [])
            first = bisect_right(rows, start, key=_end)
            for shown, _, early in islice(rows, first, None):
                if shown >= end:
                    break
                if early != update:
                    return True
        return False

    def forget(self) -> None:
        """Nothing is unknown any more."""
        self._early.clear()


def _end(row: tuple[int, int, bytes]) -> int:
    return row[1]
