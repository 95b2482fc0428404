"""Reads the structs and deletions of which a Yjs update consists, and notes in its summary what they say.

Format: yjs `src/structs/Item.js`, `src/structs/Content*.js`, lib0 `decoding.js`.
"""

import re

from pizarra.collab.wire.codec import MalformedFrame, Reader
from pizarra.collab.wire.summary import Link, Other, Piece, Place, UpdateSummary

MAX_CLOCK = 2**31 - 1
_MAX_DEPTH = 32
# What goes on where the struct before it stopped is squashed into it, one by one, each time with a copy of all that
# follows: a client squashes its own before it sends them, and only what merges updates unread comes to many.
_MAX_COPIED = 20_000_000  # bytes: 30 ms
_KEYS = 2**16  # a map's keys are counted by their hash: two that share one count as one

_GC, _DELETED, _JSON, _BINARY, STRING, _EMBED, _FORMAT, _TYPE, _ANY, _DOC, _SKIP = range(11)
_SQUASHED = {
    _DELETED: 0,
    STRING: 1,
    _JSON: 20,
    _ANY: 20,
}  # a value's copy takes as long as 20 bytes
_TEXT = (_DELETED, STRING, _FORMAT)
_LETTERS = (STRING, _FORMAT)  # what is surely among the letters of a text
HAS_ORIGIN, _HAS_RIGHT_ORIGIN, _HAS_PARENT_SUB = 128, 64, 32
_NAMED_TYPES = (3, 5)  # XmlElement and XmlHook carry a name
_FILES = "files"  # the root that lists the document's files
_LONG = re.compile("[\U00010000-\U0010ffff]")  # what UTF-16 writes as two units


class PiecesReader(Reader):
    """Reads an update of so many pieces at most: each costs the same, however few bytes it takes."""

    __slots__ = ("copied", "following", "left", "most")

    def __init__(self, data: bytes, most: int | None) -> None:
        super().__init__(data)
        self.most = most
        self.left = len(data) if most is None else most
        # structs in a row, each of which goes on where the one before it stopped
        self.following = 0
        self.copied = 0  # bytes, when they are squashed

    def count_following(self, size: int) -> None:
        """Count a struct of `size` bytes that goes on where the one before it stopped."""
        self.following += 1
        self.copied += self.following * size
        if self.most is not None and self.copied > _MAX_COPIED:
            raise MalformedFrame(
                "an edit whose pieces should have been put together", bound="max_update_pieces"
            )

    def count(self, pieces: int) -> None:
        """Count pieces about to be read."""
        self.left -= pieces
        if self.left < 0:
            if self.most is None:
                raise MalformedFrame("a count larger than the message")
            raise MalformedFrame(
                f"an edit in more than {self.most:,} pieces", bound="max_update_pieces"
            )


def read_count(reader: Reader) -> int:
    """Read how many pieces follow; more than the message can hold, or its author may send, are refused."""
    count = reader.var_uint()
    if count > reader.end - reader.position:
        raise MalformedFrame("a count larger than the message")
    if isinstance(reader, PiecesReader):
        reader.count(count)
    return count


def read_clock(reader: Reader) -> int:
    clock = reader.var_uint()
    if clock > MAX_CLOCK:
        raise MalformedFrame("a clock beyond 2^31")
    return clock


def read_struct(
    reader: PiecesReader, summary: UpdateSummary, client: int, clock: int
) -> tuple[int, bool]:
    """Read the struct that begins at `clock`; return its length and whether it only skips clocks."""
    info = reader.byte()
    kind = info & 31
    if kind in (_GC, _SKIP):
        return reader.var_uint(), kind == _SKIP
    left = right = parent = None
    if info & HAS_ORIGIN:
        left = _read_id(reader, summary, client, clock)
        if (left[0], left[1] + 1) != (client, clock):
            summary.cuts.append((left[0], left[1] + 1))
    if info & _HAS_RIGHT_ORIGIN:
        right = _read_id(reader, summary, client, clock)
        summary.cuts.append(right)
    place: Place = left
    stands: tuple[tuple[int, int], ...] | bool = tuple(filter(None, (left, right)))
    if left is None and right is None:
        stands = False
        if reader.var_uint() == 1:
            root = reader.var_string()
        else:
            root, parent = None, _read_id(reader, summary, client, clock)
            stands = True
        if info & _HAS_PARENT_SUB:
            key, stands = reader.var_string(), True
            place = hash((root, parent, key)) % _KEYS
            if root == _FILES:
                summary.files.append(key)
    goes_on = left is not None and (left[0], left[1] + 1) == (client, clock)
    if not goes_on:
        reader.following = 0
        summary.pieces.append(Piece(place, (client, clock), right))
    summary.items += 1
    summary.foreign += kind not in _TEXT
    summary.nested += kind == _TYPE and (left or right or parent) is not None
    length = (
        _read_text(reader, summary, client, clock)
        if kind == STRING
        else _read_content(reader, kind, summary)
    )
    summary.longest = max(summary.longest, length)
    if kind not in _LETTERS:
        each = Other(client, clock, clock + length, stands, kind == _DELETED)
        summary.others.append(each)
    if goes_on and kind in _SQUASHED:
        reader.count_following(length * _SQUASHED[kind])
    return length, False


