"""Cuts a large update into parts that do the same, one after the other: each is read, counted and applied in a moment.

No part builds on a later one. In between, others have their turn: cutting takes as long as reading.

What is known already stands in parts of its own: whoever comes back to a long document repeats all that was ever
deleted in it, and a few words of news beside it are to be one edit.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from pizarra.collab.wire.codec import (
    MalformedFrame,
    Message,
    MessageType,
    Reader,
    SyncStep,
    acknowledge_frame,
    awareness_frame,
    control_frame,
    decode_frame,
    sync_frame,
    var_uint,
)
from pizarra.collab.wire.structs import (
    MAX_CLOCK,
    PiecesReader,
    read_count,
    read_deletion,
    read_struct,
)
from pizarra.collab.wire.summary import UpdateSummary

_PAUSE = 500  # pieces read between two pauses
_DELETIONS = 4  # that are read, counted and applied in the time of one struct

# Of a client id, from one clock up to another: whether the document has it deleted already.
IsDeleted = Callable[[int, int, int], bool]


@dataclass(slots=True)
class _Author:
    """The structs of one client in an update, and how many of them were passed on."""

    client: int
    first: int  # clock
    starts: list[int] = field(default_factory=list)  # in the update, of each struct, and the end
    clocks: list[int] = field(default_factory=list)  # the same
    needs: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # by struct
    passed: int = 0

    @property
    def reached(self) -> int:
        return self.clocks[self.passed]


def frames_of(frame: bytes, most: int, size: int, is_deleted: IsDeleted) -> Iterator[bytes | None]:
    """Yield frames of one message each that do what `frame` does, edits in parts; None when others may go first.

    Raises:
        MalformedFrame: as far as it was read, it is not a frame of known messages, with `most` pieces in an edit.
    """
    for message in decode_frame(frame):
        if message.type is MessageType.SYNC and message.step is not SyncStep.STEP1:
            for part in parts_of(message.payload, most, size, is_deleted):
                yield None if part is None else sync_frame(message.step, part)
        else:
            yield _encode(message)


def _encode(message: Message) -> bytes:
    kind, payload, step = message
    if kind is MessageType.SYNC:
        return sync_frame(step, payload)
    if kind is MessageType.AWARENESS:
        return awareness_frame(payload)
    if kind is MessageType.ACKNOWLEDGE:
        return acknowledge_frame(payload)
    return control_frame(payload) if kind is MessageType.CONTROL else bytes((kind,))


def parts_of(update: bytes, most: int, size: int, is_deleted: IsDeleted) -> Iterator[bytes | None]:
    """Yield updates of `size` pieces that do what `update` does; None when others may go first.

    What the last structs delete stands beside them if it takes no longer than so many more: a text that was put in
    another's place is seen beside it by nobody, whenever the server is killed.

    Raises:
        MalformedFrame: it is no update, or has more than `most` pieces. Nothing was yielded but None.
    """
    reader, authors = PiecesReader(update, most), dict[int, _Author]()
    yield from _read_authors(reader, authors)
    deletes: list[tuple[int, int, int]] = []
    known: list[tuple[int, int, int]] = []
    yield from _read_deletes(reader, lambda each: known if is_deleted(*each) else deletes)
    if not reader.exhausted:
        raise MalformedFrame("bytes after the end of an update")
    part: dict[int, int] = {}  # client → where it begins, among its structs
    pieces = 0
    for author, index in _in_order(authors):
        part.setdefault(author.client, index)
        pieces += 1
        if pieces == size:
            yield _structs(update, authors, part)
            part, pieces = {}, 0
    if part and len(deletes) <= (size - 1) * _DELETIONS:
        yield _structs(update, authors, part, deletes)
        deletes = []
    elif part:
        yield _structs(update, authors, part)
    for some in (deletes, known):
        for start in range(0, len(some), size):
            yield b"\0" + _delete_set(some[start : start + size])


def _read_authors(reader: PiecesReader, authors: dict[int, _Author]) -> Iterator[None]:
    pieces = 0
    for _ in range(read_count(reader)):
        count, client = read_count(reader), reader.var_uint()
        clock = reader.var_uint()
        if count == 0 or client in authors or clock > MAX_CLOCK:
            raise MalformedFrame("a client without structs, listed twice or beyond 2^31")
        author = authors[client] = _Author(client, clock)
        for index in range(count):
            summary = UpdateSummary()
            author.starts.append(reader.position)
            author.clocks.append(clock)
            length, _ = read_struct(reader, summary, client, clock)
            if length < 1 or clock + length > MAX_CLOCK:
                raise MalformedFrame("a struct of impossible length")
            if summary.links:
                author.needs[index] = [link.needed for link in summary.links]
            clock += length
            pieces += 1
            if pieces % _PAUSE == 0:
                yield None
        author.starts.append(reader.position)
        author.clocks.append(clock)


def _read_deletes(
    reader: Reader, list_for: Callable[[tuple[int, int, int]], list[tuple[int, int, int]]]
) -> Iterator[None]:
    pieces = 0
    for _ in range(read_count(reader)):
        client = reader.var_uint()
        for _ in range(read_count(reader)):
            deletion = read_deletion(reader, client)
            list_for(deletion).append(deletion)
            pieces += 1
            if pieces % _PAUSE == 0:
                yield None


def _in_order(authors: dict[int, _Author]) -> Iterator[tuple[_Author, int]]:
    """Yield all structs, each behind those of other clients that it builds on; in a circle, as they come."""
    for first in authors.values():
        # whose structs are wanted, up to which clock
        wanted, busy = [(first, first.clocks[-1])], {first.client}
        while wanted:
            author, until = wanted[-1]
            if author.reached >= until:
                wanted.pop()
                busy.discard(author.client)
                continue
            needed = next(
                (
                    (authors[client], clock + 1)
                    for client, clock in author.needs.get(author.passed, ())
                    if client in authors
                    and client not in busy
                    and authors[client].reached <= clock < authors[client].clocks[-1]
                ),
                None,
            )
            if needed is not None:
                wanted.append(needed)
                busy.add(needed[0].client)
                continue
            author.passed += 1
            yield author, author.passed - 1


def _structs(
    update: bytes,
    authors: dict[int, _Author],
    part: dict[int, int],
    deletes: Iterable[tuple[int, int, int]] = (),
) -> bytes:
    """Return the update of what was passed on since the beginnings in `part`, and of what it deletes."""
    pieces = [var_uint(len(part))]
    for client, start in part.items():
        author = authors[client]
        pieces += (
            var_uint(author.passed - start) + var_uint(client) + var_uint(author.clocks[start]),
            update[author.starts[start] : author.starts[author.passed]],
        )
    return b"".join(pieces) + _delete_set(deletes)


def _delete_set(deletes: Iterable[tuple[int, int, int]]) -> bytes:
    by_client: dict[int, list[bytes]] = {}
    for client, start, end in deletes:
        by_client.setdefault(client, []).append(var_uint(start) + var_uint(end - start))
    return var_uint(len(by_client)) + b"".join(
        var_uint(client) + var_uint(len(ranges)) + b"".join(ranges)
        for client, ranges in by_client.items()
    )
