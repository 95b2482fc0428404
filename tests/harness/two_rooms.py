"""One room with Ann in one process and Bob in another, and what they were told."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from pizarra.collab.wire.codec import MessageType, Reader
from tests.harness.peer import Peer, connect_peer
from tests.harness.rooms import create, join, url_of
from tests.harness.server import ServerProcess

TwoServers = tuple[ServerProcess, ServerProcess]


class Room:
    """Ann, an interviewer, in one process and Bob, the candidate, in the other."""

    def __init__(self, servers: TwoServers, session: dict[str, Any], ann: Peer, bob: Peer) -> None:
        self.session = session
        self.path = f"/api/sessions/{session['session_id']}"
        self.here, self.there = servers
        self.ann = ann
        self.bob = bob

    async def both_hear(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until both were told a kind of message so often; return what Bob was told."""
        for peer in (self.ann, self.bob):
            await peer.wait_for(lambda it=peer: len(it.controls_of(kind)) >= count, 10)  # type: ignore[misc]
        return self.bob.controls_of(kind)


@contextlib.asynccontextmanager
async def two_in(servers: TwoServers, code: str = "print('hi')\n") -> AsyncIterator[Room]:
    """Give a room with both of them in it, who know of each other."""
    here, there = servers
    session = create(here, code)
    tokens = join(here, session, "interviewer", "Ann"), join(here, session, name="Bob")
    async with (
        connect_peer(url_of(here, session), control=True, token=tokens[0]) as ann,
        connect_peer(url_of(there, session), control=True, token=tokens[1]) as bob,
    ):
        for peer in (ann, bob):
            await peer.wait_for(lambda it=peer: names(it) == {"Ann", "Bob"}, 10)  # type: ignore[misc]
        yield Room(servers, session, ann, bob)


def names(peer: Peer) -> set[str]:
    """Return who is here, as somebody was told last."""
    told = [each for each in peer.controls if each["type"] in ("welcome", "roster")]
    return {person["name"] for person in told[-1]["people"]} if told else set()


def cursors(peer: Peer) -> dict[int, bytes]:
    """Return what others say of themselves, as somebody was told last."""
    found = {}
    for message in peer.messages:
        if message.type is MessageType.AWARENESS:
            reader = Reader(message.payload)
            for _ in range(reader.var_uint()):
                client, _, state = reader.var_uint(), reader.var_uint(), reader.var_bytes()
                found[client] = state
    return found


def printed(peer: Peer) -> str:
    """Return what a program printed, as somebody was shown it."""
    return "".join(each["chunk"]["text"] for each in peer.controls_of("run.output"))
