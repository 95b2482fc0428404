"""Presence (awareness): the latest state of each client, relayed as the bytes its owner sent, never in the log."""

from dataclasses import dataclass

from pizarra.collab.codec import MalformedFrame, Reader, var_bytes, var_uint
from pizarra.collab.updates import MAX_CLOCK

_NULL = b"null"
_MAX_TOMBSTONES = 1000


@dataclass(slots=True)
class _State:
    clock: int
    json: bytes
    owner: int | None  # connection id; None once its owner has left
    person: int


@dataclass(frozen=True, slots=True)
class PresenceLimits:
    """Bounds per connection."""

    state_bytes: int
    clients: int


class Presence:
    """Who is here. A client id belongs to the connection that used it first; nobody else can speak for it."""

    def __init__(self, limits: PresenceLimits) -> None:
        self._limits = limits
        self._states: dict[int, _State] = {}
        self._dirty: set[int] = set()

    def receive(self, connection: int, person: int, payload: bytes) -> bytes | None:
        """Take in a presence message of `person`, who may take a client id over from an older connection of theirs.

        Returns:
            A presence payload for the sender alone when its clock lags behind what others know, else None. It makes
            a stock client raise its clock and announce itself again.

        Raises:
            MalformedFrame: the message is not one that y-protocols writes, or exceeds a limit.
        """
        stale = []
        for client, clock, state in self._read(payload):
            known = self._states.get(client)
            if known is not None and known.owner not in (None, connection) and known.person != person:
                continue  # stock clients echo what they heard of others; impostors do it on purpose
            if known is not None and known.owner is None and clock <= known.clock and state != _NULL:
                stale.append(client)
                self._claim(connection, person, client, known.clock, _NULL)
                continue
            if known is not None and not (
                clock > known.clock or (clock == known.clock and state == _NULL and known.json != _NULL)
            ):
                continue
            if known is None and state == _NULL:
                continue
            self._claim(connection, person, client, clock, state)
            self._dirty.add(client)
        return self._encode(stale) if stale else None

    def leave(self, connection: int) -> bytes | None:
        """Forget a connection's clients; return the announcement of their removal, if there were any."""
        gone = [client for client, state in self._states.items() if state.owner == connection]
        for client in gone:
            state = self._states[client]
            self._states[client] = _State(state.clock + 1, _NULL, None, state.person)
            self._dirty.discard(client)
        if len(self._states) > _MAX_TOMBSTONES:
            self._states = {client: state for client, state in self._states.items() if state.owner is not None}
        return self._encode(gone) if gone else None

    def changes(self) -> bytes | None:
        """Return what changed since the last call, merged, or None."""
        if not self._dirty:
            return None
        payload = self._encode(sorted(self._dirty))
        self._dirty.clear()
        return payload

    def everybody(self) -> bytes | None:
        """Return all present states, or None when nobody is here."""
        present = [client for client, state in self._states.items() if state.json != _NULL]
        return self._encode(present) if present else None

    def _claim(self, connection: int, person: int, client: int, clock: int, state: bytes) -> None:
        if client not in self._states or self._states[client].owner is None:
            owned = sum(1 for other in self._states.values() if other.owner == connection)
            if owned >= self._limits.clients:
                raise MalformedFrame("too many presence clients on one connection")
        self._states[client] = _State(clock, state, connection, person)

    def _read(self, payload: bytes) -> list[tuple[int, int, bytes]]:
        reader = Reader(payload)
        count = reader.var_uint()
        if count > len(payload):
            raise MalformedFrame("a count larger than the message")
        entries = []
        for _ in range(count):
            client = reader.var_uint()
            clock = reader.var_uint()
            state = reader.var_string().encode()
            if clock > MAX_CLOCK:
                raise MalformedFrame("a presence clock beyond 2^31")
            if len(state) > self._limits.state_bytes:
                raise MalformedFrame(f"a presence state of more than {self._limits.state_bytes} bytes")
            entries.append((client, clock, state))
        if not reader.exhausted:
            raise MalformedFrame("bytes after the end of a presence message")
        return entries

    def _encode(self, clients: list[int]) -> bytes:
        parts = [var_uint(len(clients))]
        for client in clients:
            state = self._states[client]
            parts += (var_uint(client), var_uint(state.clock), var_bytes(state.json))
        return b"".join(parts)
