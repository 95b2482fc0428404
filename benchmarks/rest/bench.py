"""REST create, get and list against the same API on Express with better-sqlite3.

Server on one core, load (wrk) on the other; the two servers take turns within each round; medians of the ratios are
printed. Both use SQLite in WAL mode. Ours also writes the starter document and its timeline entry, signs an invitation,
and logs each request; Express does none of that.

    python benchmarks/rest/bench.py [rounds] [seconds]
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from hatch_build import node_environment  # noqa: E402
from tests.harness.ports import free_port, wait_until  # noqa: E402

CONNECTIONS = 32
LISTED = 20
CREATE = 'wrk.method = "POST"; wrk.body = "{}"; wrk.headers["Content-Type"] = "application/json"'
KINDS = ("create", "get", "list")
Results = dict[str, list[float]]


def pinned(core: int, command: list[str]) -> list[str]:
    """Return a command that stays on one core."""
    return ["taskset", "-c", str(core), *command]


@contextmanager
def serving(command: list[str], port: int, environment: dict[str, str], log: Path, ready: str) -> Iterator[str]:
    """Run a server until the block ends; give its address once `ready` answers."""
    with log.open("wb") as sink:
        process = subprocess.Popen(pinned(0, command), env=environment, stdout=sink, stderr=sink)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{url}{ready}", timeout=1) as response:
                # Ours tries its sandbox and its compilers out after the start: that is not what is measured.
                answer = response.read()
                return b"degraded" not in answer and b'"starting":true' not in answer
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(log.read_text()) from None
            return False

    try:
        wait_until(answers, command[0], 90)
        yield url
    finally:
        process.terminate()
        process.wait()


def load(url: str, seconds: int, script: str | None = None) -> float:
    """Return requests per second.

    Raises:
        RuntimeError: some answer was no success.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script or "")
        file.flush()
        options = ["-s", file.name] if script else []
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *options, url]
        output = subprocess.run(pinned(1, command), capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None:
        raise RuntimeError(output)
    return float(rate[1])


def measure(url: str, seconds: int) -> dict[str, float]:
    """Return requests per second of each kind."""
    request = urllib.request.Request(f"{url}/api/sessions", b"{}", {"Content-Type": "application/json"})
    for _ in range(LISTED):
        with urllib.request.urlopen(request) as response:
            session = json.load(response)
    return {
        "create": load(f"{url}/api/sessions", seconds, CREATE),
        "get": load(f"{url}/api/sessions/{session['session_id']}", seconds),
        "list": load(f"{url}/api/sessions?limit={LISTED}", seconds),
    }


def pizarra(folder: Path, seconds: int, **settings: str) -> dict[str, float]:
    """Measure ours on an empty database."""
    port = free_port()
    environment = {
        **os.environ,
        "PIZARRA_DATA_DIR": str(folder),
        "PIZARRA_PORT": str(port),
        "PIZARRA_LOG_FORMAT": "json",
        **{f"PIZARRA_{name.upper()}": value for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "pizarra", "serve"]
    with serving(command, port, environment, folder / "log", "/api/languages") as url:
        return measure(url, seconds)


def express(folder: Path, seconds: int, environment: dict[str, str]) -> dict[str, float]:
    """Measure the rival on an empty database."""
    port = free_port()
    command = ["node", str(HERE / "express" / "server.mjs"), str(folder / "rival.db"), str(port)]
    with serving(command, port, {**environment, "NODE_ENV": "production"}, folder / "log", "/health") as url:
        return measure(url, seconds)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for tool in ("wrk", "taskset"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: apt-get install {'util-linux' if tool == 'taskset' else tool}")
    variants: dict[str, dict[str, str]] = {
        "pizarra": {},
        "pizarra, synchronous=normal": {"sqlite_synchronous": "normal"},
        "pizarra, without request log": {"sqlite_synchronous": "normal", "log_level": "warning"},
    }
    rates: dict[str, Results] = {name: {kind: [] for kind in KINDS} for name in ("express", *variants)}
    with node_environment() as environment:
        if not (HERE / "express" / "node_modules").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE / "express", env=environment, check=True)
        for number in range(1, rounds + 1):
            print(f"round {number} of {rounds}", flush=True)
            for name in rates:
                with tempfile.TemporaryDirectory() as folder:
                    if name == "express":
                        measured = express(Path(folder), seconds, environment)
                    else:
                        measured = pizarra(Path(folder), seconds, **variants[name])
                for kind, rate in measured.items():
                    rates[name][kind].append(rate)
    report(rates)


def report(rates: dict[str, Results]) -> None:
    """Print medians, and medians of the ratios within each round, with their range."""
    print(f"\nrequests per second, {CONNECTIONS} connections, server and load on a core each; ratio to Express\n")
    print(f"{'':32}" + "".join(f"{kind:>26}" for kind in KINDS))
    for name, results in rates.items():
        cells = []
        for kind in KINDS:
            ratios = [ours / theirs for ours, theirs in zip(results[kind], rates["express"][kind], strict=True)]
            span = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
            cells.append(f"{statistics.median(results[kind]):>9.0f} {span:>16}")
        print(f"{name:32}" + "".join(cells))


if __name__ == "__main__":
    main()
