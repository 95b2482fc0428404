"""The limits of one run, as one value."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Seconds, bytes and counts.

    `wall_seconds` bounds a run altogether, `idle_seconds` the time in which nobody typed and it did nothing (None: not
    at all), `cpu_seconds` the processor time of all its processes together, `children_seconds` how long what it leaves
    behind may go on. `output_bytes` of None is for our own services, which are not candidates' programs.
    """

    wall_seconds: float = 10.0
    idle_seconds: float | None = None
    cpu_seconds: float = 10.0
    children_seconds: float = 1.0
    memory_bytes: int = 256 * MIB
    processes: int = 64
    output_bytes: int | None = MIB
    disk_bytes: int = 64 * MIB
    files: int = 8192
    open_files: int = 256
    cpus: float = 1.0


def compiler_limits(seconds: float = 15.0, memory_bytes: int = 1024 * MIB) -> RunLimits:
    """Return the limits of one compilation: it may use two cores, and more of everything than a program."""
    return RunLimits(
        wall_seconds=seconds,
        cpu_seconds=2 * seconds,
        memory_bytes=memory_bytes,
        disk_bytes=128 * MIB,
        processes=128,
        cpus=2.0,
    )
