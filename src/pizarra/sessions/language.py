"""Keeps the document, the session's row and the files in agreement about the language.

Whoever chooses a language, by the API or in the document, finds its file there: the server seeds each language's file
once, and switching never touches another file.
"""

import asyncio
import logging

from pizarra.collab.hub import Hub, UnknownRoom
from pizarra.collab.journal import JournalError, JournalUnavailable
from pizarra.collab.room import Room, RoomGone
from pizarra.collab.state.document import Document
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.models import Language
from pizarra.problems.posing import Start, start_in
from pizarra.sandbox.languages import languages
from pizarra.sessions.service import set_language
from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0  # from one change of a room's language that is recorded to the next


def choose_language(language: Language, start: Start | None, document: Document) -> None:
    """Set the language of a document and seed its file if there is none, and that of the session's question."""
    spec = languages()[language.value]
    if document.language() != language.value:
        document.set_language(language.value)
    if start is not None and not document.has_file(start.path):
        document.put_file(start.path, spec.id, start.text)
        start.put_beside(document)
    if not document.has_file(spec.main):
        document.put_file(spec.main, spec.id, spec.starter)


def _is_seeded(language: Language, start: Start | None, document: Document) -> bool:
    paths = [languages()[language.value].main, *([start.path] if start is not None else [])]
    return all(document.has_file(path) for path in paths)


class LanguageWatcher:
    """Notices when somebody chose a language in the document, and follows."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, str | None] = {}
        # one a room: who changes it all the time is followed slowly
        self._following: dict[str, asyncio.Task[None]] = {}
        self.hub: Hub | None = None

    def document_changed(self, room: Room) -> None:
        """Look whether the language changed."""
        language = room.document.language()
        if self._known.get(room.room_id) == language:
            return
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[room.room_id] = language
        if language in languages() and room.room_id not in self._following:
            task = asyncio.get_running_loop().create_task(self._keep_up(room))
            self._following[room.room_id] = task
            task.add_done_callback(lambda _: self._following.pop(room.room_id))

    async def _keep_up(self, room: Room) -> None:
        """Follow the language until it stays what it is for a moment."""
        followed = None
        while (language := room.document.language()) != followed and language in languages():
            await self._follow(room, Language(language))
            followed = language
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _follow(self, room: Room, language: Language) -> None:
        try:
            async with self._database.read() as db:
                start = await start_in(db, room.key, language.value)
            if self.hub is not None and not _is_seeded(language, start, room.document):
                await self.hub.change(
                    room.room_id, lambda document: choose_language(language, start, document)
                )
            async with self._database.write() as db:
                changed = await set_language(db, room.key, language, self._clock(), None)
            if changed and self.hub is not None:
                await self.hub.recorded(room.key)
        except (
            RoomGone,
            UnknownRoom,
            JournalError,
            JournalUnavailable,
            *DATABASE_ERRORS,
        ) as error:
            log.info("language of %s not followed: %s", room.session_id, type(error).__name__)
        except Exception:
            log.exception("language of %s not followed", room.session_id)
