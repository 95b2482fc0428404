"""How large a document and its log may grow: upper bounds are counted, and made exact only when they reach a limit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from pizarra.collab.limits import RoomLimits
from pizarra.collab.state.document import Document
from pizarra.collab.state.integrated_state import IntegratedState
from pizarra.collab.wire.summary import UpdateSummary

_SLACK = 64  # parts of a limit: so much must come before a document is measured again
_MAX_SPLIT = 1_000_000_000  # characters counted: 0.6 s
_COPIED_WHILE_COUNTED = 8  # characters
_MAX_LONG = 300_000  # characters of two clocks: more than fit into the largest text


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is let in and not applied yet."""

    text: Callable[[], int]
    files: Callable[[], Iterable[str]]
    nested: Callable[[], int]
    edits: Callable[[], Iterable[UpdateSummary]] = tuple


class Excess(NamedTuple):
    """What an update exceeds: the setting, and a sentence."""

    bound: str
    reason: str


class Quota:
    """Counts the text, the files and the encoded size of one document, and what was recorded of it."""

    def __init__(
        self, document: Document, integrated: IntegratedState, limits: RoomLimits, log_bytes: int
    ) -> None:
        self._document = document
        self._integrated = integrated
        self._max_text = limits.document_text_bytes
        self._max_encoded = limits.document_bytes
        self._max_files = limits.files
        self._max_log = limits.log_bytes
        # who comes back sends all of them, and what is new
        self._max_ranges = limits.update_pieces // 2
        self._text = document.text_bytes()
        self._encoded = len(document.encode())
        self._files = set(document.paths())
        self._log = log_bytes
        self._ranges = integrated.count_ranges()
        self._max_nested = limits.nested_types
        self._nested: int | None = None  # looked up when it matters: the page makes none

    def admit(self, update: UpdateSummary, size: int, waiting: Waiting) -> Excess | None:
        """Count an update of `size` bytes, or return why it does not fit.

        Raises:
            MustBeRead: only what the document holds can tell. Asked again, some of it is counted twice until then.
        """
        refusal = (
            self._refuse_size(update, size, waiting)
            or (self._refuse_files(update, waiting) if update.files else None)
            or (self._refuse_nesting(update, waiting) if update.nested else None)
            or self._refuse_splits(update, size)
            or (self._refuse_pieces(update) if update.deletes or update.inner else None)
        )
        if refusal is not None:
            return refusal._replace(reason=f"{refusal.reason}; the change was not saved")
        self._text += update.text_bytes
        self._encoded += size
        self._log += size
        return None

    def count_foreign(self, update: UpdateSummary, size: int) -> None:
        """Count an update of `size` bytes that another process let in and recorded."""
        self._text += update.text_bytes
        self._encoded += size
        self._files.update(update.files)
        self._ranges += len(update.deletes)
        if self._nested is not None:
            self._nested += update.nested

    def counted(self, update: UpdateSummary, size: int) -> int:
        """Return how many characters yrs may count to split what exists where `update` does.

        To split it counts from the last cut on, and copies the rest: of deletions in order that is a copy each.
        """
        most, in_order = self._encoded + size, 0
        ends: dict[int, int] = {}  # by client
        for client, start, end in update.deletes:
            if start >= ends.get(client, 0):
                in_order += 2
            ends[client] = end
        return (len(update.cuts) - in_order) * most + in_order * most // _COPIED_WHILE_COUNTED

    def see_log(self, log_bytes: int, *, is_all: bool) -> None:
        """Take note of how much storage says was recorded, by other processes too; of `is_all` nothing waits here."""
        self._log = log_bytes if is_all else max(self._log, log_bytes)

    def count_recorded(self, size: int) -> bool:
        """Count bytes of the log that are no edit, if there is room for them."""
        fits = self._log + size <= self._max_log
        self._log += size if fits else 0
        return fits

    def _refuse_size(self, update: UpdateSummary, size: int, waiting: Waiting) -> Excess | None:
        if self._log + size > self._max_log:
            return Excess(
                "max_log_bytes",
                f"this session has recorded {self._max_log:,} bytes, which is all it may",
            )
        if update.text_bytes and self._text + update.text_bytes > self._max_text:
            self._text = self._document.text_bytes() + waiting.text()
            if self._text + update.text_bytes > self._max_text:
                return Excess("max_text_bytes", f"the text would exceed {self._max_text:,} bytes")
        if self._encoded + size > self._max_encoded:
            self._encoded = len(self._document.encode())
            # Not up to the last byte, or each of many small edits would have the whole document measured.
            if self._encoded + size > self._max_encoded - self._max_encoded // _SLACK:
                return Excess(
                    "max_document_bytes", f"the document would exceed {self._max_encoded:,} bytes"
                )
        return None

    def _refuse_files(self, update: UpdateSummary, waiting: Waiting) -> Excess | None:
        wanted = self._files.union(update.files)
        if len(wanted) > self._max_files:
            wanted = {*self._document.paths(), *waiting.files(), *update.files}
            # What a rename takes off the list is still on it: who deletes something else has one file too many, once.
            may_rename = len(update.files) == 1 and len(update.deletes) > 0
            if len(wanted) > self._max_files + may_rename:
                return Excess("max_files", f"a session may have {self._max_files:,} files")
        self._files = wanted
        return None

    def _refuse_nesting(self, update: UpdateSummary, waiting: Waiting) -> Excess | None:
        """To delete a type, yrs and Yjs call themselves for each that lies inside: deep enough, that is their end."""
        if self._nested is None or self._nested + update.nested > self._max_nested:
            self._nested = self._integrated.census.held().nested + waiting.nested()
        if self._nested + update.nested > self._max_nested:
            reason = (
                f"the document would have more than {self._max_nested:,} shared types inside others"
            )
            return Excess("max_nested_types", reason)
        self._nested += update.nested
        return None

    def _refuse_splits(self, update: UpdateSummary, size: int) -> Excess | None:
        """To split a text, yrs counts its characters from the beginning: of a megabyte 0.6 ms, each time."""
        if len(update.cuts) * (self._encoded + size) > _MAX_SPLIT:
            longest = max(update.longest, self._integrated.census.held().longest)
            if len(update.cuts) * longest > _MAX_SPLIT:
                reason = "an edit that takes one long text apart in too many places"
                return Excess("max_update_pieces", reason)
        return None

    def _refuse_pieces(self, update: UpdateSummary) -> Excess | None:
        self._ranges += len(update.deletes)
        if self._ranges > self._max_ranges:
            self._ranges = self._integrated.count_ranges() + self._integrated.count_new_deletes(
                update
            )
            if self._ranges > self._max_ranges:
                reason = f"the document would have more than {self._max_ranges:,} holes where something was deleted"
                return Excess("max_update_pieces", reason)
        if update.inner and self._integrated.count_long() + len(update.inner) > _MAX_LONG:
            self._integrated.remember_long(self._integrated.census.held().long)
            if self._integrated.count_long() + len(update.inner) > _MAX_LONG:
                return Excess(
                    "max_text_bytes",
                    f"more than {_MAX_LONG:,} emoji and the like were written here",
                )
        return None
