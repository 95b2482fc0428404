"""What a whole document holds. To read it takes as long as to load it, so a large one is read in turns with others.

A reading serves for a moment, and what was let in since is kept beside it: together they are never less than what is
there. Whoever needs one that is not there is told to wait for it (`MustBeRead`).
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from pizarra.collab.wire.summary import Other, Piece, Place, UpdateSummary
from pizarra.collab.wire.updates import summarize_in_steps, summarize_update
from pizarra.kit.pauses import Pauses

AT_ONCE_BYTES = 32 * 1024  # encoded: some milliseconds
_SERVES_SECONDS = 0.5
_SHARE = 10  # of so many seconds of a document's life one is spent on reading it
_STEP = 500  # pieces between two pauses


class MustBeRead(Exception):
    """The document is too large to be read in one step: `await Census.read()`, and ask again."""


class PieceCounts:
    """What is counted of a document's pieces, or, on top of another, of those of an update to it."""

    __slots__ = ("_below", "all", "apart", "first", "foreign", "items", "total", "unsure")

    def __init__(self, below: "PieceCounts | None" = None) -> None:
        self.all: int = 0 if below is None else below.all
        self.items: int = 0 if below is None else below.items  # with what goes on: at most so many
        self.foreign: int = 0 if below is None else below.foreign  # of these, what is no text
        self.unsure = 0  # pieces that may be compared with all others
        self.total: dict[Place, int] = {}
        self.apart: dict[Place, int] = {}  # of these, who are compared with those that are there
        self.first: dict[Place, Place] = {}  # the piece that surely stands first there
        self._below = below

    @property
    def places(self) -> int:
        """How many places are told apart, at most."""
        return len(self.total) + (0 if self._below is None else self._below.places)

    def at(self, left: Place) -> tuple[int, int, Place]:
        """Return how many pieces are at a place, how many of them apart, and the first."""
        if left in self.total:
            return self.total[left], self.apart[left], self.first.get(left)
        return (0, 0, None) if self._below is None else self._below.at(left)

    def add(self, update: UpdateSummary) -> None:
        """Count what an update puts anywhere."""
        self.items += update.items
        self.foreign += update.foreign
        self.add_pieces(update.pieces)

    def add_pieces(self, pieces: Iterable[Piece]) -> None:
        """Count pieces in the order in which they come."""
        for left, own, right in pieces:
            total, apart, first = self.at(left)
            # It is looked for among those of the same key, and nowhere else
            key = isinstance(left, int)
            if total:
                next_to_it = right is not None and right == first
            elif isinstance(left, tuple):
                next_to_it = right == (left[0], left[1] + 1)
            else:
                next_to_it = key or self.all == 0
            self.total[left], self.apart[left] = total + 1, apart + (total > 0 and not next_to_it)
            self.first[left] = own if next_to_it else first
            self.unsure += not next_to_it and not key
            self.all += 1


class Held:
    """One reading of a document, and what was let in since.

    `counts` and `others` (by client) are those of the reading alone; `long` are the (client, clock) in the middle of
    characters that take two.
    """

    __slots__ = (
        "_by_client",
        "_long",
        "_longest",
        "_nested",
        "_others",
        "_structs",
        "counts",
        "since",
    )

    def __init__(
        self, whole: UpdateSummary, counts: PieceCounts, since: list[UpdateSummary]
    ) -> None:
        self.counts = counts
        self.since = since
        self._structs: dict[int, list[tuple[int, int]]] = {}
        for client, start, end in whole.structs:
            self._structs.setdefault(client, []).append((start, end))
        self._others = whole.others
        self._by_client: dict[int, list[Other]] | None = None
        self._nested, self._longest, self._long = whole.nested, whole.longest, whole.inner

    @property
    def nested(self) -> int:
        """How many shared types may lie inside others."""
        return self._nested + sum(each.nested for each in self.since)

    @property
    def clocks(self) -> dict[int, int]:
        """How far it goes: client → clock."""
        return {client: structs[-1][1] for client, structs in self._structs.items()}

    @property
    def others(self) -> dict[int, list[Other]]:
        """What it holds that is no text, by client, in order."""
        if self._by_client is None:
            self._by_client = {}
            for each in self._others:
                self._by_client.setdefault(each.client, []).append(each)
        return self._by_client

    @property
    def longest(self) -> int:
        """The longest of what it holds, in clocks."""
        return max(self._longest, *(each.longest for each in self.since), 0)

    @property
    def long(self) -> Iterator[tuple[int, int]]:
        """Where a character takes two clocks."""
        yield from self._long
        for each in self.since:
            yield from each.inner

    def has(self, place: tuple[int, int]) -> bool:
        """Tell whether (client, clock) was there when it was read."""
        client, clock = place
        return any(start <= clock < end for start, end in self._structs.get(client, ()))


