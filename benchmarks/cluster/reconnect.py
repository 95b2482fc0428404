"""How soon everybody is back whose web process was killed: asked are 2,000 sockets within 5 s.

    PYTHONPATH=. .venv/bin/python benchmarks/cluster/reconnect.py [--sockets 2000] [--rounds 3]

Two web processes behind one port, on PostgreSQL. Nearly all sockets are in one of them, twenty to a room; it is killed,
they come back to the other after a pause of up to a second, as the page does, and each asks for its document. The load
runs on the same machine, so what is told is an upper bound.
"""

import argparse
import asyncio
import json
import os
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from benchmarks.cluster.crowd import Person, create_at, gather, large_server
from benchmarks.figures import keep, spread
from tests.harness.ports import wait_until
from tests.harness.postgres import postgres
from tests.harness.prefork import counted, processes, wait_until_all_serve
from tests.harness.server import ServerProcess

ROOM = 20
_LONGEST_SECONDS = 120
_LAG = "pizarra_event_loop_lag_seconds_{}"
_LOST_SECONDS = 1.0  # within which everybody knows: the kernel says so at once


@dataclass(frozen=True, slots=True)
class Lag:
    """How late the event loop of a process was, at so many looks, in all."""

    count: float
    seconds: float

    def __sub__(self, before: "Lag") -> "Lag":
        return Lag(self.count - before.count, self.seconds - before.seconds)


def lag_of(server: ServerProcess, process: int) -> Lag:
    """Return how late the event loop of a process was so far."""
    found: list[float] = []

    def is_told() -> bool:  # one that is busy may miss a question
        told = [counted(server, _LAG.format(each)).get(process) for each in ("count", "sum")]
        found[:] = [each for each in told if each is not None]
        return len(found) == len(told)

    wait_until(is_told, "the lag of a process")
    return Lag(*found)


async def one_round(server: ServerProcess, people: list[Person], victim: int) -> dict[str, Any]:
    """Kill a process; return how long its people were away."""
    holds = sum(counted(server, "pizarra_event_loop_holds_total", 'process="web"').values())
    (survivor,) = {*processes(server)} - {victim}
    before = lag_of(server, survivor)
    killed_at = time.monotonic()
    os.kill(processes(server)[victim], signal.SIGKILL)
    async with asyncio.timeout(_LONGEST_SECONDS):
        await asyncio.sleep(_LOST_SECONDS)
        lost = [each for each in people if (each.lost_at or 0) > killed_at]
        await asyncio.gather(*(each.here.wait() for each in lost))
    lag = lag_of(server, survivor) - before
    away = sorted((each.back_at or 0) - killed_at for each in lost)
    wait_until_all_serve(server)
    after = sum(counted(server, "pizarra_event_loop_holds_total", 'process="web"').values())
    return {
        "sockets": len(lost),
        "half": away[len(away) // 2],
        "all": away[-1],
        "lag ms": 1000 * lag.seconds / lag.count,
        "holds of the loop for 50 ms": max(0.0, after - holds),
    }


async def measure(server: ServerProcess, sockets: int, rounds: int) -> list[dict[str, Any]]:
    """Have everybody come to the first process, kill it, and so again with others.

    Where somebody comes back while a process is gone, they stay: so each round has people of its own.
    """
    with httpx2.Client() as client:
        sessions = [create_at(server, client, 1) for _ in range(sockets // ROOM)]
    found = []
    for _ in range(rounds):
        people = [
            Person(f"{server.ws_url}/{each['room_id']}") for each in sessions for _ in range(ROOM)
        ]
        await gather(people)
        there = counted(server, "pizarra_websocket_connections")
        found.append(await one_round(server, people, max(there, key=lambda each: there[each])))
        print(found[-1], flush=True)
        for person in people:
            person.leave()
        while sum(counted(server, "pizarra_websocket_connections").values()):
            await asyncio.sleep(0.1)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        postgres(durable=True) as cluster,
        large_server(Path(name), cluster.create_database(), options.sockets) as server,
    ):
        found = asyncio.run(measure(server, options.sockets, options.rounds))
    figures: dict[str, Any] = {
        "sockets": options.sockets,
        **{f"{key} s": spread([each[key] for each in found]) for key in ("half", "all")},
        "lag ms": spread([each["lag ms"] for each in found]),
        "holds for 50 ms": sum(each["holds of the loop for 50 ms"] for each in found),
    }
    print(json.dumps(figures, indent=1))
    print(
        f"\nload average {os.getloadavg()[0]:.1f}; kept in {keep('reconnect', options.rounds, figures)}: make tables"
    )


if __name__ == "__main__":
    main()
