"""Where a benchmark's figures go: one file each in `benchmarks/results/`, from which `make tables` writes README's."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def machine() -> dict[str, Any]:
    """Return what figures depend on: the processor, how many cores, the Python, the day."""
    models = {
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    }
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": ", ".join(sorted(models)) or platform.machine(),
        "cores": os.cpu_count(),
        "python": sys.version.split()[0],
    }


def keep(name: str, rounds: int, figures: Mapping[str, Any]) -> Path:
    """Write what a benchmark found; return the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(
        json.dumps({**machine(), "rounds": rounds, "figures": figures}, indent=1) + "\n"
    )
    return path


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return the median of some rounds, and the least and the most."""
    return {
        "median": round(statistics.median(values), 4),
        "least": round(min(values), 4),
        "most": round(max(values), 4),
    }


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float]:
    """Return the spread of ratios, each within one round: whatever slowed that round slowed both."""
    return spread([mine / other for mine, other in zip(ours, theirs, strict=True)])
