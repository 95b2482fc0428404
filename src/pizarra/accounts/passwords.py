"""Argon2id, away from the event loop, and as slow for a name that nobody has."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()  # Argon2id with the library's parameters, which follow RFC 9106
_AT_ONCE = 2  # each takes 64 MiB and a core


class Passwords:
    """Hashes and verifies, a few at a time."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return what is stored."""
        async with self._turns:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is the stored one. Without a stored one the answer takes as long, and is no."""
        async with self._turns:
            return await asyncio.to_thread(_verify, stored, password)


def _verify(stored: str | None, password: str) -> bool:
    try:
        _HASHER.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    """Return the hash of a password that cannot be typed."""
    return _HASHER.hash("\0")
