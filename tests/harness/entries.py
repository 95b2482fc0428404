"""Entries of any kind and shape, as an import may bring them."""

from dataclasses import dataclass, field
from typing import Any

from pizarra.collab.journal import EventEntry


@dataclass(frozen=True, slots=True)
class Anything:
    """What an entry tells, held to no shape."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """Return it as the log keeps it."""
        return self.data


def event(kind: str, participant: int | None, data: dict[str, Any] | None = None) -> EventEntry:
    """Return an entry to append."""
    return EventEntry(participant, Anything(kind, data or {}))
