"""Text as every database and every peer can store it."""

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Replace what UTF-8 or PostgreSQL cannot hold: lone surrogates become U+FFFD, NUL becomes its symbol."""
    return text.encode("utf-8", errors="replace").decode("utf-8").replace("\0", "\u2400")


def is_storable(text: str) -> bool:
    """Tell whether `text` has no NUL and no lone surrogate."""
    return _UNSTORABLE.search(text) is None


def with_lf(text: str) -> str:
    """Return `text` with every line end as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
