"""The limits of a run, from the settings."""

from pizarra.config import Settings
from pizarra.sandbox.runner.protocol import Limits


def pipe_limits(settings: Settings) -> Limits:
    """Return the limits of a run on pipes: nobody can answer it, so its whole time is bounded."""
    return Limits(
        wall_seconds=settings.run_wall_seconds,
        idle_seconds=None,
        cpu_seconds=settings.run_cpu_seconds,
        children_seconds=settings.run_children_seconds,
        memory_bytes=settings.run_memory_bytes,
        processes=settings.run_processes,
        output_bytes=settings.run_output_bytes,
        disk_bytes=settings.run_disk_bytes,
        files=settings.run_files,
    )


def terminal_limits(settings: Settings) -> Limits:
    """Return the limits of a run on a terminal: it may wait for a person."""
    changes = {
        "wall_seconds": settings.run_terminal_seconds,
        "idle_seconds": settings.run_idle_seconds,
    }
    return pipe_limits(settings).model_copy(update=changes)
