"""The updates of one document that build on what is not there yet: the CRDT keeps them too, and tries them again."""

from collections.abc import Callable

from pizarra.collab.limits import RoomLimits
from pizarra.collab.wire.summary import UpdateSummary

_MAX_PIECES = 20_000  # in all: they are gone through whenever something arrives


class Gaps:
    """So many of them, and no more."""

    def __init__(self, limits: RoomLimits) -> None:
        self._max_updates = limits.gap_updates
        self._max_bytes = limits.gap_bytes
        self._waiting: list[tuple[UpdateSummary, int]] = []
        self._bytes = 0
        self._pieces = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def has_room(self, summary: UpdateSummary, size: int) -> bool:
        """Tell whether one more of `size` bytes may wait."""
        return (
            len(self._waiting) < self._max_updates
            and self._bytes + size <= self._max_bytes
            and self._pieces + _pieces(summary) <= _MAX_PIECES
        )

    def add(self, summary: UpdateSummary, size: int) -> None:
        """Remember one."""
        self._waiting.append((summary, size))
        self._bytes += size
        self._pieces += _pieces(summary)

    def keep(self, is_open: Callable[[UpdateSummary], bool]) -> None:
        """Forget those that are gaps no more."""
        before, self._waiting = self._waiting, []
        self._bytes = self._pieces = 0
        for summary, size in before:
            if is_open(summary):
                self.add(summary, size)


def _pieces(summary: UpdateSummary) -> int:
    return len(summary.structs) + len(summary.deletes) + len(summary.needs)
