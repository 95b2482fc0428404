"""What a room tells the program around it."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pizarra.collab.room import Room


class RoomObserver(Protocol):
    """Called by rooms, synchronously; must not raise."""

    def committed(self, room: "Room", entries: int, seconds: float) -> None:
        """`entries` were committed in `seconds`."""
        ...

    def commit_failed(self, room: "Room") -> None:
        """One attempt to commit failed."""
        ...

    def document_changed(self, room: "Room") -> None:
        """Updates were applied."""
        ...

    def update_refused(self, room: "Room") -> None:
        """An update exceeded a limit."""
        ...

    def room_failed(self, room: "Room") -> None:
        """The room gave up and must be forgotten."""
        ...
