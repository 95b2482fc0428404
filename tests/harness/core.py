"""What the realtime core stands between, without a network and without a disk: a socket's far end, and a log."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from pycrdt import Doc, Text

from pizarra.collab.connection import Connection, Person
from pizarra.collab.journal import (
    Entry,
    Journal,
    JournalError,
    JournalUnavailable,
    Source,
    StoredDocument,
)
from pizarra.collab.limits import RoomLimits
from pizarra.collab.wire.codec import Message, MessageType, decode_frame
from pizarra.composition import room_limits
from pizarra.config import Settings

ANA = Person(1, "a" * 32, "Ana", "host", may_edit=True)
ZOE = Person(2, "b" * 32, "Zoë", "candidate", may_edit=True)
OTTO = Person(3, "c" * 32, "Otto", "observer", may_edit=False)


@cache
def limits(**changes: Any) -> RoomLimits:
    """Return a room's limits, as `Settings` has them but for `changes`, by their names there."""
    return room_limits(Settings(**changes))


class FarEnd:
    """A browser's end of a socket: what it got, and whether it takes more."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.unread = 0
        self.pings = 0
        self._is_read = True
        self.closed: tuple[int, str] | None = None
        self.aborted = False

    def write(self, frames: bytes) -> None:
        """Take what the server sends."""
        self.got.append(frames)

    def buffered(self) -> int:
        """Return what waits unread."""
        return self.unread

    def reads(self) -> bool:
        """Tell whether the server reads what comes from here."""
        return self._is_read

    def pause_reading(self) -> None:
        """The server reads no more from here."""
        self._is_read = False

    def resume_reading(self) -> None:
        """It reads on."""
        self._is_read = True

    def ping(self) -> None:
        """It asks for a sign of life."""
        self.pings += 1

    def close(self, code: int, reason: str) -> None:
        """It says goodbye."""
        self.closed = code, reason

    def abort(self) -> None:
        """It hangs up."""
        self.aborted = True

    def messages(self, kind: MessageType | None = None) -> list[Message]:
        """Return what was sent since the last call, those of one kind alone if one is given."""
        frames, self.got = b"".join(self.got), []
        found: list[Message] = []
        while frames:
            # a server's frame: two bytes, then the length in two or eight more where it is long
            size, start = frames[1], 2
            if size >= 126:
                start = 4 if size == 126 else 10
                size = int.from_bytes(frames[2:start], "big")
            found += decode_frame(frames[start : start + size])
            frames = frames[start + size :]
        return [each for each in found if kind is None or each.type is kind]


def connect(person: Person, **changes: Any) -> tuple[Connection, FarEnd]:
    """Return somebody's connection, and its far end."""
    end = FarEnd()
    return Connection(person, end, limits(**changes).connection, wants_control=True), end


class HeldLog:
    """A log that commits when it is told to."""

    is_shared = False

    def __init__(self) -> None:
        self.rows: list[Entry] = []
        self._sources: list[Source] = []
        self._unsafe: list[Source] = []

    def request(self, source: Source) -> None:
        """Note that `source` has something."""
        self._sources.append(source)

    @property
    def is_asked(self) -> bool:
        """Whether somebody has something to commit."""
        return bool(self._sources)

    def commit(self, *, to_disk: bool = True) -> Sequence[Entry]:
        """Commit what the first who asked has now; return it. Without `to_disk` it may still be lost."""
        source = self._sources.pop(0)
        entries = list(source.next_entries())
        if entries:
            first = len(self.rows) + 1
            self.rows += entries
            source.committed(first)
            self._unsafe.append(source)
        if to_disk:
            self.sync()
        return entries

    def sync(self) -> None:
        """Bring what is committed to the disk."""
        unsafe, self._unsafe = self._unsafe, []
        for source in unsafe:
            source.durable()

    def lose(self) -> None:
        """The disk refuses what is committed."""
        unsafe, self._unsafe = self._unsafe, []
        for source in unsafe:
            source.unsafe()

    def refuse(self, error: JournalError | JournalUnavailable) -> None:
        """Do not commit what the first who asked has."""
        source = self._sources.pop(0)
        source.next_entries()
        source.refused(error)

    @property
    def journal(self) -> Journal:
        """It, as what the core asks for; the core's parts use no more of it than there is."""
        return cast("Journal", self)


def stored(**changes: Any) -> StoredDocument:
    """Return an empty document as storage has it."""
    known: dict[str, Any] = {
        "key": 7,
        "share": 7,
        "session_id": "5" * 32,
        "epoch": "first",
        "is_open": True,
        "head": 0,
        "log_bytes": 0,
        "snapshot": None,
        "owners": {},
        "updates": (),
    }
    return StoredDocument(**{**known, **changes})


class Typist:
    """Somebody's document: gives an update for each thing typed."""

    def __init__(self, client: int) -> None:
        self.doc: Doc[Any] = Doc(client_id=client)
        self.text = self.doc.get("file:main.py", type=Text)

    def type(self, text: str) -> bytes:
        """Type at the end; return the update."""
        before = self.doc.get_state()
        self.text += text
        return self.doc.get_update(before)

    def delete(self, start: int, end: int) -> bytes:
        """Delete; return the update."""
        before = self.doc.get_state()
        del self.text[start:end]
        return self.doc.get_update(before)


async def turns(count: int = 3) -> None:
    """Let everybody else have a few turns of the event loop."""
    for _ in range(count):
        await asyncio.sleep(0)
