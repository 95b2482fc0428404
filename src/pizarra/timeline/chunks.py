"""Many old edits as one value: columns of differences, compressed. Every edit keeps its bounds, number and author.

A chunk is a byte for the version and a zstd frame with a checksum. In it, after the number of edits: the differences
of their numbers, of their instants (µs), their authors (storage id + 1, 0 for the server) and their lengths, each a
column of varints; then the updates, one after the other.
"""

import sys
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from pizarra.collab.codec import var_uint
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


_LONGEST = 63  # bits of a number, seven at a time
_SMALL = 64  # what fits in a byte with its sign, as nearly all do


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
    numbers, instants, participants, updates = zip(*edits, strict=True) if edits else ((), (), (), ())
    authors = [0 if participant is None else participant + 1 for participant in participants]
    columns = (_differences(numbers), _differences(instants), authors, list(map(len, updates)))
    body = var_uint(len(edits)) + b"".join(map(_column, columns)) + b"".join(updates)
    return bytes([_VERSION]) + zstd.compress(body, options=_OPTIONS)


def unpack(chunk: bytes) -> list[PackedEdit]:
    """Return the edits of a chunk.

    Raises:
        BrokenChunk: it was changed, or a newer version wrote it.
    """
    try:
        if chunk[:1] != bytes([_VERSION]):
            raise BrokenChunk("Old entries are of a version that this program does not know.")
        body = _decompress(chunk[1:])
        count, at = _read_varint(body, 0)
        numbers, at = _read_column(body, at, count)
        instants, at = _read_column(body, at, count)
        authors, at = _read_column(body, at, count)
        lengths, at = _read_column(body, at, count)
        if min(lengths, default=0) < 0 or at + sum(lengths) != len(body):
            raise BrokenChunk("Old entries were changed in the database: their lengths are not theirs.")
        ends = accumulate(lengths, initial=at)
        return [
            PackedEdit(seq, instant, author - 1 if author else None, body[begin:end])
            for seq, instant, author, (begin, end) in zip(
                accumulate(numbers), accumulate(instants), authors, pairwise(ends), strict=True
            )
        ]
    except (zstd.ZstdError, EOFError, IndexError) as error:
        raise BrokenChunk(f"Old entries were changed in the database and cannot be read: {error}.") from error


def _decompress(frame: bytes) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    body = decompressor.decompress(frame, max_length=4 * MAX_BYTES)
    if not decompressor.eof:
        raise BrokenChunk("Old entries were changed in the database: they are cut off, or too large.")
    return body


def _differences(values: Sequence[int]) -> list[int]:
    return [values[0], *(later - earlier for earlier, later in pairwise(values))] if values else []


def _column(values: Sequence[int]) -> bytes:
    """Return varints whose lowest bit is the sign: a clock can go back."""
    if values and min(values) >= 0 and max(values) < _SMALL:
        return bytes([value << 1 for value in values])
    return b"".join([var_uint(value << 1 if value >= 0 else (-value << 1) | 1) for value in values])


def _read_column(body: bytes, at: int, count: int) -> tuple[list[int], int]:
    """Return so many numbers, and where the next column begins."""
    small = body[at : at + count]
    if len(small) < count:
        raise IndexError("it is cut off")
    if small.isascii():  # no byte has the bit that says that the number goes on
        return [-(byte >> 1) if byte & 1 else byte >> 1 for byte in small], at + count
    values = []
    for _ in range(count):
        value, at = _read_varint(body, at)
        values.append(-(value >> 1) if value & 1 else value >> 1)
    return values, at


def _read_varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while (byte := body[at]) >= 128:
        value |= (byte & 127) << shift
        shift += 7
        at += 1
        if shift > _LONGEST:
            raise IndexError("a number has no end")
    return value | byte << shift, at + 1
