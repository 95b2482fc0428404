"""What goes over a bus: messages of many frames, for what processes tell each other comes in company.

A message on a bus that others might share is signed with the key that all who serve a database have: a version byte,
sixteen bytes that show who wrote it, when that was and its number, then the process and its frames. Whoever may publish
there, and has no key, can only say again what was said: each number of a process is taken once, and nothing that is
older than a minute, by the database's clock.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from struct import Struct
from typing import NamedTuple

from pizarra.kit.tokens import TokenSigner

VERSION = 3  # of how messages are written: other versions hear nothing of them
_VERSION = bytes((VERSION,))
_MAC_BYTES = 16
HEAD_BYTES = 150  # of a frame, at most, beside its payload
_TOGETHER = 50  # frames in one message, at most
_BEGIN = 1 + _MAC_BYTES
_WHEN = Struct("!qQ")  # µs, number
_MOST_AGE = 60_000_000  # µs; the clocks of two processes differ by less, for they are one
_WINDOW = 4096  # numbers behind the newest of a process that may still come
_MOST_NODES = 1000


class ForeignFrame(ValueError):
    """Not of this version, not of who has our key, or said again."""


class Frame(NamedTuple):
    """One thing that is told of a subject: a room, a session, a run."""

    kind: str
    subject: str
    payload: bytes


def pack(frames: Iterable[Frame]) -> bytes:
    """Return frames as bytes: of each the kind, the subject, the payload's bytes, and the payload, with spaces between.

    They are UTF-8 where all payloads are. Only a payload may hold spaces.
    """
    return b"".join(
        [
            b"%b %b %d %b" % (kind.encode(), subject.encode(), len(payload), payload)
            for kind, subject, payload in frames
        ]
    )


def unpack(packed: bytes, start: int = 0) -> Iterator[Frame]:
    """Read what `pack` returned, from `start` on.

    Raises:
        ValueError: it is something else.
    """
    while start < len(packed):
        kind = packed.index(b" ", start)
        subject = packed.index(b" ", kind + 1)
        size = packed.index(b" ", subject + 1)
        end = size + 1 + int(packed[subject + 1 : size])
        if not size < end <= len(packed):
            raise ValueError("no frame")
        yield Frame(
            packed[start:kind].decode(),
            packed[kind + 1 : subject].decode(),
            packed[size + 1 : end],
        )
        start = end


def in_messages(frames: Iterable[Frame], most: int) -> Iterator[list[Frame]]:
    """Part frames, in their order, into messages of `most` bytes, each of which is taken in within one turn.

    One that is larger has a message of its own.
    """
    message: list[Frame] = []
    size = 0
    for frame in frames:
        size += len(frame.payload) + HEAD_BYTES
        if message and (size > most or len(message) == _TOGETHER):
            yield message
            message, size = [], len(frame.payload) + HEAD_BYTES
        message.append(frame)
    if message:
        yield message


class Frames:
    """Writes and reads them; `now` tells the database's time in µs."""

    def __init__(self, signer: TokenSigner, now: Callable[[], int]) -> None:
        self._key = signer.sign("bus", "").encode()[:64]
        self._now = now
        self._number = 0
        self._heard: OrderedDict[bytes, Heard] = OrderedDict()  # by process, the latest last

    @property
    def known(self) -> int:
        """How many processes' numbers are remembered."""
        return len(self._heard)

    def write(self, node: str, frames: Sequence[Frame]) -> bytes:
        """Return as one message what a process tells; its id holds no spaces."""
        self._number += 1
        when = _WHEN.pack(self._now(), self._number)
        body = b"%b%b %b" % (when, node.encode(), pack(frames))
        return _VERSION + self._mac(body) + body

    def read(self, message: bytes) -> tuple[str, list[Frame]]:
        """Read one; return which process wrote it, and what it tells.

        Raises:
            ForeignFrame: it was written by somebody else, or by another version, or is not new.
        """
        body = message[_BEGIN:]
        ours = message[:1] == _VERSION and hmac.compare_digest(message[1:_BEGIN], self._mac(body))
        if not ours:
            raise ForeignFrame
        at, number = _WHEN.unpack_from(body)
        end = body.index(b" ", _WHEN.size)
        node = body[_WHEN.size : end]
        if abs(self._now() - at) > _MOST_AGE or not self._heard_of(node).is_new(number):
            raise ForeignFrame
        return node.decode(), list(unpack(body, end + 1))

    def _heard_of(self, node: bytes) -> "Heard":
        heard = self._heard.setdefault(node, Heard())
        self._heard.move_to_end(node)
        if len(self._heard) > _MOST_NODES:
            self._heard.popitem(last=False)
        return heard

    def _mac(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._key, digest_size=_MAC_BYTES).digest()


class Heard:
    """Which numbers of one process were heard: the newest, and of those shortly before it each."""

    __slots__ = ("_bits", "_newest")

    def __init__(self) -> None:
        self._newest = 0
        self._bits = 0  # the lowest is the newest's

    def is_new(self, number: int) -> bool:
        """Tell whether a number was not heard yet; from now on it was."""
        behind = self._newest - number
        if behind < 0:
            self._bits = (self._bits << min(-behind, _WINDOW) | 1) & ((1 << _WINDOW) - 1)
            self._newest = number
            return True
        if behind >= _WINDOW or self._bits >> behind & 1:
            return False
        self._bits |= 1 << behind
        return True