def _read_id(reader: Reader, summary: UpdateSummary, client: int, clock: int) -> tuple[int, int]:
    """Read what the struct of `client` at `clock` builds on."""
    needed = (reader.var_uint(), read_clock(reader))
    if needed[0] != client:
        summary.links.append(Link((client, clock), needed))
    elif needed[1] >= clock:
        raise MalformedFrame("an edit that builds on itself")  # yrs would wait for it for ever
    if summary.needs.get(needed[0], -1) < needed[1]:
        summary.needs[needed[0]] = needed[1]
    return needed


def _read_content(reader: Reader, kind: int, summary: UpdateSummary) -> int:
    if kind == _DELETED:
        return reader.var_uint()
    summary.only_text = False
    if kind in (_JSON, _ANY):
        count = read_count(reader)
        for _ in range(count):
            if kind == _JSON:
                reader.var_string()
            else:
                _read_any(reader, 0)
        return count
    if kind == _BINARY:
        reader.var_bytes()
    elif kind == _EMBED:
        reader.var_string()
    elif kind == _FORMAT:
        reader.var_string()
        reader.var_string()
    elif kind == _TYPE:
        type_ref = reader.var_uint()
        if type_ref > 6:
            raise MalformedFrame(f"unknown shared type {type_ref}")
        if type_ref in _NAMED_TYPES:
            reader.var_string()
    elif kind == _DOC:
        reader.var_string()
        _read_any(reader, 0)
    else:
        raise MalformedFrame(f"unknown content {kind}")
    return 1


def _read_text(reader: Reader, summary: UpdateSummary, client: int, clock: int) -> int:
    """Read a string that begins at `clock`; its length there is in UTF-16 units."""
    size = reader.var_uint()
    raw = reader.take(size)
    summary.text_bytes += size
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedFrame("text that is not UTF-8") from None
    if len(text) == size:
        return size
    long = len(text.encode("utf-16-le")) // 2 - len(text)
    if isinstance(reader, PiecesReader):
        reader.count(long)
    if long:
        summary.inner += [
            (client, clock + each.start() + extra + 1)
            for extra, each in enumerate(_LONG.finditer(text))
        ]
    return len(text) + long


def _read_any(reader: Reader, depth: int) -> None:
    """Read one lib0 `any` value."""
    if depth > _MAX_DEPTH:
        raise MalformedFrame("a value nested too deeply")
    tag = reader.byte()
    if tag in (127, 126, 121, 120):  # undefined, null, false, true
        return
    if tag == 125:  # integer: the first byte has a sign bit and six bits
        if reader.byte() & 128:
            reader.var_uint()
    elif tag == 124:
        reader.take(4)
    elif tag in (123, 122):
        reader.take(8)
    elif tag == 119:
        reader.var_string()
    elif tag == 118:
        for _ in range(read_count(reader)):
            reader.var_string()
            _read_any(reader, depth + 1)
    elif tag == 117:
        for _ in range(read_count(reader)):
            _read_any(reader, depth + 1)
    elif tag == 116:
        reader.var_bytes()
    else:
        raise MalformedFrame(f"unknown value {tag}")


def read_deletion(reader: Reader, client: int) -> tuple[int, int, int]:
    """Read a range of a client's clocks, end exclusive."""
    clock = read_clock(reader)
    length = reader.var_uint()
    if length < 1 or clock + length > MAX_CLOCK:
        raise MalformedFrame("a deletion of impossible length")
    return client, clock, clock + length
