"""What a room learns of the edits that are stored since its snapshot, as it is loaded: in turns with others.

Hundreds of them may be of thousands of pieces each, and to read one takes some milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pizarra.collab.journal import StoredUpdate
from pizarra.collab.state.integrated_state import IntegratedState
from pizarra.collab.wire.codec import MalformedFrame
from pizarra.collab.wire.summary import UpdateSummary
from pizarra.collab.wire.updates import summarize_in_steps
from pizarra.kit.pauses import Pauses


@dataclass(slots=True)
class Learnt:
    """`authors` are the client ids of each edit with who wrote it, `gaps` those that still wait, with their bytes."""

    authors: list[tuple[int | None, tuple[int, ...]]] = field(default_factory=list)
    gaps: list[tuple[UpdateSummary, int]] = field(default_factory=list)


async def learn(updates: Sequence[StoredUpdate], integrated: IntegratedState) -> Learnt:
    """Read stored edits; `integrated` is what their document holds."""
    learnt, pauses = Learnt(), Pauses()
    for author, update, _ in updates:
        try:
            summary = await _summarize(update, pauses)
        except MalformedFrame:
            continue
        learnt.authors.append((author, tuple(client for client, _, _ in summary.structs)))
        if integrated.leaves_gap(summary):
            learnt.gaps.append((summary, len(update)))
        await pauses.if_due()
    return learnt


async def _summarize(update: bytes, pauses: Pauses) -> UpdateSummary:
    summary = UpdateSummary()
    for each in summarize_in_steps(update):
        await pauses.if_due()
        summary = each or summary  # it comes last
    return summary
