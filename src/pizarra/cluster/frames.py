"""What goes over a bus that others might share: one message, signed with the key that all who serve a database have.

A version byte, sixteen bytes that show who wrote it, when that was and its number, then the process, the kind, the
subject and the payload. Whoever may publish there, and has no key, can only say again what was said: each number of a
process is taken once, and nothing that is older than a minute, by the database's clock.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from struct import Struct
from typing import NamedTuple

from pizarra.kit.tokens import TokenSigner

_VERSION = b"\x02"
_MAC_BYTES = 16
_BEGIN = 1 + _MAC_BYTES
_WHEN = Struct("!qQ")  # µs, number
_BODY = _BEGIN + _WHEN.size
_MOST_AGE = 60_000_000  # µs; the clocks of two processes differ by less, for they are one
_WINDOW = 4096  # numbers behind the newest of a process that may still come
_MOST_NODES = 1000


class ForeignFrame(ValueError):
    """Not of this version, not of who has our key, or said again."""


class Frame(NamedTuple):
    """One message."""

    node: str
    kind: str
    subject: str
    payload: bytes


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

    def write(self, frame: Frame) -> bytes:
        """Return it as bytes; only the payload may hold spaces."""
        self._number += 1
        body = b"%b%b %b %b %b" % (
            _WHEN.pack(self._now(), self._number),
            *(part.encode() for part in (frame.node, frame.kind, frame.subject)),
            frame.payload,
        )
        return _VERSION + self._mac(body) + body

    def read(self, message: bytes) -> Frame:
        """Read one.

        Raises:
            ForeignFrame: it was written by somebody else, or by another version, or is not new.
        """
        body = message[_BEGIN:]
        ours = message[:1] == _VERSION and hmac.compare_digest(message[1:_BEGIN], self._mac(body))
        if not ours:
            raise ForeignFrame
        at, number = _WHEN.unpack_from(body)
        node, kind, subject, payload = body[_WHEN.size :].split(b" ", 3)
        if abs(self._now() - at) > _MOST_AGE or not self._heard_of(node).is_new(number):
            raise ForeignFrame
        return Frame(node.decode(), kind.decode(), subject.decode(), payload)

    def _heard_of(self, node: bytes) -> "Heard":
        heard = self._heard.setdefault(node, Heard())
        self._heard.move_to_end(node)
        if len(self._heard) > _MOST_NODES:
            self._heard.popitem(last=False)
        return heard

    @staticmethod
    def says_to_be_of(node: bytes, message: bytes) -> bool:
        """Tell whether a process wrote a message, by its own word."""
        return message.startswith(node + b" ", _BODY)

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
