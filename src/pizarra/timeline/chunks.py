"""Many old edits as one value: columns of differences, compressed. Every edit keeps its bounds, number and author.

A chunk is a byte for the version and a zstd frame with a checksum. In it, after the number of edits: the differences
of their numbers, of their instants (µs), their authors (storage id + 1, 0 for the server) and their lengths, each a
column of varints; then the updates, one after the other.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pizarra.collab.codec import MalformedFrame, Reader, var_uint
from pizarra.errors import Unavailable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_VERSION = 1
_LEVEL = 5
_OPTIONS: dict[int, int] = {
    zstd.CompressionParameter.compression_level: _LEVEL,
    zstd.CompressionParameter.checksum_flag: 1,
}
MAX_BYTES = 16 * 1024 * 1024  # of updates in one chunk: it is unpacked in memory


_SMALL = [var_uint(value << 1) for value in range(64)]


class BrokenChunk(Unavailable):
    """A chunk that is not what was packed: somebody, or a disk, changed it."""


class PackedEdit(NamedTuple):
    """An edit of the log: `at` is µs since 1970, `participant` the storage id of its author."""

    seq: int
    at: int
    participant: int | None
    update: bytes


def pack(edits: Sequence[PackedEdit]) -> bytes:
    """Return edits, in the order of their numbers, as one value."""
    authors = (0 if edit.participant is None else edit.participant + 1 for edit in edits)
    columns = (
        _differences([edit.seq for edit in edits]),
        _differences([edit.at for edit in edits]),
        authors,
        (len(edit.update) for edit in edits),
    )
    head = b"".join([_signed(value) for column in columns for value in column])
    body = var_uint(len(edits)) + head + b"".join(edit.update for edit in edits)
    return bytes([_VERSION]) + zstd.compress(body, options=_OPTIONS)


def unpack(chunk: bytes) -> list[PackedEdit]:
    """Return the edits of a chunk.

    Raises:
        BrokenChunk: it was changed, or a newer version wrote it.
    """
    try:
        if chunk[:1] != bytes([_VERSION]):
            raise BrokenChunk("Old entries are of a version that this program does not know.")
        reader = Reader(_decompress(chunk[1:]))
        count = reader.var_uint()
        numbers = list(_sums(reader, count))
        instants = list(_sums(reader, count))
        authors = [_read_signed(reader) for _ in range(count)]
        lengths = [_read_signed(reader) for _ in range(count)]
        return [
            PackedEdit(seq, at, author - 1 if author else None, reader.take(length))
            for seq, at, author, length in zip(numbers, instants, authors, lengths, strict=True)
        ]
    except (zstd.ZstdError, MalformedFrame, EOFError, IndexError) as error:
        raise BrokenChunk(f"Old entries were changed in the database and cannot be read: {error}.") from error


def _decompress(frame: bytes) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    body = decompressor.decompress(frame, max_length=4 * MAX_BYTES)
    if not decompressor.eof:
        raise BrokenChunk("Old entries were changed in the database: they are cut off, or too large.")
    return body


def _differences(values: Sequence[int]) -> Iterable[int]:
    return [values[0], *(later - earlier for earlier, later in pairwise(values))] if values else []


def _sums(reader: Reader, count: int) -> Iterator[int]:
    value = 0
    for _ in range(count):
        value += _read_signed(reader)
        yield value


def _signed(value: int) -> bytes:
    """Return a varint whose lowest bit is the sign: a clock can go back."""
    if 0 <= value < 64:
        return _SMALL[value]
    return var_uint(value << 1 if value >= 0 else (-value << 1) | 1)


def _read_signed(reader: Reader) -> int:
    value = reader.var_uint()
    return -(value >> 1) if value & 1 else value >> 1
