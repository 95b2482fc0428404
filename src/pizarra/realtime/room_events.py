"""Passes what rooms tell on to those who listen: the metrics, the language watcher, the preparer."""

from collections.abc import Sequence

from pizarra.collab.journal import StoredEvent
from pizarra.collab.room import Room
from pizarra.http.metrics import Metrics
from pizarra.realtime.from_elsewhere import Teller
from pizarra.runs.preparing import Preparer
from pizarra.sessions.language import LanguageWatcher


class RoomEvents:
    """Implements the core's `RoomObserver`."""

    def __init__(
        self, metrics: Metrics, languages: LanguageWatcher, preparer: Preparer, teller: Teller
    ) -> None:
        self._teller = teller
        self._metrics = metrics
        self._languages = languages
        self._preparer = preparer

    def room_loaded(self, room: Room) -> None:
        """A room was loaded from storage."""
        self._metrics.room_loads.inc()

    def commit_failed(self, room: Room) -> None:
        """One attempt to commit failed."""
        self._metrics.commit_failures.inc()

    def text_changed(self, room: Room) -> None:
        """Updates were applied."""
        self._preparer.edited(room)

    def structure_changed(self, room: Room) -> None:
        """Updates were applied that did more than insert and delete text."""
        self._languages.document_changed(room)

    def told_elsewhere(self, room: Room, events: Sequence[StoredEvent]) -> None:
        """Entries that are no edits came from the log."""
        self._teller.tell(room, events)

    def hole_filled(self, room: Room) -> None:
        """The bus had not brought what another process recorded."""
        self._metrics.bus_holes.inc()

    def private_recorded(self, room: Room) -> None:
        """The private log goes on."""
        self._teller.tell_private(room)

    def people_changed(self, room: Room) -> None:
        """Other people are connected to other processes."""
        self._teller.tell_people(room)

    def update_refused(self, room: Room) -> None:
        """An update exceeded a limit."""
        self._metrics.updates_refused.inc()

    def presence_dropped(self, room: Room) -> None:
        """A connection was too slow for presence."""
        self._metrics.presence_dropped.inc()

    def room_failed(self, room: Room) -> None:
        """The room gave up."""
        self._metrics.rooms_failed.inc()
