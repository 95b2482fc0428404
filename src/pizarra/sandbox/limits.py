"""The limits of one run, as one value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Seconds, bytes and counts."""

    wall_seconds: float = 10.0
    memory_bytes: int = 256 * 1024 * 1024
    processes: int = 64
    output_bytes: int = 1024 * 1024
    disk_bytes: int = 64 * 1024 * 1024
    open_files: int = 256
