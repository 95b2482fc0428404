"""Entries that one process committed, as it tells them to another, so that they need not be read from the log.

They are JSON, which is quick to make and to read for what a room commits at once: a few entries of a hundred bytes.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Row(Protocol):
    """An entry as it was committed: `data` as JSON, `participant` the storage id of who did it."""

    @property
    def kind(self) -> str:
        """What it is."""
        ...

    @property
    def participant(self) -> int | None:
        """Who did it."""
        ...

    @property
    def update(self) -> bytes | None:
        """Of an edit."""
        ...

    @property
    def data(self) -> str | None:
        """Of any other."""
        ...

    @property
    def gap(self) -> bool:
        """Whether something it builds on is missing."""
        ...


class ToldRow(NamedTuple):
    """The same, as it was told."""

    kind: str
    participant: int | None
    update: bytes | None
    data: str | None
    gap: bool


class ToldEntries(NamedTuple):
    """What a session's log got in one commit: from seq `first` on, at `at` µs since 1970, in the document's `epoch`."""

    epoch: str
    first: int
    at: int
    rows: Sequence[Row]

    @property
    def last(self) -> int:
        """The seq of the newest."""
        return self.first + len(self.rows) - 1

    @property
    def size(self) -> int:
        """The bytes that it takes, at least."""
        return sum(len(row.update or row.data or "") for row in self.rows)


def encode(told: ToldEntries) -> bytes:
    """Return them as one message."""
    rows = [
        (
            row.kind,
            row.participant,
            None if row.update is None else b64encode(row.update).decode(),
            row.data,
            int(row.gap),
        )
        for row in told.rows
    ]
    return json.dumps((told.epoch, told.first, told.at, rows), separators=(",", ":")).encode()


def decode(message: bytes) -> ToldEntries:
    """Read them.

    Raises:
        ValueError, TypeError: it is no such message; another version may write others.
    """
    epoch, first, at, rows = json.loads(message)
    told = [
        ToldRow(str(kind), who, None if update is None else b64decode(update), data, bool(gap))
        for kind, who, update, data, gap in rows
    ]
    return ToldEntries(str(epoch), int(first), int(at), told)
