"""The bus on PostgreSQL's notifications: long messages arrive whole, and too long ones not at all."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from pizarra.cluster.nodes import Nodes
from pizarra.cluster.postgres_bus import PostgresBus
from pizarra.config import Settings
from pizarra.database import connect

_LONG = "ñ€𝄞x" * 10_000


@contextlib.asynccontextmanager
async def listening(url: str, counts: Counter[str]) -> AsyncIterator[PostgresBus]:
    """Give a bus that is open."""
    database = connect(Settings(database_url=url))
    bus = PostgresBus(
        database, Nodes(database, "key", 15), 2**20, 2**21, lambda it: counts.update([it])
    )
    opened = asyncio.Event()
    bus.on_open = opened.set
    work = asyncio.create_task(bus.work())
    await asyncio.wait_for(opened.wait(), 20)
    yield bus
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await database.dispose()


async def test_a_long_message_arrives_whole(postgres_url: str) -> None:
    counts: Counter[str] = Counter()
    heard: list[tuple[str, str, bytes]] = []
    done = asyncio.Event()

    def hear(_node: str, kind: str, subject: str, payload: bytes) -> None:
        heard.append((kind, subject, payload))
        if kind == "bye":
            done.set()

    async with listening(postgres_url, counts) as here, listening(postgres_url, counts) as there:
        there.on_message = hear
        said = [("tell", "room", _LONG.encode()), ("presence", "room", bytes(range(256)) * 20)]
        for kind, subject, payload in said:
            here.publish(kind, subject, payload)
        here.publish("tell", "room", b"x" * 2**21)
        here.publish("bye", "room")
        await asyncio.wait_for(done.wait(), 20)
        assert heard == [*said, ("bye", "room", b"")]
    assert counts["dropped"] > 0
