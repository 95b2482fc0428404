"""Which of several processes has a session: for speed alone, since each may serve any.

A session and its room begin with the same sixteen digits, so that its requests and its sockets go to one place.
Those made before that was so may be apart, which only costs more.
"""

import hashlib
import re
from collections.abc import Sequence

from pizarra.kit.ids import new_public_id

PLACE_DIGITS = 16
# Enough of a request to tell: the longest method, the longest of the paths, the digits.
HEAD_BYTES = 64
_NAMED = re.compile(rb"[A-Z]{3,7} /(?:ws|api/sessions)/([0-9a-f]{16})")


def new_room_id(session_id: str) -> str:
    """Return an id for the room of a session: at the session's place, and with 64 bits of its own."""
    return session_id[:PLACE_DIGITS] + new_public_id()[PLACE_DIGITS:]


def place_of(head: bytes) -> bytes | None:
    """Return the place that a request is about, by how it begins; None when it names no session."""
    named = _NAMED.match(head)
    return named[1] if named is not None else None


def nearest(place: bytes, among: Sequence[int]) -> int:
    """Return the number that has a place: when one of them goes, only what it had goes elsewhere."""
    return max(among, key=lambda number: _weight(place, number))


def _weight(place: bytes, number: int) -> bytes:
    return hashlib.blake2b(place, digest_size=8, key=number.to_bytes(2)).digest()
