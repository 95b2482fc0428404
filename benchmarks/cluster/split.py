"""What it costs when the people of a room are in two processes instead of one, with each bus and with none.

    PYTHONPATH=. .venv/bin/python benchmarks/cluster/split.py [--rounds 3] [--seconds 10]

Two servers on one PostgreSQL that waits for the disk; rooms with four people, two of whom type twelve times a second
and move their cursors. Sticky: a room's people are in one process, half of the rooms in each. Split: two here, two
there. Everybody types at moments of their own, as people do; *in step* all of them press at once, so that two edits of
one room share a commit where their authors are in one process, and never where they are not. Compared is the processor
time of both servers, and of all of PostgreSQL's processes, for each edit; within one round all are measured one after
the other on the same servers. The ratios are what counts: the machine may be busy.
"""

import argparse
import asyncio
import contextlib
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import httpx2
import websockets
from benchmarks.figures import keep, ratios, spread
from benchmarks.realtime.clients import Typing
from tests.harness.pair import pair
from tests.harness.ports import wait_until
from tests.harness.postgres import Postgres, postgres
from tests.harness.program import clean_environment
from tests.harness.redis import redis
from tests.harness.rooms import metric
from tests.harness.server import ServerProcess
from websockets.asyncio.client import ClientConnection, connect

from pizarra.collab.wire.codec import SyncStep, awareness_frame, sync_frame, var_bytes, var_uint

ROOMS, PEOPLE, WRITERS = 6, 4, 2
EDITS_PER_SECOND = 12
_MANNERS = {"": False, "_in_step": True}  # of typing: whether all press at once
_TICKS = os.sysconf("SC_CLK_TCK")
Servers = tuple[ServerProcess, ServerProcess]


def processor_seconds(pids: Sequence[int]) -> float:
    """Return what processes took so far."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def family(cluster: Postgres) -> list[int]:
    """Return PostgreSQL's processes."""
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text().split()
    return [cluster.pid, *map(int, children)]


async def listen(socket: ClientConnection) -> None:
    """Read whatever comes."""
    with contextlib.suppress(websockets.ConnectionClosed):
        async for _ in socket:
            pass


async def type_on(socket: ClientConnection, typing: Typing, seconds: float, late: float) -> int:
    """Type, and move the cursor, from `late` seconds on; return how many edits that was."""
    sent, loop = 0, asyncio.get_running_loop()
    begun = loop.time() + late
    for number, update in enumerate(typing.updates):
        if (wait := begun + number / EDITS_PER_SECOND - loop.time()) > 0:
            await asyncio.sleep(wait)
        if loop.time() - begun > seconds:
            break
        await socket.send(sync_frame(SyncStep.UPDATE, update))
        state = var_bytes(b'{"cursor":{"anchor":%d}}' % number)
        cursor = var_uint(1) + var_uint(typing.client) + var_uint(number + 1) + state
        await socket.send(awareness_frame(cursor))
        sent += 1
    return sent


async def measure(
    servers: Servers, cluster: Postgres, seconds: float, *, split: bool, in_step: bool
) -> Any:
    """Have people type; return the µs of processor time that servers and database took for an edit."""
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as listeners:
        writers: list[ClientConnection] = []
        tasks: list[asyncio.Task[None]] = []
        for room in range(ROOMS):
            home = servers[room % 2]
            made = httpx2.post(f"{home.url}/api/sessions", json={"initial_code": ""}).json()
            for person in range(PEOPLE):
                at = servers[(room + person) % 2] if split else home
                url = f"{at.ws_url}/{made['room_id']}"
                socket = await stack.enter_async_context(connect(url, max_size=None))
                tasks.append(listeners.create_task(listen(socket)))
                writers += [socket] * (person < WRITERS)
        count = int(seconds * EDITS_PER_SECOND) + 5
        typed = [Typing.compose(1000 + number, count) for number in range(len(writers))]
        await asyncio.sleep(1)  # for what opening sockets costs
        pids = [server.pid for server in servers]
        before = processor_seconds(pids), processor_seconds(family(cluster))
        apart = 0.0 if in_step else 1 / EDITS_PER_SECOND / len(writers)
        order = random.Random(7).sample(range(len(writers)), len(writers))
        work = [
            type_on(writer, typing, seconds, place * apart)
            for writer, typing, place in zip(writers, typed, order, strict=True)
        ]
        edits = sum(await asyncio.gather(*work))
        await asyncio.sleep(0.5)
        after = processor_seconds(pids), processor_seconds(family(cluster))
        for task in tasks:
            task.cancel()
    return [(now - then) / edits * 1e6 for now, then in zip(after, before, strict=True)]


@contextlib.contextmanager
def serving(cluster: Postgres, folder: Path, **settings: Any) -> Iterator[Servers]:
    """Give two servers that know of each other."""
    socket = folder / "no-runner"  # nothing is run here
    calm = {"node_beat_seconds": 2, "follow_seconds": 5, "log_level": "warning"}
    with (
        cluster.lend() as url,
        pair(folder, url, socket, **{**calm, **settings}) as both,
    ):
        for server in both:
            wait_until(lambda it=server: metric(it, "pizarra_bus_connected") == 1, "the bus")  # type: ignore[misc]
        yield both


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    chosen = parser.parse_args()
    os.environ.update(clean_environment())
    found: dict[str, list[list[float]]] = {}
    with postgres(durable=True) as cluster, redis() as bus:
        for bus_name, settings in (("postgresql", {}), ("redis", {"redis_url": bus.url})):
            with (
                tempfile.TemporaryDirectory() as folder,
                serving(cluster, Path(folder), **settings) as both,
            ):
                for _, (manner, in_step), layout in product(
                    range(chosen.rounds), _MANNERS.items(), ("sticky", "split")
                ):
                    took = asyncio.run(
                        measure(
                            both,
                            cluster,
                            chosen.seconds,
                            split=layout == "split",
                            in_step=in_step,
                        )
                    )
                    found.setdefault(f"{bus_name}{manner} {layout}", []).append(took)
                    print(
                        f"{bus_name}{manner} {layout}: servers {took[0]:.0f}, database {took[1]:.0f} µs"
                    )
    figures: dict[str, Any] = {}
    for bus_name, manner in product(("postgresql", "redis"), _MANNERS):
        name = f"{bus_name}{manner}"
        for place, what in enumerate(("server", "database")):
            split, sticky = (
                [took[place] for took in found[f"{name} {layout}"]]
                for layout in ("split", "sticky")
            )
            figures[f"{name}_{what}_split_to_sticky"] = ratios(split, sticky)
            figures[f"{name}_{what}_us_per_edit_sticky"] = spread(sticky)
            figures[f"{name}_{what}_us_per_edit_split"] = spread(split)
    print(keep("cluster", chosen.rounds, figures))


if __name__ == "__main__":
    main()
