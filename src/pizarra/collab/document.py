"""The shared document: pycrdt behind a guard, and the shape every client relies on.

Root `Y.Map` `files` (path → `{language}`), the text of each file in the root `Y.Text` `file:` + path, root `Y.Map`
`settings` (`language`).
"""

import asyncio
import contextlib
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map, Text, TransactionEvent, merge_updates

from pizarra.collab.coverage import Coverage
from pizarra.collab.journal import StoredUpdate
from pizarra.collab.updates import read_state_vector, summarize_update

_TEXT_PREFIX = "file:"
_COMPARED = 250_000  # pairs of lines: beyond that a comparison takes too long, and the middle is replaced as a whole
_TURN = 500  # updates applied before others get a turn: about a millisecond


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

    @classmethod
    async def load(cls, snapshot: bytes | None, updates: Sequence[StoredUpdate]) -> "Document":
        """Build a document from storage. An update the CRDT refuses is skipped, as it was when it arrived.

        A long history is applied in turns with the rest of the event loop; a thread would not help, since pycrdt holds
        the interpreter's lock.
        """
        document = cls()
        if snapshot is not None:
            document.apply(snapshot)
        for start in range(0, len(updates), _TURN):
            for _, update in updates[start : start + _TURN]:
                with contextlib.suppress(UnusableUpdate):
                    document.apply(update)
            await asyncio.sleep(0)
        return document

    def apply(self, update: bytes) -> None:
        """Integrate an update.

        Raises:
            UnusableUpdate: yrs refused it, or panicked.
        """
        try:
            self._doc.apply_update(update)
        except (ValueError, TypeError, RuntimeError) as error:
            raise UnusableUpdate(str(error)) from error
        except BaseException as error:
            # A Rust panic surfaces as an exception that is not an Exception; the document stays usable after it.
            if type(error).__name__ != "PanicException":
                raise
            raise UnusableUpdate("the update made the CRDT panic") from error

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

    def coverage(self) -> Coverage:
        """Return what the document contains now."""
        coverage = Coverage()
        coverage.clocks = self.clocks()
        # Against its own state vector a document encodes its delete set and nothing else.
        coverage.add(summarize_update(self._doc.get_update(self._doc.get_state())))
        whole = self.encode()
        if _TWO_CLOCKS.search(whole):
            coverage.note_characters(summarize_update(whole))
        return coverage

    def language(self) -> str | None:
        """Return the chosen language, as the document says."""
        value = self._settings.get("language")
        return value if isinstance(value, str) else None

    def files(self) -> list[DocumentFile]:
        """Return the files in order of their paths."""
        found = []
        for path in sorted(self._files.keys()):
            entry = self._files.get(path)
            language = entry.get("language") if isinstance(entry, dict | Map) else None
            found.append(DocumentFile(path, language if isinstance(language, str) else "text", len(self._text(path))))
        return found

    def text(self, path: str) -> str | None:
        """Return the text of a file, or None for one the document does not list."""
        return str(self._text(path)) if path in self._files else None

    def text_bytes(self) -> int:
        """Return the UTF-8 bytes of all files together."""
        return sum(len(self._text(path)) for path in self._files.keys())  # noqa: SIM118 - a Map, not a dict

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
        """List a file and write its text. Call inside `edit` or `change`."""
        self._files[path] = {"language": language}
        content = self._text(path)
        content += text

    def has_file(self, path: str) -> bool:
        """Tell whether the document lists `path`."""
        return path in self._files

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
            if not self.has_file(path):
                self._files[path] = {"language": file.language}
            text, new = self._text(path), wanted.text(path) or ""
            for start, end, replacement in reversed(_changes(str(text), new)):
                del text[start:end]
                text.insert(start, replacement)
        language = wanted.language()
        if language is not None and language != self.language():
            self.set_language(language)

    def _text(self, path: str) -> Text:
        text: Text = self._doc.get(_TEXT_PREFIX + path, type=Text)
        return text


def _changes(old: str, new: str) -> list[tuple[int, int, str]]:
    """Return what to replace in `old`, line by line, to get `new`: from, to (bytes of UTF-8) and the text instead."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    offsets = [0]
    for line in before:
        offsets.append(offsets[-1] + len(line.encode()))
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old_middle, new_middle = before[head : len(before) - tail], after[head : len(after) - tail]
    if not old_middle and not new_middle:
        return []
    if len(old_middle) * len(new_middle) > _COMPARED:
        return [(offsets[head], offsets[head + len(old_middle)], "".join(new_middle))]
    matcher = difflib.SequenceMatcher(None, old_middle, new_middle, autojunk=False)
    return [
        (offsets[head + i], offsets[head + j], "".join(new_middle[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]


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


def starting_update(path: str, language: str, text: str) -> bytes:
    """Return the first update of a new document: its language and one file."""
    document = Document()

    def seed(it: Document) -> None:
        it.set_language(language)
        it.put_file(path, language, text)

    return document.edit(seed)


def verified_snapshot(document: Document) -> bytes | None:
    """Return the encoded document if reloading it gives the same texts and clocks, else None."""
    state = document.encode()
    copy = Document()
    copy.apply(state)
    same = copy.clocks() == document.clocks() and all(
        copy.text(file.path) == document.text(file.path) for file in document.files()
    )
    return state if same else None
