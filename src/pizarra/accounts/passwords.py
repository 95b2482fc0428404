"""Argon2id, away from the event loop, and as slow for a name that nobody has."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pizarra.answers.codes import Code
from pizarra.errors import Unavailable

_HASHER = PasswordHasher()  # Argon2id with the library's parameters, which follow RFC 9106
_AT_ONCE = 2  # each takes 64 MiB and a core


class Passwords:
    """Hashes and verifies, a few at a time."""

    def __init__(self, max_waiting: int) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._max_waiting = max_waiting
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return what is stored.

        Raises:
            Unavailable: too many wait for their turn.
        """
        async with self._turn():
            return await asyncio.to_thread(_HASHER.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is the stored one. Without a stored one the answer takes as long, and is no.

        Raises:
            Unavailable: too many wait for their turn.
        """
        async with self._turn():
            return await asyncio.to_thread(_verify, stored, password)

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= self._max_waiting:
            raise Unavailable(
                "Too many people are signing in at the moment. Try again in a few seconds.",
                bound="max_sign_ins_waiting",
                code=Code.TOO_MANY_SIGNING_IN,
            )
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


def _verify(stored: str | None, password: str) -> bool:
    nobodys = _nobodys()  # the first to ask waits for it, whoever they ask for
    try:
        _HASHER.verify(stored or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    """Return the hash of a password that cannot be typed."""
    return _HASHER.hash("\0")
