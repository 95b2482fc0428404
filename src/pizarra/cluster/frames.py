"""What goes over a bus that others might share: one message, signed with the key that all who serve a database have.

A version byte, sixteen bytes that show who wrote it, then the process, the kind, the subject and the payload.
"""

import hashlib
import hmac
from typing import NamedTuple

from pizarra.kit.tokens import TokenSigner

_VERSION = b"\x01"
_MAC_BYTES = 16
_BEGIN = 1 + _MAC_BYTES


class ForeignFrame(ValueError):
    """Not of this version, or not of who has our key."""


class Frame(NamedTuple):
    """One message."""

    node: str
    kind: str
    subject: str
    payload: bytes


class Frames:
    """Writes and reads them."""

    def __init__(self, signer: TokenSigner) -> None:
        self._key = signer.sign("bus", "").encode()[:64]

    def write(self, frame: Frame) -> bytes:
        """Return it as bytes; only the payload may hold spaces."""
        body = b"%b %b %b %b" % (
            *(part.encode() for part in (frame.node, frame.kind, frame.subject)),
            frame.payload,
        )
        return _VERSION + self._mac(body) + body

    def read(self, message: bytes) -> Frame:
        """Read one.

        Raises:
            ForeignFrame: it was written by somebody else, or by another version.
        """
        body = message[_BEGIN:]
        ours = message[:1] == _VERSION and hmac.compare_digest(message[1:_BEGIN], self._mac(body))
        if not ours:
            raise ForeignFrame
        node, kind, subject, payload = body.split(b" ", 3)
        return Frame(node.decode(), kind.decode(), subject.decode(), payload)

    @staticmethod
    def says_to_be_of(node: bytes, message: bytes) -> bool:
        """Tell whether a process wrote a message, by its own word."""
        return message.startswith(node + b" ", _BEGIN)

    def _mac(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._key, digest_size=_MAC_BYTES).digest()
