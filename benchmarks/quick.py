"""What a change of a hot path costs: this work tree beside the revision it comes from, in turns, in three minutes.

    make bench-quick                                    # beside HEAD; beside the commit before it when nothing changed
    .venv/bin/python benchmarks/quick.py [revision]

Both run on the packages that are installed here. Told are medians and, of the ratios within each round, the median and
the range. Ends with 1 when something costs a tenth more in every round: less says nothing on a shared machine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import uvloop  # noqa: E402
from benchmarks.figures import ratios  # noqa: E402
from benchmarks.realtime.loads import typing  # noqa: E402
from benchmarks.realtime.servers import LOAD_CORE, SQLITE, Server  # noqa: E402
from benchmarks.rest import bench as rest  # noqa: E402

ROUNDS = 3
REQUEST_SECONDS = 2  # of each kind
ROOMS, PEOPLE, TYPING_SECONDS, PER_SECOND = 40, 5, 5, 10
RUNS = 10
DEARER = 1.1

Figures = dict[str, float]


def main() -> None:
    """Measure both, tell, and fail when this one is dearer."""
    if len(sys.argv) > 1:
        revision = sys.argv[1]
    else:
        changed = subprocess.run(
            ["git", "diff", "--quiet", "HEAD", "--", "src"], cwd=ROOT, check=False
        )
        revision = "HEAD" if changed.returncode else "HEAD~1"
    os.sched_setaffinity(0, {LOAD_CORE})
    before: list[Figures] = []
    now: list[Figures] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        checked_out(revision, Path(folder) / "before") as old,
    ):
        for number in range(1, ROUNDS + 1):
            print(f"round {number} of {ROUNDS}", flush=True)
            before.append(measure(old))
            now.append(measure(ROOT))
    dearer = [
        tell(what, [each[what] for each in now], [each[what] for each in before], revision)
        for what in now[0]
    ]
    if any(dearer):
        sys.exit(1)


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """Have a revision's files in a folder until the block ends."""
    add = ["git", "worktree", "add", "--detach", "--quiet", str(folder), revision]
    subprocess.run(add, cwd=ROOT, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(folder)], cwd=ROOT, check=True)


def measure(tree: Path) -> Figures:
    """Return what a server of these files takes for each thing."""
    ours = rest.contenders(None)["pizarra"]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    with (
        tempfile.TemporaryDirectory() as folder,
        rest.serving(ours, Path(folder), environment) as (url, pid),
    ):
        sessions = f"{url}/api/sessions"
        for _ in range(rest.LISTED):
            session = _post(sessions)
        figures = {
            f"{kind}, CPU µs": rest.load(asked, pid, REQUEST_SECONDS, script).cpu
            for kind, asked, script in (
                ("get", f"{sessions}/{session['session_id']}", ""),
                ("list of 20", f"{sessions}?limit={rest.LISTED}", ""),
                ("create", sessions, rest.CREATE),
            )
        }
        server = Server(SQLITE, int(url.rpartition(":")[2]), pid)
        typed = uvloop.run(
            typing(
                server, rooms=ROOMS, people=PEOPLE, seconds=TYPING_SECONDS, per_second=PER_SECOND
            )
        )
        if typed.missing or typed.wrong_texts:
            sys.exit(f"{typed.missing} edits are missing, {typed.wrong_texts} texts differ")
        figures["an edit that arrives, CPU µs"] = typed.values["cpu us/delivered edit"]
        figures["a run of Python, ms"] = statistics.median(
            _run(f"{sessions}/{session['session_id']}/runs?wait=true") for _ in range(RUNS)
        )
    return figures


def _run(url: str) -> float:
    started = time.perf_counter()
    assert _post(url)["status"] == "exited"
    return (time.perf_counter() - started) * 1000


def _post(url: str) -> dict[str, str]:
    request = urllib.request.Request(url, b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        answer: dict[str, str] = json.load(response)
    return answer


def tell(what: str, now: list[float], before: list[float], revision: str) -> bool:
    """Print a line; return whether it costs more in every round."""
    found = ratios(now, before)
    print(
        f"{what:30}{statistics.median(now):8.1f}, was {statistics.median(before):8.1f} at {revision}: "
        f"{found['median']:.2f} × ({found['least']:.2f}–{found['most']:.2f})",
        flush=True,
    )
    return found["least"] > DEARER


if __name__ == "__main__":
    main()
