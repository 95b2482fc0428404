"""What so many rooms take, by arithmetic from what was measured of one: `docs/capacity.md` shows what this prints."""

import math
from dataclasses import dataclass

USED = 0.6  # of a core, so that a process or machine that goes leaves room for its people
SIZES = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """What something takes of a web process and of PostgreSQL, in µs for each room and second."""

    name: str
    web: float
    database: float


# One room: three people, of whom two receive; 1.5 edits a second and as many cursors; a run every three minutes.
EDITS_PER_SECOND = 1.5
PEOPLE = 3
COSTS = (
    Cost("edits and cursors", EDITS_PER_SECOND * 110, EDITS_PER_SECOND * 44),
    Cost("rights of open sockets, twice a second", PEOPLE * 2 * 5.7, PEOPLE * 2 * 3.2),
    Cost("looking at what other processes wrote", 0.2 * 4.3, 0.2 * 1.3),
    Cost("sealing and packing", 15, 7),
)
WAL_BYTES = EDITS_PER_SECOND * 370
OUT_BYTES = 1_200
RUN_CORE_SECONDS = 0.16
SECONDS_BETWEEN_RUNS = 180
ROOM_KB = 45 + PEOPLE * 18


@dataclass(frozen=True, slots=True)
class Size:
    """What a number of rooms takes."""

    rooms: int
    processes: int
    database_cores: float
    wal_megabytes: float
    worker_cores: float
    out_megabits: float


def rooms_of_a_process() -> int:
    """Return how many rooms one event loop serves."""
    return int(1e6 * USED / sum(each.web for each in COSTS))


def size(rooms: int) -> Size:
    """Return what `rooms` take."""
    return Size(
        rooms,
        math.ceil(rooms / rooms_of_a_process()),
        rooms * sum(each.database for each in COSTS) / 1e6 / USED,
        rooms * WAL_BYTES / 1e6,
        rooms * RUN_CORE_SECONDS / SECONDS_BETWEEN_RUNS / USED,
        rooms * OUT_BYTES * 8 / 1e6,
    )


def tables() -> str:
    """Return both tables."""
    lines = ["| of one room, µs a second | web | PostgreSQL |", "| --- | ---: | ---: |"]
    lines += [f"| {each.name} | {each.web:.0f} | {each.database:.0f} |" for each in COSTS]
    web, database = sum(each.web for each in COSTS), sum(each.database for each in COSTS)
    lines += [f"| **together** | **{web:.0f}** | **{database:.0f}** |", ""]
    lines += [
        "| rooms | web processes | cores of PostgreSQL | its log, MB/s | cores for programs | out, Mbit/s |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {each.rooms:,} | {each.processes:,} | {each.database_cores:.1f} | {each.wal_megabytes:.1f} | "
        f"{each.worker_cores:,.0f} | {each.out_megabits:,.0f} |"
        for each in map(size, SIZES)
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables())
