"""Reads the structure of a Yjs update without applying it.

A malformed update must never reach the CRDT: yrs can panic on one, with an exception that is not an `Exception`.
Format: yjs `src/utils/encoding.js`, `src/structs/Item.js`, `src/utils/DeleteSet.js` (version 13, encoding V1).
"""

from collections.abc import Iterator

from pizarra.collab.wire.codec import MalformedFrame, Reader
from pizarra.collab.wire.structs import (
    HAS_ORIGIN,
    MAX_CLOCK,
    STRING,
    PiecesReader,
    read_clock,
    read_count,
    read_deletion,
    read_struct,
)
from pizarra.collab.wire.summary import Piece, UpdateSummary

_STEP = 500  # pieces read between two pauses


def summarize_update(update: bytes, most: int | None = None) -> UpdateSummary:
    """Parse an update, of `most` pieces if it is a stranger's.

    Raises:
        MalformedFrame: it is not one that Yjs writes, or has more pieces.
    """
    return _summarize_keystroke(update) or _summarize(update, most)


def _summarize_keystroke(update: bytes) -> UpdateSummary | None:
    """Parse what typing makes: one client, one piece of ASCII text after something, nothing deleted; None for others.

    Nine of ten updates are of this kind, and it is read five times faster than by the general road.
    """
    size = len(update)
    if size < 10 or update[0] != 1 or update[1] != 1 or update[-1] != 0:
        return None
    reader = Reader(update)
    reader.position = 2
    client = reader.var_uint()
    clock = reader.var_uint()
    position = reader.position
    if position == size or update[position] != STRING | HAS_ORIGIN:
        return None
    reader.position = position + 1
    left_client = reader.var_uint()
    left_clock = reader.var_uint()
    position = reader.position
    if position == size:
        return None
    length = update[position]
    text = update[position + 1 : -1]
    if length > 127 or length != len(text) or not length or not text.isascii():
        return None
    end = clock + length
    if end > MAX_CLOCK or left_clock > MAX_CLOCK or (left_client == client and left_clock >= clock):
        return None
    left = (left_client, left_clock + 1)
    summary = UpdateSummary(
        [(client, clock, end)], [], {left_client: left_clock}, length, items=1, longest=length
    )
    if left != (client, clock):
        summary.cuts.append(left)
        summary.pieces.append(Piece((left_client, left_clock), (client, clock), None))
    return summary


def _summarize(update: bytes, most: int | None = None) -> UpdateSummary:
    summary: UpdateSummary | None = None
    for each in _summarize_others_in_steps(update, most):
        summary = each
    assert summary is not None  # it comes last
    return summary


def summarize_in_steps(update: bytes, most: int | None = None) -> Iterator[UpdateSummary | None]:
    """Parse an update as `summarize_update` does: yield None when others may go first, and at last the summary.

    Raises:
        MalformedFrame: it is not one that Yjs writes, or has more pieces.
    """
    keystroke = _summarize_keystroke(update)
    if keystroke is not None:
        yield keystroke
    else:
        yield from _summarize_others_in_steps(update, most)


def _summarize_others_in_steps(
    update: bytes, most: int | None = None
) -> Iterator[UpdateSummary | None]:
    reader = PiecesReader(update, most)
    summary = UpdateSummary()
    yield from _read_structs(reader, summary)
    yield from _read_delete_set(reader, summary)
    if not reader.exhausted:
        raise MalformedFrame("bytes after the end of an update")
    yield summary


def read_state_vector(state: bytes) -> dict[int, int]:
    """Parse a state vector into client → clock.

    Raises:
        MalformedFrame: it is not one that Yjs writes.
    """
    reader = Reader(state)
    clocks: dict[int, int] = {}
    for _ in range(read_count(reader)):
        client = reader.var_uint()
        clocks[client] = read_clock(reader)
    if not reader.exhausted:
        raise MalformedFrame("bytes after the end of a state vector")
    return clocks


def _read_structs(reader: PiecesReader, summary: UpdateSummary) -> Iterator[None]:
    seen: set[int] = set()
    read = 0
    for _ in range(read_count(reader)):
        count = read_count(reader)
        client = reader.var_uint()
        clock = read_clock(reader)
        if count == 0:
            raise MalformedFrame("a client without structs")  # yrs 0.28 panics on this
        if client in seen:
            raise MalformedFrame("a client listed twice")
        seen.add(client)
        start = clock
        for _ in range(count):
            read += 1
            if read % _STEP == 0:
                yield
            length, skipped = read_struct(reader, summary, client, clock)
            if length < 1 or clock + length > MAX_CLOCK:
                raise MalformedFrame("a struct of impossible length")
            if skipped:
                if clock > start:
                    summary.structs.append((client, start, clock))
                start = clock + length
            clock += length
        if clock > start:
            summary.structs.append((client, start, clock))


def _read_delete_set(reader: Reader, summary: UpdateSummary) -> Iterator[None]:
    for _ in range(read_count(reader)):
        client = reader.var_uint()
        for index in range(read_count(reader)):
            deletion = read_deletion(reader, client)
            summary.deletes.append(deletion)
            summary.cuts += ((client, deletion[1]), (client, deletion[2]))
            if index % _STEP == _STEP - 1:
                yield
