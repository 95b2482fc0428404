"""How much later a run ends that a connected worker makes, compared with this machine's own runner: asked is 1 ms.

    PYTHONPATH=. .venv/bin/python benchmarks/cluster/worker.py [--pairs 200]

Two servers with the same limits: one runs programs itself, the other has a worker that dialled in over loopback. Each
pair is the same program on both, one after the other, in an order that is thrown for each pair, with a pause in which
both make their next sandbox ready. Compared is the time from the request to the answer with the run's end. What is
printed is not kept: the machine may be busy, and only the difference within pairs means something.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
from tests.harness.program import clean_environment
from tests.harness.server import server_process
from tests.harness.workers import WorkerProcess, make_token, wait_for_workers

ASKED_MS = 1.0
_PAUSE_SECONDS = 0.3
_WARM_UP = 10  # pairs that are not counted
_CODE = "print(6 * 7)\n"
_SLOTS = 2


class Runner:
    """A server, and a session whose program it runs."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._client = httpx2.Client(base_url=url, timeout=60)
        body = {"initial_code": _CODE}
        session = self._client.post("/api/sessions", json=body).raise_for_status().json()
        self._path = f"/api/sessions/{session['session_id']}/runs?wait=true"

    def run(self) -> float:
        """Run it; return the milliseconds until the end was told."""
        begun = time.perf_counter()
        answer = self._client.post(self._path, json={}).raise_for_status()
        took = (time.perf_counter() - begun) * 1000
        assert answer.json()["stdout"] == "42\n", answer.text
        return took


def measure(embedded: Runner, worker: Runner, pairs: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each run, by pairs: embedded, and over the worker."""
    took: dict[str, list[float]] = {embedded.name: [], worker.name: []}
    for number in range(pairs + _WARM_UP):
        both = [embedded, worker]
        random.shuffle(both)
        for runner in both:
            milliseconds = runner.run()
            if number >= _WARM_UP:
                took[runner.name].append(milliseconds)
            time.sleep(_PAUSE_SECONDS)
    return took[embedded.name], took[worker.name]


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Return between what the median lies, with 95 of 100: by drawing from the pairs again and again."""
    medians = sorted(
        statistics.median(random.choices(differences, k=len(differences))) for _ in range(2000)
    )
    return medians[50], medians[-51]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    chosen = parser.parse_args()
    os.environ.update(clean_environment())
    small: dict[str, Any] = {"runner_slots": _SLOTS, "runner_warm": 2, "max_language_servers": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("own", "far"):
            (folder / each).mkdir()
        with (
            server_process(folder / "own", **small) as own,
            server_process(folder / "far", runner="workers") as far,
        ):
            worker = WorkerProcess([far.url], make_token(far, folder, "worker"), slots=_SLOTS)
            try:
                wait_for_workers(far, 1)
                found = measure(Runner("own", own.url), Runner("far", far.url), chosen.pairs)
            finally:
                worker.stop()
    report(*found)


def report(own: Sequence[float], far: Sequence[float]) -> None:
    """Print the medians, and the median of the differences."""
    differences = [there - here for here, there in zip(own, far, strict=True)]
    median, (low, high) = statistics.median(differences), interval(differences)
    print(f"embedded {statistics.median(own):.2f} ms, worker {statistics.median(far):.2f} ms")
    print(
        f"a worker's run ends {median:+.2f} ms later ({low:+.2f} to {high:+.2f}, {len(differences)} pairs): "
        f"asked is {ASKED_MS:g} ms, {'held' if median <= ASKED_MS else 'not held'}"
    )


if __name__ == "__main__":
    main()
