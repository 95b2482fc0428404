"""Presence (awareness): the latest state of each client, merged and relayed, never in the log.

A state is read once, when it arrives, and only to put the server's word for who speaks into it; whoever receives it
gets bytes that were encoded once.
"""

import json
from dataclasses import dataclass
from typing import Any

from pizarra.collab.codec import MalformedFrame, Reader, var_bytes, var_uint
from pizarra.collab.connection import Connection, Person
from pizarra.collab.ownership import Claim, Ownership
from pizarra.collab.updates import MAX_CLOCK

_NULL = b"null"
_MAX_TOMBSTONES = 1000


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON: a browser would fail on the whole frame")


_decode = json.JSONDecoder(parse_constant=_refuse).decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class _State:
    clock: int
    json: bytes
    present: bool = True


class Presence:
    """Who is here. Only the connection that speaks for a client id can change its state."""

    def __init__(self, ownership: Ownership, state_bytes: int) -> None:
        self._ownership = ownership
        self._state_bytes = state_bytes
        self._states: dict[int, _State] = {}
        self._dirty: set[int] = set()

    @property
    def has_changes(self) -> bool:
        """Whether somebody must still be told something."""
        return bool(self._dirty)

    def receive(self, connection: Connection, payload: bytes) -> bytes | None:
        """Take in a presence message.

        Returns:
            A presence payload for the sender alone when its clock lags behind what others know, else None. It makes
            a stock client raise its clock and announce itself again.

        Raises:
            MalformedFrame: the message is not one that y-protocols writes, or exceeds a limit.
        """
        stale = []
        for client, clock, state in self._read(payload):
            known = self._states.get(client)
            ours = client in connection.clients
            if state == _NULL:
                if not ours or known is None or not known.present or clock < known.clock:
                    continue
            elif known is not None and clock <= known.clock:
                if not known.present:
                    stale.append(client)
                continue
            # Stock clients echo what they heard of others; impostors do it on purpose. Only news makes a claim.
            if not ours and not self._claim(connection, client):
                continue
            self._states[client] = _State(clock, _signed(state, connection.person), state != _NULL)
            self._dirty.add(client)
        return self._encode(stale) if stale else None

    def _claim(self, connection: Connection, client: int) -> bool:
        claim = self._ownership.claim(connection, client)
        if claim is Claim.TOO_MANY:
            raise MalformedFrame("too many client ids")
        return claim is Claim.GRANTED

    def leave(self, connection: Connection) -> None:
        """Note that a connection's clients are gone; `changes` will say so."""
        for client in connection.clients:
            state = self._states.get(client)
            if state is not None and state.present:
                self._states[client] = _State(state.clock + 1, _NULL, present=False)
                self._dirty.add(client)
        if len(self._states) > _MAX_TOMBSTONES:
            self._states = {id_: state for id_, state in self._states.items() if state.present or id_ in self._dirty}

    def concerns_only(self, connection: Connection) -> bool:
        """Tell whether all that changed since `changes` is what `connection` said itself."""
        return self._dirty <= connection.clients

    def changes(self) -> bytes | None:
        """Return what changed since the last call, merged, or None."""
        if not self._dirty:
            return None
        payload = self._encode(list(self._dirty))
        self._dirty.clear()
        return payload

    def everybody(self) -> bytes | None:
        """Return all present states, or None when nobody is here."""
        present = [client for client, state in self._states.items() if state.present]
        return self._encode(present) if present else None

    def _read(self, payload: bytes) -> list[tuple[int, int, bytes]]:
        reader = Reader(payload)
        count = reader.var_uint()
        if count > len(payload):
            raise MalformedFrame("a count larger than the message")
        entries = []
        for _ in range(count):
            client = reader.var_uint()
            clock = reader.var_uint()
            state = reader.var_bytes()
            if clock >= MAX_CLOCK:
                raise MalformedFrame("a presence clock beyond 2^31")
            if len(state) > self._state_bytes:
                raise MalformedFrame(f"a presence state of more than {self._state_bytes} bytes")
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


def _signed(state: bytes, person: Person) -> bytes:
    """Return a state with the server's word for who this is in its `user`."""
    if state == _NULL:
        return state
    try:
        fields: Any = _decode(state.decode())
    except (ValueError, RecursionError):
        raise MalformedFrame("a presence state that is not JSON") from None
    if not isinstance(fields, dict):
        raise MalformedFrame("a presence state that is not an object")
    user = fields.get("user")
    said = user if isinstance(user, dict) else {}
    if person.named:
        identity = {"id": person.public_id, "role": person.role, "name": person.name}
    else:
        identity = {"id": person.public_id, "role": person.role, "name": said.get("name", person.name)}
    if said.items() >= identity.items():
        return state  # an honest client of ours says what is true: nothing to encode
    if not person.named and not said.keys() & identity.keys() - {"name"}:
        return state  # on one's own computer whoever connects is the owner, under any name they like
    fields["user"] = {**said, **identity}
    return _encode(fields).encode("utf-8", "replace")
