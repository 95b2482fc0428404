"""Convergence: quiescent clients, the server's document, a fresh load and a replay of the whole log are one text."""

import asyncio
import base64
import random
from typing import Any

from pycrdt import Doc, Text
from tests.harness.peer import Peer, connect_peer
from tests.harness.rooms import create, edits_of, text_of, url_of
from tests.harness.server import ServerProcess

from pizarra.collab.wire.updates import read_state_vector

EDITS = 60


async def write_at_random(peer: Peer, seed: int) -> None:
    choose = random.Random(seed)
    number = 0
    for _ in range(EDITS):
        length = len(str(peer.text))
        if length > 20 and choose.random() < 0.3:
            start = choose.randrange(length - 3)
            number = await peer.edit(lambda text, at=start: text.__delitem__(slice(at, at + 3)))  # type: ignore[misc]
        else:
            number = await peer.insert(
                choose.randrange(length + 1), choose.choice(["a", "bc\n", "def "])
            )
        if choose.random() < 0.2:
            await asyncio.sleep(0)
    await peer.wait_acknowledged(number)


async def test_everybody_ends_with_the_same_text(shared_server: ServerProcess) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    session = create(shared_server, "# start\n")
    url = url_of(shared_server, session)
    async with connect_peer(url) as a, connect_peer(url) as b, connect_peer(url) as c:
        await asyncio.gather(
            *(write_at_random(peer, seed + index) for index, peer in enumerate((a, b, c)))
        )
        async with connect_peer(url) as fresh:
            text, state = str(fresh.text), read_state_vector(fresh.doc.get_state())
            for peer in (a, b, c):
                await peer.wait_text(text)
                assert read_state_vector(peer.doc.get_state()) == state
    assert text_of(shared_server, session) == text
    replayed: Doc[Any] = Doc()
    for entry in edits_of(shared_server, session):
        replayed.apply_update(base64.b64decode(entry["data"]["update"]))
    assert str(replayed.get("file:main.py", type=Text)) == text
    assert read_state_vector(replayed.get_state()) == state
