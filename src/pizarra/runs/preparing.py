"""Compiles programs ahead of time, whenever people stop typing for a moment.

The next run then finds its program built, and everybody sees in the editor what the compiler says.
"""

import asyncio
import logging

from pizarra import control
from pizarra.collab.hub import Hub
from pizarra.collab.room import Room
from pizarra.errors import Conflict
from pizarra.execution.program import program_files
from pizarra.models import Language
from pizarra.sandbox.languages import languages
from pizarra.sandbox.runner.client import RunnerClient
from pizarra.sandbox.runner.protocol import Prepare, Prepared

log = logging.getLogger(__name__)


class Preparer:
    """Watches all rooms of this process."""

    def __init__(self, quiet_seconds: float, most_files: int, command_seconds: float = 0.0) -> None:
        """Make one that compiles when nobody has typed for `quiet_seconds`.

        What needs a compiler of its own each time (C++: half a second of a core) is compiled in a room every
        `command_seconds` at most: people pause more often than they run.
        """
        self._quiet = quiet_seconds
        self._most_files = most_files
        self._command_seconds = command_seconds
        self._rests_until: dict[Room, float] = {}  # rooms that had theirs compiled a moment ago
        self._last_edit: dict[Room, float] = {}  # of rooms whose timer runs
        self._languages: dict[str, str] = {}  # what was sent to be compiled, by room
        self._hub: Hub | None = None
        self._runner: RunnerClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def attach(self, hub: Hub, runner: RunnerClient) -> None:
        """Learn where rooms are, and who compiles."""
        self._hub, self._runner = hub, runner
        runner.on_prepared = self._show

    def edited(self, room: Room) -> None:
        """Somebody typed. This is called with every commit: it only notes the time, and stops what is out of date."""
        loop = asyncio.get_running_loop()
        if room not in self._last_edit:
            loop.call_later(self._quiet, self._look, room)
        self._last_edit[room] = loop.time()
        if self._languages.pop(room.room_id, None) is not None and self._runner is not None:
            self._runner.cancel_prepare(room.room_id)

    def _look(self, room: Room) -> None:
        loop = asyncio.get_running_loop()
        until = max(self._last_edit[room] + self._quiet, self._rests_until.get(room, 0.0))
        if until > loop.time():
            loop.call_at(until, self._look, room)
            return
        del self._last_edit[room]
        request = self._request(room)
        if request is not None and self._runner is not None:
            self._languages[room.room_id] = request.language
            if _needs_a_compiler(request.language):
                self._rests_until[room] = loop.time() + self._command_seconds
                loop.call_later(self._command_seconds, self._rests_until.pop, room, None)
            task = loop.create_task(self._runner.prepare(request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _request(self, room: Room) -> Prepare | None:
        if room.closed or not room.broadcast.people():
            return None
        document = room.document
        language = document.language()
        spec = languages().get(language) if language is not None else None
        if spec is None or spec.compile is None or not document.has_file(spec.main):
            return None
        try:
            files = program_files(document, spec.main, self._most_files)
        except Conflict:
            return None  # whoever runs it is told
        return Prepare(
            prepare_id=room.room_id,
            language=spec.id,
            main=spec.main,
            files=files,
            share=str(room.share),
        )

    def _show(self, prepared: Prepared) -> None:
        language = self._languages.pop(prepared.prepare_id, None)
        room = self._hub.loaded(prepared.prepare_id) if self._hub is not None else None
        # Somebody typed on meanwhile: the places would be wrong, and newer ones come.
        if room is not None and language is not None and room not in self._last_edit:
            found = control.Diagnostics(
                language=Language(language), diagnostics=prepared.diagnostics
            )
            room.broadcast.tell(found.encode())


def _needs_a_compiler(language: str) -> bool:
    """Tell whether a compiler is started for each program, rather than asked that stays loaded."""
    how = languages()[language].compile
    return how is not None and how.by == "command"
