"""Applying the edits of an archive, as if they came now: what would not be recorded is not restored either."""

import base64
import contextlib

from pizarra.collab.state.document import Document, UnusableUpdate
from pizarra.collab.state.integrated_state import IntegratedState, Integration
from pizarra.collab.state.strays import Rows
from pizarra.collab.wire.codec import MalformedFrame
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_update
from pizarra.config import Settings
from pizarra.exports.reader import Archive, ArchiveError

_LIMITS = Settings.model_construct()  # the usual ones: another server recorded it
_MOST_WAITING = 10 * _LIMITS.max_gap_updates  # edits that build on what is missing


class Arrivals:
    """Tells of edits, in their order, which arrived before something that they build on: no archive says so.

    `integrated` is what there is before the first.
    """

    def __init__(self, integrated: IntegratedState) -> None:
        self._integrated = integrated
        self._waiting: list[UpdateSummary] = []

    def leaves_gap(self, summary: UpdateSummary) -> bool:
        """Take the next edit in; tell whether it has to wait."""
        if self._integrated.take_in(summary) is Integration.GAP:
            self._waiting.append(summary)
            return True
        while self._waiting:
            before = self._waiting
            self._waiting = [
                each for each in before if self._integrated.take_in(each) is Integration.GAP
            ]
            if len(self._waiting) == len(before):
                break
        return False


def replay(archive: Archive) -> Document:
    """Return the document that an archive's log comes to.

    Raises:
        ArchiveError: an edit is malformed, or costs more than any that is recorded.
    """
    document, nested = Document(), 0
    integrated = document.integrated()
    siblings, rows = integrated.siblings, Rows({}, {}, integrated.is_at_home)
    arrivals = Arrivals(integrated)
    for entry in archive.lines("shared"):
        if entry["kind"] != "edit":
            continue
        update = base64.b64decode(entry["data"]["update"], validate=True)
        try:
            summary = summarize_update(update, _LIMITS.max_update_pieces)
        except MalformedFrame as error:
            raise ArchiveError(f"entry {entry['seq']}: a malformed update: {error}") from error
        nested += summary.nested
        if nested > _LIMITS.max_nested_types:
            nested = summarize_update(document.encode()).nested + summary.nested
        if (
            nested > _LIMITS.max_nested_types
            or siblings.would_exceed(summary, _LIMITS.max_pieces_per_place)
            or rows.stray(summary, integrated.clocks) is not None
            or rows.waiting > _MOST_WAITING
        ):
            raise ArchiveError(f"entry {entry['seq']}: an edit that no server would record")
        siblings.add(summary)
        gap = arrivals.leaves_gap(summary)
        with contextlib.suppress(UnusableUpdate):  # as when it arrived, and whenever it is loaded
            document.integrate(update, gap=gap)
    return document
