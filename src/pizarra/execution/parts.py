"""What it takes to send everybody away and stop what runs."""

from typing import Protocol

from pizarra.access.parts import RoomParts
from pizarra.execution.supervisor import RunSupervisor


class TriesTests(Protocol):
    """Whoever tries a session's tests."""

    def ask(self, session_key: int) -> None:
        """Look again whether there is something to try."""
        ...


class ExecutionParts(RoomParts, Protocol):
    """Those of whoever tells a room something, and:"""

    runs: RunSupervisor

    @property
    def evaluator(self) -> TriesTests:
        """Whoever tries the tests of a session that has ended."""
        ...
