"""Text as every database and every peer can store it."""

import re
import unicodedata

_ERRNO = re.compile(r"\[Errno -?\d+\] ")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Replace what UTF-8 or PostgreSQL cannot hold: lone surrogates become U+FFFD, NUL becomes its symbol."""
    return text.encode("utf-8", errors="replace").decode("utf-8").replace("\0", "\u2400")


def why(error: BaseException) -> str:
    """Return what an exception says, without the number that the system has for it."""
    return _ERRNO.sub("", str(error))


def is_storable(text: str) -> bool:
    """Tell whether `text` has no NUL and no lone surrogate."""
    return _UNSTORABLE.search(text) is None


# Letters and symbols that are blank, and marks that nobody sees: CGJ, Khmer vowels, Mongolian and variation selectors
# (but the one that makes an emoji of a symbol).
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)
_JOINERS = "\u200c\u200d"  # between letters, as Persian has them, and between emoji


def visible(text: str) -> str:
    """Return `text` without what nobody sees, one space between words; nothing when that leaves nothing to see.

    Else one name could look like another's.
    """
    seen = "".join(
        each
        for each in _BLANK.sub("", text)
        if each in _JOINERS
        or each.isspace()
        or unicodedata.category(each) not in ("Cf", "Cc", "Cs")
    )
    # What this Python does not know may be a newer emoji.
    shown = any(
        unicodedata.category(each)[0] in "LNPS" or unicodedata.category(each) in ("Cn", "Co")
        for each in seen
    )
    return " ".join(seen.split()) if shown else ""


def with_lf(text: str) -> str:
    """Return `text` with every line end as LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


# What a terminal obeys or a reader takes for a new line, and what turns the order of letters round.
_UNPRINTABLE = re.compile(
    "[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def in_one_line(text: str) -> str:
    """Return `text` as it may be shown in a terminal or a log: what is not for the eye is written out, as `\\x1b`."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def counted(number: int, one: str, more: str = "") -> str:
    """Return a number with what it counts: "1 session", "1,200 sessions"."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def abridged(text: str, most: int) -> str:
    """Return `text`, without its middle where it has more than `most` characters."""
    half = most // 2
    return (
        text
        if len(text) <= most
        else f"{text[:half]} … {len(text) - 2 * half:,} more … {text[-half:]}"
    )
