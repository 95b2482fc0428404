"""A worker's connection from its token on: how many may have it, and how long a run waits for one that does nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.websockets import WebSocket
from tests.harness.core import FarEnd
from tests.harness.fleet import capabilities, request
from tests.harness.fresh import embed
from tests.harness.moved_time import in_moved_time

from pizarra import __version__
from pizarra.access.worker_tokens import create_worker_token
from pizarra.cluster.siblings import Siblings
from pizarra.collab.wire.close_codes import CloseCode
from pizarra.composition import build_services
from pizarra.config import Settings
from pizarra.http.metrics import Metrics
from pizarra.kit.clock import utc_now
from pizarra.migrations import migrate
from pizarra.realtime.participant_socket import AddressSlot, Refused, RoomSocket
from pizarra.realtime.worker_socket import admit_worker
from pizarra.sandbox.remote.greeting import Greeting
from pizarra.sandbox.runner.protocol import ProgramEnded
from pizarra.services import Services


class Channel(FarEnd):
    """A worker's end of its socket; `say` is what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.on_pong: Callable[[], None] = lambda: None
        self.on_trifle: Callable[[], None] = lambda: None
        self.say: Callable[[bytes], None]
        self.hang_up: Callable[[], None]

    def listen(self, on_frame: Callable[[bytes], None], on_close: Callable[[], None]) -> None:
        """Whoever reads here."""
        self.say, self.hang_up = on_frame, on_close

    def join(self, name: str) -> None:
        """Greet, and say what it can do."""
        self.say(Greeting(worker=f"{name:0>32}", version=__version__).model_dump_json().encode())
        self.say(capabilities().model_dump_json().encode())


class Door:
    """A server that workers may come to."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def token(self, name: str) -> str:
        """Make a token; return its secret."""
        async with self.services.database.write() as db:
            return (await create_worker_token(db, utc_now(), name=name))[1]

    async def come(self, secret: str) -> Channel:
        """Have a worker come with a token; return its end.

        Raises:
            Refused: it may not come in.
        """
        channel = Channel()
        socket: Any = SimpleNamespace(headers={"authorization": f"Bearer {secret}"})
        slot = AddressSlot("10.0.0.7")
        await admit_worker(
            self.services, cast("WebSocket", socket), cast("RoomSocket", channel), slot
        )
        return channel


@contextlib.asynccontextmanager
async def door_of(folder: Path, **settings: Any) -> AsyncIterator[Door]:
    """Give one, on a new database; no thread waits for the disk, whose time nobody moves."""
    embed(folder)
    wanted = Settings(data_dir=folder, runner="workers", sqlite_synchronous="normal", **settings)
    services = build_services(wanted, utc_now, Metrics(), Siblings())
    await migrate.prepare(services.database)
    try:
        yield Door(services)
    finally:
        await services.runner.stop()
        await services.database.dispose()


async def test_a_token_has_so_many_connections_and_all_of_them_so_many(tmp_path: Path) -> None:
    bounds = {"max_connections_per_worker_token": 2, "max_remote_workers": 3}
    async with door_of(tmp_path, **bounds) as door:
        one, other = await door.token("one"), await door.token("other")
        first = await door.come(one)
        await door.come(one)
        with pytest.raises(Refused, match="enough workers have this token") as refused:
            await door.come(one)
        said = (refused.value.code, refused.value.bound)
        assert said == (CloseCode.TRY_AGAIN, "max_connections_per_worker_token")
        await door.come(other)
        with pytest.raises(Refused, match="enough workers are connected") as refused:
            await door.come(other)
        assert refused.value.bound == "max_remote_workers"
        first.hang_up()
        await door.come(one)
        with pytest.raises(Refused, match="opens nothing here") as refused:
            await door.come("pzw_nobodys")
        assert refused.value.code is CloseCode.NOT_ALLOWED


def test_a_run_that_no_worker_begins_waits_so_long(tmp_path: Path) -> None:
    async def story() -> None:
        async with door_of(tmp_path, remote_queue_seconds=7) as door:
            channel = await door.come(await door.token("one"))
            channel.join("a")
            stream = door.services.runner.submit(request("r"))
            channel.say(b'{"type": "state", "run_id": "r", "status": "queued", "position": 1}')
            events = aiter(stream)
            await anext(events)
            loop = asyncio.get_running_loop()
            began = loop.time()

            async def live() -> None:
                while True:  # its connection is well all the time
                    channel.on_pong()
                    await asyncio.sleep(1)

            living = asyncio.create_task(live())
            ended = await anext(events)
            assert isinstance(ended, ProgramEnded)
            assert (ended.status, ended.detail) == (
                "sandbox_error",
                "It waited too long for a free sandbox, and was not begun. Run it again.",
            )
            assert 6.9 < loop.time() - began < 7.1
            living.cancel()

    in_moved_time(story())
