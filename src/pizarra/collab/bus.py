"""What processes tell each other about rooms: a hint that may be lost, doubled or late, and nothing rests on it."""

from collections.abc import Collection
from typing import Protocol


class Bus(Protocol):
    """The way to the other processes. What arrives from there `composition.py` gives to `Hub.hear`."""

    @property
    def is_heard(self) -> bool:
        """Whether another process may listen."""
        ...

    @property
    def max_payload_bytes(self) -> int:
        """What one message may carry; a larger one does not go."""
        ...

    def publish(
        self, kind: str, subject: str, payload: bytes = b"", nodes: Collection[str] | None = None
    ) -> None:
        """Tell the others, soon: `kind` says what it is, `subject` which session or room it is about.

        It is for these `nodes`; None: for all that follow the subject.
        """
        ...

    def follow(self, *subjects: str) -> None:
        """Let what is published about these come here."""
        ...

    def unfollow(self, *subjects: str) -> None:
        """It need not come any more."""
        ...


class NoBus:
    """Nobody else serves."""

    is_heard = False
    max_payload_bytes = 0

    def publish(
        self, kind: str, subject: str, payload: bytes = b"", nodes: Collection[str] | None = None
    ) -> None:
        """Tell nobody."""

    def follow(self, *subjects: str) -> None:
        """Nothing comes."""

    def unfollow(self, *subjects: str) -> None:
        """Nothing came."""
