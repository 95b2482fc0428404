"""Text as every database and every peer can store it."""


def storable(text: str) -> str:
    """Replace what UTF-8 or PostgreSQL cannot hold: lone surrogates become U+FFFD, NUL becomes its symbol."""
    return text.encode("utf-8", errors="replace").decode("utf-8").replace("\0", "\u2400")


def is_storable(text: str) -> bool:
    """Tell whether `text` has no NUL and no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def with_lf(text: str) -> str:
    """Return `text` with every line end as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
