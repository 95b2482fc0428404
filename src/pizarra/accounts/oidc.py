"""Signing in at an OpenID Connect provider: what an application asks of one."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send a browser, and what it must bring back unchanged in a cookie."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who came back. `email` only if the provider says that it is verified."""

    subject: str
    email: str | None
    name: str


class Provider(Protocol):
    """One identity provider."""

    async def depart(self, redirect_uri: str) -> Departure:
        """Return where to send a browser.

        Raises:
            Unavailable: the provider does not answer.
        """
        ...

    async def arrive(self, redirect_uri: str, code: str, departure: Departure) -> Identity:
        """Return who a browser belongs to that came back with a code.

        Raises:
            Unauthorized: the provider or we do not accept what came back. Unavailable: the provider does not answer.
        """
        ...
