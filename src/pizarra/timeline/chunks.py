"""Many old edits as one value: columns of differences, compressed. Every edit keeps its bounds, number and author.

A chunk is a byte for the version and a zstd frame with a checksum. In it, after the number of edits: the differences
of their numbers, of their instants (µs), their authors (storage id + 1, 0 for the server) and their lengths, each a
column of varints; then the updates, one after the other.
"""

import sys
from collections.abc import Sequence
from itertools import accumulate
from operator import sub
from typing import NamedTuple

from pizarra.answers.codes import Code
from pizarra.collab.wire.codec import MalformedFrame, Reader, var_uint
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


_SMALL = 64  # what fits in a byte with its sign, as nearly all do


class BrokenChunk(Unavailable):
    """A chunk that is not what was packed: somebody, or a disk, changed it."""

    code = Code.LOG_DAMAGED


class PackedEdit(NamedTuple):
    """An edit of the log: `at` is µs since 1970, `participant` the storage id of its author."""

    seq: int
    at: int
    participant: int | None
    update: bytes


Edit = tuple[int, int, int | None, bytes]  # what a `PackedEdit` is, without the names


def pack(edits: Sequence[Edit]) -> bytes:
    """Return edits, in the order of their numbers, as one value."""
    numbers, instants, participants, updates = (
        zip(*edits, strict=True) if edits else ((), (), (), ())
    )
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
        reader = Reader(_decompress(chunk[1:]))
        count = reader.var_uint()
        numbers, instants, authors, lengths = (_read_column(reader, count) for _ in range(4))
        if min(lengths, default=0) < 0:
            raise MalformedFrame("an edit of less than nothing")
        updates = [reader.take(length) for length in lengths]
        return [
            PackedEdit(seq, instant, author - 1 if author else None, change)
            for seq, instant, author, change in zip(
                accumulate(numbers), accumulate(instants), authors, updates, strict=True
            )
        ]
    except (zstd.ZstdError, MalformedFrame, EOFError) as error:
        raise BrokenChunk(
            f"Old entries were changed in the database and cannot be read: {error}."
        ) from error


def _decompress(frame: bytes) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    body = decompressor.decompress(frame, max_length=4 * MAX_BYTES)
    if not decompressor.eof:
        raise BrokenChunk(
            "Old entries were changed in the database: they are cut off, or too large."
        )
    return body


def _differences(values: Sequence[int]) -> list[int]:
    return [values[0], *map(sub, values[1:], values)] if values else []


def _column(values: Sequence[int]) -> bytes:
    """Return varints whose lowest bit is the sign: a clock can go back."""
    if values and min(values) >= 0 and max(values) < _SMALL:
        return bytes([value << 1 for value in values])
    return b"".join([var_uint(value << 1 if value >= 0 else (-value << 1) | 1) for value in values])


def _read_column(reader: Reader, count: int) -> list[int]:
    small = reader.data[reader.position : reader.position + count]
    # No byte has the bit that says that the number goes on: at once, they are nearly all so.
    numbers = reader.take(count) if small.isascii() else [reader.var_uint() for _ in range(count)]
    return [-(number >> 1) if number & 1 else number >> 1 for number in numbers]
