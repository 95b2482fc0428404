"""Unguessable public identifiers."""

import re
import secrets

_PUBLIC_ID = re.compile(r"[0-9a-f]{32}")


def new_public_id() -> str:
    """Return 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


def is_public_id(text: str) -> bool:
    """Tell whether `text` has the shape of a public id; anything else never reaches the database."""
    return _PUBLIC_ID.fullmatch(text) is not None
