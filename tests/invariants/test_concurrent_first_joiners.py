"""Concurrent first joiners of a cold room all sync, and one load happens."""

import asyncio
import contextlib

from tests.harness.peer import connect_peer
from tests.harness.rooms import create, metric
from tests.harness.server import ServerProcess


async def test_many_first_joiners_of_a_cold_room_all_sync(shared_server: ServerProcess) -> None:
    url = f"{shared_server.ws_url}/{create(shared_server)['room_id']}"
    loads = metric(shared_server, "pizarra_room_loads_total")
    async with contextlib.AsyncExitStack() as stack:
        peers = await asyncio.gather(
            *(stack.enter_async_context(connect_peer(url)) for _ in range(60))
        )
        assert {str(peer.text) for peer in peers} == {"hello"}
    assert metric(shared_server, "pizarra_room_loads_total") == loads + 1
