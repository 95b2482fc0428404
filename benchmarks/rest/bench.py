"""REST create, get and list against the same API on Express with better-sqlite3, and on Go.

Server on one core, load (wrk) on the other; the servers take turns within each round. Told are requests per second, the
server's processor time per request, and the medians of what Express takes over what each takes, within a round: other
work on the machine slows rates more than it lengthens processor time. All use SQLite in WAL mode. Ours also counts the
list, writes the starter document and its timeline entry, signs an invitation, guards and logs each request; the others
do none of that. The rungs below ours (`rungs.py`) look nothing up; `the whole way` is ours without its fast path.

    python benchmarks/rest/bench.py [rounds] [seconds]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.figures import keep, ratios, spread  # noqa: E402
from benchmarks.pythons import debians  # noqa: E402
from hatch_build import node_environment  # noqa: E402
from tests.harness.ports import free_port, wait_until  # noqa: E402

CONNECTIONS = 32
LISTED = 20
BEFORE = 500  # sessions that are there before a list is asked for
CREATE = 'wrk.method = "POST"; wrk.body = "{}"; wrk.headers["Content-Type"] = "application/json"; '
WHOLE_WAY = 'wrk.headers["Accept-Language"] = "es"; '
KINDS = ("create", "get", "list")
TICKS = os.sysconf("SC_CLK_TCK")
GO_SOURCES = Path("/usr/share/gocode")  # where Debian puts them


class Measured(NamedTuple):
    """Requests per second, and the server's microseconds of processor time for each."""

    rate: float
    cpu: float


@dataclass(frozen=True)
class Contender:
    """A server: its command, with `{file}` and `{port}`, what it is started with, and what tells that it is ready."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = "/health"
    script: str = ""


def contenders(go: Path | None) -> dict[str, Contender]:
    """Return who is measured, by name."""
    serve = ("-m", "pizarra", "serve", "--data-dir", "{folder}", "--port", "{port}")
    ours = (sys.executable, *serve)
    rung = (sys.executable, "-m", "uvicorn", "--factory", "--no-access-log", "--log-level=warning")
    as_it_comes = {"PIZARRA_LOG_FORMAT": "json"}
    like_theirs = {**as_it_comes, "PIZARRA_SQLITE_SYNCHRONOUS": "normal"}
    silent = {**like_theirs, "PIZARRA_LOG_LEVEL": "warning"}
    ready = "/api/languages"
    found = {
        "express": Contender(
            ("node", str(HERE / "express" / "server.mjs"), "{folder}/rival.db", "{port}"),
            {"NODE_ENV": "production"},
        ),
        "bare ASGI": Contender((*rung, "benchmarks.rest.rungs:bare", "--port", "{port}")),
        "FastAPI": Contender((*rung, "benchmarks.rest.rungs:declared", "--port", "{port}")),
        "pizarra, the whole way": Contender(ours, as_it_comes, ready, WHOLE_WAY),
        "pizarra": Contender(ours, as_it_comes, ready),
        "pizarra, synchronous=normal": Contender(ours, like_theirs, ready),
        "pizarra, without request log": Contender(ours, silent, ready),
    }
    if (other := debians()) is not None:
        python, needed = other
        found["pizarra, Debian's Python"] = Contender(
            (python, *serve), {**as_it_comes, **needed}, ready
        )
    if go is not None:
        found["go"] = Contender((str(go), "{folder}/rival.db", "{port}"), {"GOMAXPROCS": "1"})
    return found


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """Return a command that stays on one core."""
    return ["taskset", "-c", str(core), *command]


@contextmanager
def serving(
    contender: Contender, folder: Path, environment: Mapping[str, str]
) -> Iterator[tuple[str, int]]:
    """Run a server on an empty database until the block ends; give its address and its process once it is ready."""
    port, log = free_port(), folder / "log"
    command = [each.format(folder=folder, port=port) for each in contender.command]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            pinned(0, command),
            env={**environment, **contender.environment},
            stdout=sink,
            stderr=sink,
            cwd=ROOT,
        )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{url}{contender.ready}", timeout=1) as response:
                # Ours tries its sandbox and its compilers out after the start: that is not what is measured.
                answer = response.read()
                return b"degraded" not in answer and b'"starting":true' not in answer
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(log.read_text()) from None
            return False

    try:
        wait_until(answers, command[0], 90)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has taken, its threads' included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def load(url: str, pid: int, seconds: int, script: str) -> Measured:
    """Ask again and again for some seconds.

    Raises:
        RuntimeError: some answer was no success.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", file.name]
        before = processor_seconds(pid)
        output = subprocess.run(
            pinned(1, ["wrk", *options, url]), capture_output=True, text=True, check=True
        ).stdout
        used = processor_seconds(pid) - before
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    count = re.search(r"(\d+) requests in", output)
    if rate is None or count is None or "Non-2xx" in output:
        raise RuntimeError(output)
    return Measured(float(rate[1]), used / int(count[1]) * 1e6)


