"""Counts the sockets of each address, so that one machine cannot take all of them."""

from collections import Counter


class TooManyConnections(Exception):
    """An address has as many sockets as it may have."""


class AddressLimit:
    """Lets sockets in and out."""

    def __init__(self, per_address: int) -> None:
        self._per_address = per_address
        self._open: Counter[str] = Counter()

    def enter(self, address: str) -> None:
        """Count a socket from `address`.

        Raises:
            TooManyConnections: there are enough.
        """
        if self._open[address] >= self._per_address:
            raise TooManyConnections(f"too many connections from one address ({self._per_address})")
        self._open[address] += 1

    def leave(self, address: str) -> None:
        """Count one less."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]
