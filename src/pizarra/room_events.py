"""Passes what rooms tell on to those who listen: the metrics and the language watcher."""

from pizarra.collab.room import Room
from pizarra.metrics import Metrics
from pizarra.sessions.language import LanguageWatcher


class RoomEvents:
    """Implements the core's `RoomObserver`."""

    def __init__(self, metrics: Metrics, languages: LanguageWatcher) -> None:
        self._metrics = metrics
        self._languages = languages

    def committed(self, room: Room, entries: int, seconds: float) -> None:
        """`entries` were committed in `seconds`."""
        self._metrics.updates.inc(entries)
        self._metrics.commit_seconds.observe(seconds)

    def commit_failed(self, room: Room) -> None:
        """One attempt to commit failed."""
        self._metrics.commit_failures.inc()

    def document_changed(self, room: Room) -> None:
        """Updates were applied."""
        self._languages.document_changed(room)

    def update_refused(self, room: Room) -> None:
        """An update exceeded a limit."""
        self._metrics.updates_refused.inc()

    def room_failed(self, room: Room) -> None:
        """The room gave up."""
        self._metrics.rooms_failed.inc()
