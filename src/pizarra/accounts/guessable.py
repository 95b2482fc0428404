"""Passwords that are long enough and still the first that somebody would try."""

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
_MIN_REST = 4  # characters that are no part of a row, a word or the name


def is_guessable(password: str, name: str = "") -> bool:
    """Tell whether little is left of a password without rows of keys, common words and the account's own name."""
    rest = password.casefold()
    if len(set(rest)) < _MIN_DIFFERENT or rest in (rest + rest)[1:-1]:
        return True
    own = [part for part in login_name(name).replace("@", " ").split() if part]
    for known in (*own, *_WORDS):
        rest = rest.replace(known, "")
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for size in range(len(row), 3, -1):
            for start in range(len(row) - size + 1):
                rest = rest.replace(row[start : start + size], "")
    return len(set(rest)) < _MIN_REST
