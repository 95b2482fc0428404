"""What a room tells the program around it."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pizarra.collab.room import Room


class RoomObserver(Protocol):
    """Called by rooms, synchronously; must not raise."""

    def room_loaded(self, room: "Room") -> None:
        """A room was loaded from storage."""
        ...

    def commit_failed(self, room: "Room") -> None:
        """One attempt to commit failed."""
        ...

    def text_changed(self, room: "Room") -> None:
        """Updates were applied."""
        ...

    def structure_changed(self, room: "Room") -> None:
        """Updates were applied that did more than insert and delete text."""
        ...

    def update_refused(self, room: "Room") -> None:
        """An update exceeded a limit."""
        ...

    def presence_dropped(self, room: "Room") -> None:
        """A connection was too slow for a presence message; it gets the newest state once it has caught up."""
        ...

    def room_failed(self, room: "Room") -> None:
        """The room gave up and must be forgotten."""
        ...
