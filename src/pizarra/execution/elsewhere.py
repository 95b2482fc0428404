"""Runs that other processes follow: what is asked of one here is passed on to whoever follows it.

It goes over the bus, so it may be lost, as a key that is typed while a connection breaks. Whoever follows the run holds
it to the same limits, and to the session that it was asked for in. What is typed is held to them here too, and goes
nowhere before the database knows the run: who makes up numbers would have all processes listen to that.
"""

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from pizarra.answers.codes import Code
from pizarra.cluster.bus import ClusterBus
from pizarra.config import Settings
from pizarra.database import Database
from pizarra.errors import Conflict, NotFound
from pizarra.models import Run, RunStatus
from pizarra.sandbox.outcome import TerminalSize

STOP, STOP_ALL, INPUT, RESIZE = "run.stop", "run.stop_all", "run.input", "run.resize"
_PIECE = 1000  # characters of input in one message
_KNOWN = 1000  # runs
_RUN = Run.__table__.c
_FOLLOWED = select(_RUN.node, _RUN.status).where(
    _RUN.public_id == bindparam("run"), _RUN.session_id == bindparam("session")
)


@dataclass(slots=True)
class _Far:
    """A run of another process; `turn` is whose keys come first while it is looked up."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_known: bool = False
    node: str | None = None  # that follows it; None: nobody knows
    typed_bytes: int = 0  # by way of this process


class RunsElsewhere:
    """The way to the runs of other processes."""

    def __init__(self, bus: ClusterBus, database: Database, settings: Settings) -> None:
        self._bus = bus
        self._database = database
        self._input_bytes = settings.run_input_bytes
        # by session and number: those that there are, and those that are looked up
        self._known: OrderedDict[tuple[int, str], _Far] = OrderedDict()
        self._asked: dict[tuple[int, str], _Far] = {}

    def reaches(self, node: str | None) -> bool:
        """Tell whether a process that follows a run lives and can be told something."""
        return node is not None and self._bus.reaches(node)

    def stop(self, run_id: str, node: str | None) -> None:
        """Have a run stopped by the process that follows it."""
        self._bus.publish(STOP, run_id, nodes=[node] if node is not None else None)

    def stop_all(self, session_key: int) -> None:
        """Have all runs of a session stopped."""
        self._bus.publish(STOP_ALL, str(session_key))

    async def write(
        self, run_id: str, session_key: int, text: str, participant: int | None, *, eof: bool
    ) -> None:
        """Give a program what somebody typed, in order; one that has ended is given nothing.

        Raises:
            NotFound: the session has no such run. Conflict: it was given as much as it may.
            DATABASE_ERRORS: nobody can tell.
        """
        far = await self._find(run_id, session_key)
        if far is None:
            return
        far.typed_bytes += len(text.encode())
        if far.typed_bytes > self._input_bytes:
            raise used_up(self._input_bytes)
        pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]
        for number, piece in enumerate(pieces, 1):
            about = {"text": piece, "by": participant, "eof": eof and number == len(pieces)}
            self._publish(INPUT, run_id, far, session=session_key, **about)

    async def resize(
        self, run_id: str, session_key: int, size: TerminalSize, participant: int | None
    ) -> None:
        """Change the size of a run's terminal.

        Raises:
            NotFound: the session has no such run. DATABASE_ERRORS: nobody can tell.
        """
        far = await self._find(run_id, session_key)
        if far is not None:
            about = {"session": session_key, "size": size.model_dump(), "by": participant}
            self._publish(RESIZE, run_id, far, **about)

    async def _find(self, run_id: str, session_key: int) -> _Far | None:
        """Return a run that another process may follow; None when it had ended, or there is no other process.

        The database is asked once: what is known goes on to be, and whoever follows the run knows when it ends.

        Raises:
            NotFound: the session has no such run. DATABASE_ERRORS: nobody can tell.
        """
        if not self._bus.is_heard:
            return None
        place = (session_key, run_id)
        far = self._known.get(place) or self._asked.setdefault(place, _Far())
        async with far.turn:  # known too: of what was typed before some may wait still
            if far.is_known:
                return far
            try:
                asked = {"session": session_key, "run": run_id}
                rows = await self._database.fetch(_FOLLOWED, asked)
            finally:
                self._asked.pop(place, None)
            if not rows:
                raise NotFound(f"Run {run_id} not found", code=Code.RUN_NOT_FOUND)
            if RunStatus(rows[0].status).is_final:
                return None
            far.is_known, far.node = True, rows[0].node
            self._known[place] = far
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)
            return far

    def _publish(self, kind: str, run_id: str, far: _Far, **about: Any) -> None:
        payload = json.dumps(about, ensure_ascii=False).encode()
        self._bus.publish(kind, run_id, payload, [far.node] if far.node is not None else None)


def used_up(limit: int) -> Conflict:
    """Return what somebody is told who types more into a run than it takes."""
    return Conflict(
        f"A run takes {limit:,} bytes of input, and no more.",
        bound="run_input_bytes",
        code=Code.INPUT_USED_UP,
    )
