"""Passwords that are long enough and still the first that somebody would try.

NIST SP 800-63B, 3.1.1.2: new passwords are compared with common ones and with what belongs to the service and to the
account, its name and what is made of that.
"""

import re

from pizarra.accounts.service import login_name

_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
)
_WORDS = (
    "password",
    "passwort",
    "contraseña",
    "contrasena",
    "letmein",
    "welcome",
    "iloveyou",
    "pizarra",
    "admin",
)
_MIN_DIFFERENT = 5  # characters
_MIN_REST = 4  # characters that are no part of a row, a word or a name
_MIN_BESIDE_NAME = 8  # characters beside what everybody knows of the account: the least that NIST has of any password
_MIN_NAME = 3  # characters of a name that tell whose it is; a shorter one is in many words


def is_guessable(password: str, *names: str) -> bool:
    """Tell whether little is left of a password without rows of keys, common words and the account's own `names`."""
    rest = password.casefold()
    if len(set(rest)) < _MIN_DIFFERENT or rest in (rest + rest)[1:-1]:
        return True
    for known in _own(names):
        rest = rest.replace(known, "")
    if len(rest) < min(_MIN_BESIDE_NAME, len(password)):
        return True
    for known in _WORDS:
        rest = rest.replace(known, "")
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for size in range(len(row), 3, -1):
            for start in range(len(row) - size + 1):
                rest = rest.replace(row[start : start + size], "")
    return len(set(rest)) < _MIN_REST


def _own(names: tuple[str, ...]) -> list[str]:
    """Return names and what they are made of (`ana@example.org`: `example.org`, `ana`, …), the longest first."""
    whole = [login_name(name) for name in names]
    parts = {
        part for name in whole for part in (name, *name.split("@"), *re.split(r"[\W_]+", name))
    }
    return sorted((part for part in parts if len(part) >= _MIN_NAME), key=len, reverse=True)
