"""Memory over rooms: open many, write in them, leave, again and again; what is let go must be given back.

    PYTHONPATH=. .venv/bin/python benchmarks/memory/soak.py [rounds] [rooms]        (default 4 rounds of 50 rooms)

Each room has a text of 40 KB and a person who types. A round ends when the server has no room in memory any more.
Prints the server's resident memory after each round, and draws it into `benchmarks/results/memory.svg`.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.harness.peer import connect_peer
from tests.harness.rooms import create, metric, resident, url_of
from tests.harness.server import ServerProcess, server_process

_AT_ONCE = 10
_CODE = "value = 1  # a line of a program\n" * 1200
_WIDTH, _HEIGHT, _EDGE = 640, 320, 48
_MB = 1_000_000
_PICTURE = Path(__file__).resolve().parents[1] / "results" / "memory.svg"


async def visit(server: ServerProcess, session: dict[str, object]) -> None:
    """Open a room, type, and leave it."""
    async with connect_peer(url_of(server, session)) as peer:
        for number in range(5):
            await peer.wait_acknowledged(await peer.insert(0, f"line {number}\n"), seconds=30)


async def soak(server: ServerProcess, rounds: int, rooms: int) -> list[int]:
    """Return the server's resident bytes before, and after each round."""
    sessions = [create(server, _CODE) for _ in range(rooms)]
    seen = [resident(server)]
    print(
        f"{'round':>6} {'rooms so far':>13} {'resident':>10}\n{0:>6} {0:>13,} {seen[0] / _MB:>7.1f} MB"
    )
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(session: dict[str, object]) -> None:
        async with turn:
            await visit(server, session)

    for number in range(1, rounds + 1):
        await asyncio.gather(*(one(session) for session in sessions))
        while metric(server, "pizarra_rooms "):
            await asyncio.sleep(0.2)
        seen.append(resident(server))
        print(f"{number:>6} {number * rooms:>13,} {seen[-1] / _MB:>7.1f} MB", flush=True)
    return seen


def draw(seen: Sequence[int], rooms: int) -> str:
    """Return the curve as SVG."""
    top = max(seen) * 1.1
    width, height = _WIDTH - 2 * _EDGE, _HEIGHT - 2 * _EDGE
    places = [
        (_EDGE + width * at / max(1, len(seen) - 1), _HEIGHT - _EDGE - height * size / top)
        for at, size in enumerate(seen)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    bottom = _HEIGHT - _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12">'
        f'<path d="M{_EDGE} {_EDGE}V{bottom}H{_WIDTH - _EDGE}" fill="none" stroke="#888"/>'
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>'
        f'<text x="{_EDGE}" y="{_EDGE - 12}">resident memory, up to {top / _MB:.0f} MB</text>'
        f'<text x="{_WIDTH - _EDGE}" y="{bottom + 24}" text-anchor="end">'
        f"{(len(seen) - 1) * rooms:,} rooms opened and left</text></svg>\n"
    )


def main() -> None:
    """Soak, and tell."""
    given = [int(each) for each in sys.argv[1:]]
    rounds, rooms = (*given, *(4, 50)[len(given) :])
    with tempfile.TemporaryDirectory(prefix="pizarra-soak-") as folder:
        quiet: dict[str, Any] = {
            "room_idle_seconds": 0.5,
            "log_level": "warning",
            "recent_bytes": 0,
            "runner_warm": 0,
        }
        with server_process(Path(folder), runner_socket=Path(folder) / "none", **quiet) as server:
            seen = asyncio.run(soak(server, rounds, rooms))
    _PICTURE.parent.mkdir(exist_ok=True)
    _PICTURE.write_text(draw(seen, rooms))
    grown = (seen[-1] - seen[1]) / _MB
    print(f"{grown:+.1f} MB from the first round to the last; drawn in {_PICTURE}")


if __name__ == "__main__":
    main()