def measure(
    contender: Contender, seconds: int, environment: Mapping[str, str]
) -> dict[str, Measured]:
    """Return what each kind of request takes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(contender, Path(folder), environment) as (url, pid),
    ):
        sessions = f"{url}/api/sessions"
        request = urllib.request.Request(sessions, b"{}", {"Content-Type": "application/json"})
        for _ in range(BEFORE):
            with urllib.request.urlopen(request) as response:
                session = json.load(response)
        script = contender.script
        return {  # those that add to the list come last: it is as long for everybody
            "get": load(f"{sessions}/{session['session_id']}", pid, seconds, script),
            "list": load(f"{sessions}?limit={LISTED}", pid, seconds, script),
            "create": load(sessions, pid, seconds, CREATE + script),
        }


def build_go(folder: Path) -> Path | None:
    """Return the Go server, built; None where Go or its driver for SQLite is not installed."""
    if shutil.which("go") is None or not GO_SOURCES.exists():
        print("without Go: apt-get install golang-go golang-github-mattn-go-sqlite3-dev")
        return None
    program = folder / "rival"
    environment = {
        **os.environ,
        "GOPATH": str(GO_SOURCES),
        "GO111MODULE": "off",
        "GOCACHE": str(folder / "cache"),
    }
    command = ["go", "build", "-tags", "libsqlite3", "-o", str(program), "main.go"]
    subprocess.run(command, cwd=HERE / "go", env=environment, check=True)
    return program


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    for tool, package in (("wrk", "wrk"), ("taskset", "util-linux")):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: apt-get install {package}")
    with node_environment() as environment, tempfile.TemporaryDirectory() as folder:
        install_express(environment)
        everybody = contenders(build_go(Path(folder)))
        results: dict[str, list[dict[str, Measured]]] = {name: [] for name in everybody}
        for number in range(1, rounds + 1):
            print(f"round {number} of {rounds}", flush=True)
            for name, contender in everybody.items():
                results[name].append(measure(contender, seconds, environment))
    figures = {name: figures_of(measured, results["express"]) for name, measured in results.items()}
    report(figures)
    print(f"\nkept in {keep('rest', rounds, figures)}: make tables")


def install_express(environment: Mapping[str, str]) -> None:
    """Install what the rival is made of, once."""
    if not (HERE / "express" / "node_modules").exists():
        command = ["npm", "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=HERE / "express", env=environment, check=True)


def figures_of(
    ours: Sequence[Mapping[str, Measured]], theirs: Sequence[Mapping[str, Measured]]
) -> dict[str, dict[str, dict[str, float]]]:
    """Return of each kind the rate, the processor time, and how much less of it that is than Express takes."""
    return {
        kind: {
            "per second": spread([each[kind].rate for each in ours]),
            "µs": spread([each[kind].cpu for each in ours]),
            "× Express": ratios(
                [each[kind].cpu for each in theirs], [each[kind].cpu for each in ours]
            ),
        }
        for kind in KINDS
    }


def report(figures: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]) -> None:
    """Print the medians, and the range of what is compared."""
    print(
        f"\nprocessor time per request in µs (requests per second), × Express; {CONNECTIONS} connections\n"
    )
    print(f"{'':30}" + "".join(f"{kind:>36}" for kind in KINDS))
    for name, of_kind in figures.items():
        cells = []
        for kind in KINDS:
            found = of_kind[kind]
            times = found["× Express"]
            cells.append(
                f"{found['µs']['median']:>8.0f} ({found['per second']['median']:>6.0f}) "
                f"{times['median']:>6.2f} ({times['least']:.2f}-{times['most']:.2f})"
            )
        print(f"{name:30}" + "".join(f"{cell:>36}" for cell in cells))


if __name__ == "__main__":
    main()