class Census:
    """Reads one document when somebody asks; no more than a tenth of the time goes into it."""

    def __init__(self, encode: Callable[[], bytes], at_once: int | None = None) -> None:
        self._encode = encode
        self._at_once = at_once  # bytes; None: there is nobody whose turn it could be
        self._held: Held | None = None
        self._since: list[UpdateSummary] | None = None  # what the last reading does not hold
        self._reading: asyncio.Task[None] | None = None
        self._next = 0.0  # when it may be read again

    def note(self, update: UpdateSummary) -> None:
        """Take note of what is let in."""
        if self._since is not None:
            self._since.append(update)

    def held(self) -> Held:
        """Return what the document holds.

        Raises:
            MustBeRead: it is large, and was not read a moment ago.
        """
        if self._held is not None:
            return self._held
        encoded = self._encode()
        if self._at_once is not None and len(encoded) > self._at_once:
            raise MustBeRead
        whole = summarize_update(encoded)
        counts, since = PieceCounts(), list[UpdateSummary]()
        for _ in _count_in_steps(whole, counts):
            pass
        held = Held(whole, counts, since)
        if self._at_once is not None and self._reading is None:  # not for each edit anew
            self._held, self._since = held, since
            asyncio.get_running_loop().call_later(_SERVES_SECONDS, self._forget, held)
        return held

    async def read(self) -> None:
        """Read the document in turns with others; who asks meanwhile waits for the same reading."""
        if self._held is not None:
            return
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read())
        await asyncio.shield(self._reading)

    async def _read(self) -> None:
        loop, pauses = asyncio.get_running_loop(), Pauses()
        try:
            await asyncio.sleep(self._next - loop.time())
            self._since = since = list[UpdateSummary]()
            whole, counts = UpdateSummary(), PieceCounts()
            for summary in summarize_in_steps(self._encode()):
                await pauses.if_due()
                whole = summary or whole
            for _ in _count_in_steps(whole, counts):
                await pauses.if_due()
            self._held = Held(whole, counts, since)
        finally:
            self._reading = None
            self._next = loop.time() + pauses.seconds() * _SHARE
            loop.call_later(_SERVES_SECONDS, self._forget, self._held)

    def _forget(self, held: Held | None) -> None:
        if self._held is held and self._reading is None:
            self._held = self._since = None


def _count_in_steps(whole: UpdateSummary, counts: PieceCounts) -> Iterator[None]:
    """Count the pieces of a whole document, which tells them by author and not in the order they came."""
    pieces = whole.pieces
    counts.all, counts.items, counts.foreign = len(pieces), whole.items, whole.foreign
    followed: set[tuple[Place, Place]] = set()
    for some in _in_steps(pieces):
        followed.update((piece.left, piece.right) for piece in some if piece.right is not None)
        yield
    heads: dict[Place, int] = {}
    for some in _in_steps(pieces):
        for left, own, _ in some:
            counts.total[left] = counts.total.get(left, 0) + 1
            if (left, own) not in followed:  # nobody put anything right before it
                heads[left] = heads.get(left, 0) + 1
                counts.first[left] = own if heads[left] == 1 else None
            counts.apart[left] = max(0, heads.get(left, 0) - 1)
        yield


def _in_steps(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    each = iter(pieces)
    while some := list(islice(each, _STEP)):
        yield some
