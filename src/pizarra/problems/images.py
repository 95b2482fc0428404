"""Pictures in a question's statement: they come with it and from nowhere else, and are of kinds that run nothing.

No server hands them out under an address: they travel with the statement, on the timeline, in the replay and offline.
"""

import base64
import binascii
import re
from collections.abc import Mapping

_NAME = re.compile(r"(?:\w[\w.-]{0,39}/){0,3}\w[\w.-]{0,59}\.(png|jpe?g|gif|webp)", re.ASCII)
_BEGINNINGS = {
    "png": rb"\x89PNG\r\n\x1a\n",
    "jpg": rb"\xff\xd8\xff",
    "jpeg": rb"\xff\xd8\xff",
    "gif": rb"GIF8[79]a",
    "webp": rb"RIFF.{4}WEBP",
}


class NoImage(ValueError):
    """It is none that a statement may show; the message says why."""


def check_image(name: str, content: bytes) -> None:
    """Refuse what is not what its name says.

    Raises:
        NoImage: it is not.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise NoImage("its name must end in .png, .jpg, .jpeg, .gif or .webp, in plain letters")
    if re.match(_BEGINNINGS[found[1]], content, re.DOTALL) is None:
        raise NoImage(f"is no {found[1]}")


def as_text(content: bytes) -> str:
    """Return a picture as a question keeps it: in base64."""
    return base64.b64encode(content).decode()


def read_image(name: str, text: str) -> bytes:
    """Return a picture that is kept as text.

    Raises:
        NoImage: it is none.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoImage("is no base64") from error
    check_image(name, content)
    return content


def bytes_of(images: Mapping[str, str]) -> int:
    """Return how many bytes pictures have together, or a little more."""
    return sum(len(each) for each in images.values()) * 3 // 4
