"""How much of a text an update would have compared: what is put where others put something too has to find its place.

Text that is put at one place without knowing of each other is ordered by comparing each with each: two thousand pieces
by two authors take a quarter of a second, forty-five thousand half an hour, and nothing can interrupt it. So it is with
what is put at many places as if nothing followed there: each is compared with all that follows. People come to a few
hundred. What goes on where its own author stopped is no piece; what is put in the middle of somebody's line, or right
before the piece that stands first at a place, as lines are that are written one above the other, is compared with none.
"""

import contextlib
import time
from collections.abc import Callable

from pizarra.collab.state.census import Census, MustBeRead, PieceCounts
from pizarra.collab.wire.summary import Piece, UpdateSummary

_FEW = 200  # pieces at a place, or in a document: below it nobody looks at what the document holds
_PATIENCE_SECONDS = 5.0  # of processor time, for all comparing in a document; it comes back at:
_FORGIVEN = 0.01  # seconds of it a second, so that a long interview is not judged by its first hour
_FOREIGN = 10  # what is no text takes so many times as long to be compared
_MOST_PLACES = 200_000  # each takes some hundred bytes here
_SLACK = 16  # parts of what was counted: so much must come before a document is read again


class Patience:
    """How much processor time was lately spent on what is slow: what was spent is forgiven bit by bit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = 0.0
        self._at = clock()

    def spent(self) -> float:
        """Return the seconds that are not forgiven yet."""
        return max(0.0, self._seconds - (self._clock() - self._at) * _FORGIVEN)

    def spend(self, seconds: float) -> None:
        """Count some more."""
        self._seconds, self._at = self.spent() + seconds, self._clock()


class Siblings:
    """Counts pieces by what stands left of them: (client, clock), or None for the beginning of a text."""

    __slots__ = ("_census", "_counted", "_measured", "_since", "_spent")

    def __init__(
        self, census: Census | None = None, spent: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._counted = PieceCounts()
        self._measured = -1  # how much the document held when it was read; it never was
        self._since: list[Piece] = []  # since then: some may be on their way to it
        self._census = census  # of the document, asked only when it matters
        self._spent = spent  # seconds of processor time that updates took which were slow to apply

    def add(self, update: UpdateSummary) -> None:
        """Count what an update puts anywhere."""
        self._counted.add(update)
        if self._census is not None:
            self._since += update.pieces
            self._census.note(update)
            if len(self._since) > _MOST_PLACES:
                with contextlib.suppress(MustBeRead):  # then whoever asks next
                    self._measure(self._census)

    def would_exceed(self, update: UpdateSummary, most: int) -> bool:
        """Tell whether with this update more might be compared than `most` pieces of two authors at one place.

        Raises:
            MustBeRead: only what the document holds can tell.
        """
        if not update.pieces:
            return False
        after = self._with(update)
        first = self._measured < 0 and (after.unsure or max(after.total.values()) > _FEW)
        if self._census is not None and (
            first
            or len(self._since) > _MOST_PLACES
            or (self._is_too_much(after, most) and self._has_grown())
        ):
            self._measure(self._census)
            after = self._with(update)
        return self._is_too_much(after, most)

    def compared(self, update: UpdateSummary) -> int:
        """Return with how many pieces those of `update` may be compared, in all, when it is applied."""
        if not update.pieces:
            return 0
        before, after = self._counted, self._with(update)
        new = sum(
            total * (after.apart[left] - before.at(left)[1]) for left, total in after.total.items()
        )
        return new + after.unsure * max(after.items, after.foreign * _FOREIGN)

    def _is_too_much(self, after: PieceCounts, most: int) -> bool:
        bound = most * most // 2
        return (
            after.unsure * max(after.items, after.foreign * _FOREIGN) > bound
            or any(total * after.apart[left] > bound for left, total in after.total.items())
            or after.places > 2 * _MOST_PLACES
            or (after.unsure > 0 and after.all > _FEW and self._spent() > _PATIENCE_SECONDS)
        )

    def _has_grown(self) -> bool:
        """Tell whether what is counted may be much more than what is there."""
        return self._counted.items > self._measured + self._measured // _SLACK + _FEW

    def _measure(self, census: Census) -> None:
        """Count what the document holds now, and what is on its way to it."""
        held = census.held()
        coming = [piece for piece in self._since if not held.has(piece.own)]
        self._counted, self._since = PieceCounts(held.counts), []
        self._counted.add_pieces(coming)
        self._counted.items += sum(each.items for each in held.since) or len(coming)
        self._counted.foreign += sum(each.foreign for each in held.since)
        self._measured = self._counted.items

    def _with(self, update: UpdateSummary) -> PieceCounts:
        after = PieceCounts(self._counted)
        after.add(update)
        return after
