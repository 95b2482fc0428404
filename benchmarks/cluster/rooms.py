"""What open rooms cost two web processes: asked are 5,000 of them.

    PYTHONPATH=. .venv/bin/python benchmarks/cluster/rooms.py [--rooms 5000] [--settle 75] [--seconds 10]

Each room has one socket, which stays open and is silent. Told are memory and processor time of the web processes
before and with the rooms, how the rooms are shared out, and how long a read of a session takes meanwhile; first right
after they were opened, while what was written is sealed and packed, then once they have settled.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.cluster.crowd import Person, create_at, gather, large_server
from tests.harness.postgres import postgres
from tests.harness.prefork import counted
from tests.harness.server import ServerProcess


def memory_and_time(server: ServerProcess) -> tuple[float, float]:
    """Return the bytes of both web processes, and the seconds of processor that they took so far."""
    memory = counted(server, "process_resident_memory_bytes")
    spent = counted(server, "process_cpu_seconds_total")
    return sum(memory.values()), sum(spent.values())


async def read_on(server: ServerProcess, paths: Sequence[str], seconds: float) -> dict[str, float]:
    """Read sessions for a while; return what the server took meanwhile, and how long a read does."""
    _, before = memory_and_time(server)
    begun = time.monotonic()
    reads: list[float] = []
    async with httpx2.AsyncClient() as reader:
        while time.monotonic() - begun < seconds:
            asked = time.monotonic()
            path = paths[len(reads) % len(paths)]
            (await reader.get(f"{server.url}{path}")).raise_for_status()
            reads.append((time.monotonic() - asked) * 1000)
            await asyncio.sleep(0.05)
    _, after = memory_and_time(server)
    return {
        "cores": round((after - before) / (time.monotonic() - begun), 3),
        "read of a session ms, median": round(statistics.median(reads), 2),
    }


async def measure(
    server: ServerProcess, rooms: int, settle: float, seconds: float
) -> dict[str, Any]:
    """Open the rooms, wait, and read."""
    with httpx2.Client() as client:
        sessions = [create_at(server, client, None) for _ in range(rooms)]
    before, _ = memory_and_time(server)
    begun = time.monotonic()
    people = [Person(f"{server.ws_url}/{each['room_id']}") for each in sessions]
    await gather(people)
    opened = time.monotonic() - begun
    with_rooms, _ = memory_and_time(server)
    shares = counted(server, "pizarra_rooms")
    paths = [f"/api/sessions/{each['session_id']}" for each in sessions]
    at_first = await read_on(server, paths, seconds)
    await asyncio.sleep(settle)
    settled = await read_on(server, paths, seconds)
    return {
        "rooms": rooms,
        "rooms in each process": list(shares.values()),
        "sockets lost": sum(each.losses for each in people),
        "rooms opened a second": round(rooms / opened, 1),
        "memory of a room KiB": round((with_rooms - before) / rooms / 1024, 1),
        "at first": at_first,
        "settled": settled,
        "load average": os.getloadavg()[0],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rooms", type=int, default=5000)
    parser.add_argument("--settle", type=float, default=75)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        postgres() as cluster,
        large_server(Path(name), cluster.create_database(), options.rooms) as server,
    ):
        figures = asyncio.run(measure(server, options.rooms, options.settle, options.seconds))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
