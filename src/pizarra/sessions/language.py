"""Keeps the document, the session's row and the files in agreement about the language.

Whoever chooses a language, by the API or in the document, finds its file there: the server seeds each language's file
once, and switching never touches another file.
"""

import asyncio
import logging

from pizarra.collab.document import Document
from pizarra.collab.hub import Hub, UnknownRoom
from pizarra.collab.journal import JournalError, JournalUnavailable
from pizarra.collab.room import Room, RoomGone
from pizarra.control import SessionChanged
from pizarra.database import Database
from pizarra.kit.clock import Clock
from pizarra.models import Language
from pizarra.sandbox.languages import languages
from pizarra.sessions.service import set_language

log = logging.getLogger(__name__)


def choose_language(language: Language, document: Document) -> None:
    """Set the language of a document and seed its file if there is none."""
    spec = languages()[language.value]
    if document.language() != language.value:
        document.set_language(language.value)
    if not document.has_file(spec.main):
        document.put_file(spec.main, spec.id, spec.starter)


class LanguageWatcher:
    """Notices when somebody chose a language in the document, and follows."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, str | None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.hub: Hub | None = None

    def document_changed(self, room: Room) -> None:
        """Look whether the language changed."""
        language = room.document.language()
        if self._known.get(room.room_id) == language:
            return
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[room.room_id] = language
        if language in languages():
            task = asyncio.get_running_loop().create_task(self._follow(room, Language(language)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _follow(self, room: Room, language: Language) -> None:
        try:
            if self.hub is not None and not room.document.has_file(languages()[language.value].main):
                await self.hub.change(room.room_id, lambda document: choose_language(language, document))
            async with self._database.write() as db:
                changed = await set_language(db, room.key, language, self._clock(), None)
            if changed:
                room.audience.tell(SessionChanged(language=language).encode())
        except (RoomGone, UnknownRoom, JournalError, JournalUnavailable) as error:
            log.info("language of %s not followed: %s", room.session_id, type(error).__name__)
        except Exception:
            log.exception("language of %s not followed", room.session_id)
