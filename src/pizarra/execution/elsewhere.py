"""Runs that other processes follow: what is asked of one here is passed on to whoever follows it.

It goes over the bus, so it may be lost, as a key that is typed while a connection breaks. Whoever follows the run holds
it to the same limits, and to the session that it was asked for in.
"""

import json
from typing import Any

from pizarra.cluster.bus import ClusterBus
from pizarra.sandbox.outcome import TerminalSize

STOP, STOP_ALL, INPUT, RESIZE = "run.stop", "run.stop_all", "run.input", "run.resize"
_PIECE = 1000  # characters of input in one message


class RunsElsewhere:
    """The way to the runs of other processes."""

    def __init__(self, bus: ClusterBus) -> None:
        self._bus = bus

    def reaches(self, node: str | None) -> bool:
        """Tell whether a process that follows a run lives and can be told something."""
        return node is not None and self._bus.reaches(node)

    def stop(self, run_id: str) -> None:
        """Have a run stopped."""
        self._bus.publish(STOP, run_id)

    def stop_all(self, session_key: int) -> None:
        """Have all runs of a session stopped."""
        self._bus.publish(STOP_ALL, str(session_key))

    def write(
        self, run_id: str, session_key: int, text: str, participant: int | None, *, eof: bool
    ) -> None:
        """Give a program what somebody typed, in order."""
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]
        for number, piece in enumerate(pieces, 1):
            self._publish(
                INPUT,
                run_id,
                session=session_key,
                text=piece,
                by=participant,
                eof=eof and number == len(pieces),
            )

    def resize(
        self, run_id: str, session_key: int, size: TerminalSize, participant: int | None
    ) -> None:
        """Change the size of a run's terminal."""
        self._publish(RESIZE, run_id, session=session_key, size=size.model_dump(), by=participant)

    def _publish(self, kind: str, run_id: str, **about: Any) -> None:
        self._bus.publish(kind, run_id, json.dumps(about, ensure_ascii=False).encode())
