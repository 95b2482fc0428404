"""Private thinking time, as the timeline has it."""

from datetime import datetime

from pizarra.collab.journal import EventEntry
from pizarra.timeline.entries.shared import Thinking


def thinking_left(until: datetime | None, now: datetime) -> float | None:
    """Return how many seconds are left: people's computers show other times than ours."""
    return None if until is None else max(0.0, (until - now).total_seconds())


def thinking_entry(by: int | None, until: datetime | None) -> EventEntry:
    """Return the timeline's word for private thinking time that begins or ends."""
    return EventEntry(by, Thinking(until=until.isoformat() if until is not None else None))
