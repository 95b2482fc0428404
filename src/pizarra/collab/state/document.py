"""The shared document: pycrdt behind a guard, and the shape every client relies on.

Root `Y.Map` `files` (path → `{language, text?}`), the text of each file in the root `Y.Text` that `listing.py` says,
root `Y.Map` `settings` (`language`).
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map, Text, TransactionEvent, merge_updates

from pizarra.collab.journal import StoredUpdate
from pizarra.collab.state.census import Census
from pizarra.collab.state.changes import changes
from pizarra.collab.state.integrated_state import IntegratedState, leaves_gap
from pizarra.collab.state.listing import fresh_text, named_text, text_names
from pizarra.collab.state.siblings import Patience, Siblings
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import read_state_vector, summarize_update
from pizarra.kit.pauses import Pauses

_MOMENT_SECONDS = 0.005
_TWO_CLOCKS = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")  # UTF-8 of what UTF-16 writes as two units


class UnusableUpdate(ValueError):
    """The CRDT refused an update."""


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file of the document; `size` is in UTF-8 bytes."""

    path: str
    language: str
    size: int


class Document:
    """One document in memory."""

    def __init__(self) -> None:
        self._doc: Doc[Any] = Doc()
        self._files: Map[Any] = self._doc.get("files", type=Map)
        self._settings: Map[Any] = self._doc.get("settings", type=Map)
        self.patience = Patience()  # spent by updates that took more than a moment
        self._waiting: list[tuple[UpdateSummary, bytes]] = []
        # path → the name of its text; None: to be found out
        self._listed: dict[str, str] | None = None

    @classmethod
    async def load(cls, snapshot: bytes | None, updates: Sequence[StoredUpdate]) -> "Document":
        """Build a document from storage. An update the CRDT refuses is skipped, as it was when it arrived.

        A long history is applied in turns with the rest of the event loop; a thread would not help, since pycrdt holds
        the interpreter's lock.
        """
        document, pauses = cls(), Pauses()
        if snapshot is not None:
            document.apply(snapshot)
        for _, update, gap in updates:
            await pauses.if_due()
            with contextlib.suppress(UnusableUpdate):
                document.integrate(update, gap=gap)
        await pauses.if_due()
        return document

    def integrate(self, update: bytes, *, gap: bool) -> None:
        """Integrate an update; one that leaves a gap waits until what it builds on is there.

        Else there would be text here that no browser shows: yrs integrates what lies behind a hole of its own author's,
        and Yjs lets it wait.

        Raises:
            UnusableUpdate: yrs refused it, or panicked.
        """
        if gap:
            self._waiting.append((summarize_update(update), update))
        else:
            self.apply(update)
        while self._waiting:
            clocks, before = self.clocks(), self._waiting
            self._waiting = [each for each in before if leaves_gap(each[0], clocks)]
            if len(self._waiting) == len(before):
                break
            for summary, healed in before:
                if not leaves_gap(summary, clocks):
                    with contextlib.suppress(UnusableUpdate):
                        self.apply(healed)

    def apply(self, update: bytes) -> None:
        """Integrate an update.

        Raises:
            UnusableUpdate: yrs refused it, or panicked.
        """
        self._listed = None
        started = time.thread_time()
        try:
            self._doc.apply_update(update)
        except (ValueError, TypeError, RuntimeError) as error:
            raise UnusableUpdate(str(error)) from error
        except BaseException as error:
            # A Rust panic surfaces as an exception that is not an Exception; the document stays usable after it.
            if type(error).__name__ != "PanicException":
                raise
            raise UnusableUpdate("the update made the CRDT panic") from error
        finally:
            if (seconds := time.thread_time() - started) > _MOMENT_SECONDS:
                self.patience.spend(seconds)

    def encode(self) -> bytes:
        """Return the whole document as one update."""
        return self._doc.get_update()

    def difference(self, state_vector: bytes) -> bytes:
        """Return what a peer with `state_vector` lacks, with the whole delete set.

        Raises:
            UnusableUpdate: the state vector is not one.
        """
        try:
            return self._doc.get_update(state_vector)
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise UnusableUpdate("a state vector the CRDT refuses") from error

    def state_vector(self) -> bytes:
        """Return the encoded state vector."""
        return self._doc.get_state()

    def clocks(self) -> dict[int, int]:
        """Return the state vector as client → clock."""
        return read_state_vector(self._doc.get_state())

    def integrated(self, at_once: int | None = None) -> IntegratedState:
        """Return what the document contains now.

        Beyond `at_once` bytes whoever must know all of it later is told to read it in turns (`Census`).
        """
        integrated = IntegratedState(Census(self.encode, at_once))
        integrated.clocks = self.clocks()
        self.patience = Patience()  # to load it is nobody's doing
        integrated.siblings = Siblings(integrated.census, self.patience.spent)
        # Against its own state vector a document encodes its delete set and nothing else.
        integrated.add(summarize_update(self._doc.get_update(self._doc.get_state())))
        whole = self.encode()
        if _TWO_CLOCKS.search(whole):
            integrated.note_characters(summarize_update(whole))
        return integrated

    def language(self) -> str | None:
        """Return the chosen language, as the document says."""
        value = self._settings.get("language")
        return value if isinstance(value, str) else None

    def files(self) -> list[DocumentFile]:
        """Return the files in order of their paths."""
        found = []
        with self._doc.transaction():
            for path in sorted(self.roots()):
                language = self._said(path, "language")
                size = len(self._text(path))
                found.append(
                    DocumentFile(path, language if isinstance(language, str) else "text", size)
                )
        return found

    def paths(self) -> list[str]:
        """Return the paths of the files, in no order."""
        return list(self._files.keys())

    def text(self, path: str) -> str | None:
        """Return the text of a file, or None for one the document does not list."""
        return str(self._text(path)) if self.has_file(path) else None

    def texts(self) -> dict[str, str]:
        """Return path → text of every file."""
        # one for all: else each of thousands of looks makes one of its own
        with self._doc.transaction():
            return {path: str(self._root(name)) for path, name in self.roots().items()}

    def text_bytes(self) -> int:
        """Return the UTF-8 bytes of all files together."""
        with self._doc.transaction():
            return sum(len(self._text(path)) for path in self.roots())

    def change(self, edit: Callable[["Document"], None]) -> bytes:
        """Apply `edit` to a copy, leaving this document alone; return the update, which is `00 00` for no change."""
        copy = Document()
        copy.apply(self.encode())
        return copy.edit(edit)

    def edit(self, edit: Callable[["Document"], None]) -> bytes:
        """Apply `edit` in one transaction and return the update it made."""
        updates: list[bytes] = []

        def collect(event: TransactionEvent) -> None:
            updates.append(event.update)

        subscription = self._doc.observe(collect)
        try:
            with self._doc.transaction():
                edit(self)
        finally:
            self._doc.unobserve(subscription)
        return updates[0] if updates else b"\0\0"

    def put_file(self, path: str, language: str, text: str) -> None:
        """Write a text at the end of a file, which is listed if need be. Call inside `edit` or `change`."""
        if not self.has_file(path):
            listed = self.roots()
            named = set(listed.values())  # a text that entries name is shown by one of them
            name = fresh_text(path, lambda name: name in named or len(self._root(name)) > 0)
            self._list(path, language, name)
            self._listed = {
                **listed,
                path: named_text(path, name),
            }  # or a thousand files would take a million looks
        content = self._text(path)
        content += text

    def has_file(self, path: str) -> bool:
        """Tell whether the document lists `path`."""
        return path in self.roots()

    def set_language(self, language: str) -> None:
        """Choose the language. Call inside `edit` or `change`."""
        self._settings["language"] = language

    def restore(self, wanted: "Document") -> None:
        """Become what another document shows: its files, texts and language. Call inside `edit` or `change`.

        What both have stays untouched, so that cursors there keep their place; the rest is an edit like any other.
        """
        files = {file.path: file for file in wanted.files()}
        for path in set(self._files.keys()) - set(files):
            del self._files[path]
        for path, file in files.items():
            if (
                named_text(path, self._said(path, "text")) != wanted.roots()[path]
                or path not in self._files
            ):
                self._list(path, file.language, wanted.roots()[path])
        self._listed = None
        for path in files:
            text, new = self._text(path), wanted.text(path) or ""
            for start, end, replacement in reversed(changes(str(text), new)):
                del text[start:end]
                text.insert(start, replacement)
        language = wanted.language()
        if language is not None and language != self.language():
            self.set_language(language)

    def roots(self) -> dict[str, str]:
        """Return path → the name of its root text, for every file that is listed."""
        if self._listed is None:
            self._listed = text_names(self._named())
        return self._listed

    def _named(self) -> dict[str, object]:
        """Return path → what its entry says of its text."""
        return {path: self._said(path, "text") for path in self._files.keys()}  # noqa: SIM118 - a Map, not a dict

    def _said(self, path: str, key: str) -> object:
        """Return what the entry of a file says; anybody may have written anything there."""
        entry = self._files.get(path)
        return entry.get(key) if isinstance(entry, dict | Map) else None

    def _list(self, path: str, language: str, name: str | None) -> None:
        named = {} if name in (None, named_text(path, None)) else {"text": name}
        self._files[path] = {"language": language, **named}
        self._listed = None

    def _text(self, path: str) -> Text:
        return self._root(self.roots()[path])

    def _root(self, name: str) -> Text:
        text: Text = self._doc.get(name, type=Text)
        return text


def merge(updates: Sequence[bytes]) -> bytes | None:
    """Return one update that does what `updates` do in order, or None when the CRDT cannot make one.

    The cost grows with the square of their number: keep to some dozens.
    """
    try:
        return merge_updates(*updates)
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return None


def starting_update(
    path: str, language: str, text: str, beside: Mapping[str, tuple[str, str]] | None = None
) -> bytes:
    """Return the first update of a new document: its language and one file; of others, language and text by path."""
    document = Document()

    def seed(it: Document) -> None:
        it.set_language(language)
        it.put_file(path, language, text)
        for other, (kind, content) in (beside or {}).items():
            it.put_file(other, kind, content)

    return document.edit(seed)


async def verified_snapshot(document: Document) -> bytes | None:
    """Return the document encoded as it is now if reloading it gives the same texts and clocks, else None."""
    state, clocks, texts = document.encode(), document.clocks(), document.texts()
    await asyncio.sleep(0)  # of a large document each of these steps takes a while
    copy = Document()
    copy.apply(state)
    await asyncio.sleep(0)
    return state if copy.clocks() == clocks and copy.texts() == texts else None
