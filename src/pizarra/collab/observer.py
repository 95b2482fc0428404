"""What a room tells the program around it."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from pizarra.collab.journal import StoredEvent

Room = TypeVar("Room", contravariant=True)  # which imports this


class RoomObserver(Protocol[Room]):
    """Called by rooms, synchronously; must not raise."""

    def room_loaded(self, room: Room) -> None:
        """A room was loaded from storage."""
        ...

    def commit_failed(self, room: Room) -> None:
        """One attempt to commit failed."""
        ...

    def text_changed(self, room: Room) -> None:
        """Updates were applied."""
        ...

    def structure_changed(self, room: Room) -> None:
        """Updates were applied that did more than insert and delete text."""
        ...

    def told_elsewhere(self, room: Room, events: Sequence[StoredEvent]) -> None:
        """Entries that are no edits came from the log: another process wrote them, or this one in a transaction."""
        ...

    def hole_filled(self, room: Room) -> None:
        """What another process recorded was read from storage: the bus had not brought it."""
        ...

    def private_recorded(self, room: Room) -> None:
        """The log that only those read who look after the session has entries beyond `room.private_head`."""
        ...

    def people_changed(self, room: Room) -> None:
        """Other people are connected to other processes."""
        ...

    def update_refused(self, room: Room) -> None:
        """An update exceeded a limit."""
        ...

    def presence_dropped(self, room: Room) -> None:
        """A connection was too slow for a presence message; it gets the newest state once it has caught up."""
        ...

    def room_failed(self, room: Room) -> None:
        """The room gave up and must be forgotten."""
        ...
