"""Applying the edits of an archive, as if they came now: what would not be recorded is not restored either."""

import base64
import contextlib

from pizarra.collab.state.document import Document, UnusableUpdate
from pizarra.collab.state.integrated_state import Integration
from pizarra.collab.state.strays import Rows
from pizarra.collab.wire.codec import MalformedFrame
from pizarra.collab.wire.updates import summarize_update
from pizarra.config import Settings
from pizarra.exports.reader import Archive, ArchiveError

_LIMITS = Settings.model_construct()  # the usual ones: another server recorded it
_MOST_WAITING = 10 * _LIMITS.max_gap_updates  # edits that build on what is missing


def replay(archive: Archive) -> Document:
    """Return the document that an archive's log comes to.

    Raises:
        ArchiveError: an edit is malformed, or costs more than any that is recorded.
    """
    document, nested = Document(), 0
    integrated = document.integrated()
    siblings, rows = integrated.siblings, Rows({}, {}, integrated.is_at_home)
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
        gap = integrated.take_in(summary) is Integration.GAP
        with contextlib.suppress(UnusableUpdate):  # as when it arrived, and whenever it is loaded
            document.integrate(update, gap=gap)
    return document
