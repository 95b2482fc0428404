"""Presence (awareness): the latest state of each client, merged and relayed, never in the log.

A state is read once, when it arrives, and only to put the server's word for who speaks into it; whoever receives it
gets bytes that were encoded once.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pizarra.collab.connection import Connection, Person
from pizarra.collab.state.ownership import Claim, Ownership
from pizarra.collab.wire.codec import MalformedFrame, Reader, var_bytes, var_uint
from pizarra.collab.wire.structs import MAX_CLOCK
from pizarra.kit import strict_json

_NULL = b"null"
_MAX_TOMBSTONES = 1000
_SIGNED_BYTES = 1024  # of the server's word for who speaks, at most
_PIECE_BYTES = 4 * 1024  # of what one message tells another process
_HEAD_BYTES = 16  # of a state's numbers, at most


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class _State:
    clock: int
    json: bytes
    present: bool = True


class Presence:
    """Who is here. Only the connection that speaks for a client id can change its state."""

    def __init__(self, ownership: Ownership, state_bytes: int, most: int) -> None:
        self._ownership = ownership
        self._state_bytes = state_bytes
        self._most = most  # clients in one message: no more can be here
        self._states: dict[int, _State] = {}
        self._dirty: set[int] = set()
        # clients connected here of whose news other processes know nothing
        self._untold: set[int] = set()
        self._elsewhere: dict[int, str] = {}  # client → the process it is connected to

    def __len__(self) -> int:
        """Return how many clients are remembered, those who left among them."""
        return len(self._states)

    @property
    def has_changes(self) -> bool:
        """Whether somebody must still be told something."""
        return bool(self._dirty)

    @property
    def has_untold(self) -> bool:
        """Whether other processes must still be told something."""
        return bool(self._untold)

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
            elif known is not None and clock < known.clock + (client not in self._elsewhere):
                if not known.present:
                    stale.append(client)
                continue
            # Stock clients echo what they heard of others; impostors do it on purpose. Only news makes a claim.
            if not ours and not self._claim(connection, client):
                continue
            signed = _signed(state, connection.person)
            # `1e15` is written anew as four times as much: other processes would not read it.
            self._require_size(signed, _SIGNED_BYTES)
            self._elsewhere.pop(client, None)
            self._states[client] = _State(clock, signed, state != _NULL)
            self._dirty.add(client)
            self._untold.add(client)
        return self._encode(stale) if stale else None

    def _claim(self, connection: Connection, client: int) -> bool:
        claim = self._ownership.claim(connection, client)
        if claim is Claim.TOO_MANY_HERE:
            raise MalformedFrame("too many client ids", bound="max_clients_per_connection")
        if claim is Claim.TOO_MANY:
            raise MalformedFrame("too many client ids", bound="max_clients_per_person")
        return claim is Claim.GRANTED

    def leave(self, connection: Connection) -> None:
        """Note that a connection's clients are gone; `changes` will say so."""
        for client in connection.clients:
            state = self._states.get(client)
            if state is not None and state.present:
                self._gone(client, state)
                self._untold.add(client)
        if len(self._states) > _MAX_TOMBSTONES:
            self._states = {
                id_: state
                for id_, state in self._states.items()
                if state.present or id_ in self._dirty
            }
            self._untold &= self._states.keys()

    def _gone(self, client: int, state: _State) -> None:
        self._states[client] = _State(state.clock + 1, _NULL, present=False)
        self._dirty.add(client)

    def hear(self, node: str, payload: bytes) -> None:
        """Take in what another process says of those who are connected there; it has put its own word into it.

        Raises:
            MalformedFrame: the message is not one that `own_states` writes.
        """
        for client, clock, state in self._read(payload, slack=_SIGNED_BYTES):
            known = self._states.get(client)
            if known is not None and clock <= known.clock:
                continue
            if self._ownership.speaker(client) is not None:
                continue  # they have come here since
            self._states[client] = _State(clock, state, state != _NULL)
            self._dirty.add(client)
            if state == _NULL:
                self._elsewhere.pop(client, None)
            else:
                self._elsewhere[client] = node

    def forget(self, node: str) -> None:
        """Those who were connected to another process are gone; `changes` will say so."""
        for client in [each for each, where in self._elsewhere.items() if where == node]:
            del self._elsewhere[client]
            self._gone(client, self._states[client])

    def own_states(self) -> list[bytes]:
        """Return the states of all clients that are connected here, in messages for other processes."""
        return self._in_pieces(
            client
            for client, state in self._states.items()
            if state.present and client not in self._elsewhere
        )

    def own_news(self) -> list[bytes]:
        """Return what changed of them since the last call."""
        untold, self._untold = self._untold, set()
        return self._in_pieces(untold) if untold else []

    def _in_pieces(self, clients: Iterable[int]) -> list[bytes]:
        pieces: list[list[int]] = [[]]
        size = 0
        for client in clients:
            size += len(self._states[client].json) + _HEAD_BYTES
            if pieces[-1] and size > _PIECE_BYTES:
                pieces.append([])
                size = len(self._states[client].json) + _HEAD_BYTES
            pieces[-1].append(client)
        return [self._encode(each) for each in pieces if each]

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

    def _read(self, payload: bytes, slack: int = 0) -> list[tuple[int, int, bytes]]:
        reader = Reader(payload)
        count = reader.var_uint()
        if count > self._most:
            raise MalformedFrame(
                f"the presence of more than {self._most:,} clients",
                bound="max_connections_per_room",
            )
        entries = []
        named: set[int] = set()
        for _ in range(count):
            client = reader.var_uint()
            if (
                client in named
            ):  # each state is news, so each would be read: a hundred for one that stays
                raise MalformedFrame("a client twice in a presence message")
            named.add(client)
            clock = reader.var_uint()
            state = reader.var_bytes()
            # One is left to say with that the client is gone: another process says that too.
            if clock >= MAX_CLOCK + bool(slack):
                raise MalformedFrame("a presence clock beyond 2^31")
            self._require_size(state, slack)
            entries.append((client, clock, state))
        if not reader.exhausted:
            raise MalformedFrame("bytes after the end of a presence message")
        return entries

    def _require_size(self, state: bytes, slack: int) -> None:
        if len(state) > self._state_bytes + slack:
            raise MalformedFrame(
                f"a presence state of more than {self._state_bytes} bytes",
                bound="max_presence_bytes",
            )

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
        fields: Any = strict_json.decode(state.decode())
    except (ValueError, RecursionError):
        raise MalformedFrame("a presence state that is not JSON") from None
    if not isinstance(fields, dict):
        raise MalformedFrame("a presence state that is not an object")
    user = fields.get("user")
    said = user if isinstance(user, dict) else {}
    if person.named:
        identity = {"id": person.public_id, "role": person.role, "name": person.name}
    else:
        identity = {
            "id": person.public_id,
            "role": person.role,
            "name": said.get("name", person.name),
        }
    if said.items() >= identity.items():
        return state  # an honest client of ours says what is true: nothing to encode
    if not person.named and not said.keys() & identity.keys() - {"name"}:
        return (
            state  # on one's own computer whoever connects is the owner, under any name they like
        )
    fields["user"] = {**said, **identity}
    return _encode(fields).encode("utf-8", "replace")
