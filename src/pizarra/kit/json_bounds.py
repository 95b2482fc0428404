"""How much JSON a stranger may send, looked at before it is decoded: each of its pieces costs more than a byte."""

import re
from typing import NamedTuple

# A string is one piece, whatever is in it; possessive, so that no byte is looked at twice.
_PIECE = re.compile(rb'"[^"]*+"?|[\[\]{},:]')
_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")


class TooIntricate(ValueError):
    """More than the bounds allow; the message says what, and `bound` which setting."""

    def __init__(self, message: str, bound: str) -> None:
        super().__init__(message)
        self.bound = bound


class JsonBounds(NamedTuple):
    """What one body or message may hold. Named in `Settings`."""

    pieces: int
    depth: int

    def check(self, data: bytes) -> None:
        """Count no further than the bounds.

        Raises:
            TooIntricate: there are more pieces, or they are nested more deeply.
        """
        # A pattern that steps over escapes takes ten times as long where there are many. Without those of backslashes
        # no backslash but one that escapes stands before a quote.
        data = data.replace(rb"\\", b"").replace(rb"\"", b"")
        depth = 0
        for count, piece in enumerate(_PIECE.finditer(data), 1):
            if count > self.pieces:
                raise TooIntricate(
                    f"The JSON may have {self.pieces:,} names, values, brackets and commas at most.",
                    "max_json_pieces",
                )
            first = data[piece.start()]
            if first in _OPENING:
                depth += 1
                if depth > self.depth:
                    raise TooIntricate(
                        f"The JSON may be nested {self.depth} levels deep at most.",
                        "max_json_depth",
                    )
            elif first in _CLOSING:
                depth -= 1
