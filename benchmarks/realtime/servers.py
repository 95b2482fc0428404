"""The servers under test: started on one core, watched by what the kernel counts for them."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.pythons import debians
from hatch_build import node_environment
from tests.harness.ports import free_port, wait_until
from tests.harness.postgres import Postgres, postgres

SERVER_CORE = 0
LOAD_CORE = 1
RIVALS = Path(__file__).resolve().parent / "rivals"
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = resource.getpagesize()

Y_WEBSOCKET, HOCUSPOCUS, SQLITE, POSTGRES, DEBIANS = (
    "y-websocket",
    "hocuspocus",
    "pizarra",
    "pizarra-postgres",
    "pizarra-debian",  # by another Python, see `benchmarks/pythons.py`
)
OURS = (SQLITE, POSTGRES, DEBIANS)
NAMES = (Y_WEBSOCKET, HOCUSPOCUS, SQLITE, POSTGRES, *([DEBIANS] if debians() else []))


class Server:
    """A running server."""

    def __init__(self, name: str, port: int, pid: int, database: Postgres | None = None) -> None:
        self.name = name
        self.port = port
        self.pid = pid
        self._database = database

    @property
    def is_ours(self) -> bool:
        """Whether it keeps what it acknowledges."""
        return self.name in OURS

    def cpu(self) -> float:
        """Return seconds of CPU the server's own process has used."""
        return _cpu(self.pid)

    def database_cpu(self) -> float:
        """Return seconds of CPU its database server has used, all processes; 0 without one."""
        return (
            0.0 if self._database is None else sum(_cpu(pid) for pid in _family(self._database.pid))
        )

    def memory(self) -> int:
        """Return resident bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE

    def room(self, number: int) -> tuple[str, str]:
        """Return the path of a new room's socket and the room's name."""
        if not self.is_ours:
            name = f"room-{number}"
            return (f"/{name}" if self.name == Y_WEBSOCKET else "/"), name
        body = json.dumps({"initial_code": ""}).encode()
        address = f"http://127.0.0.1:{self.port}/api/sessions"
        request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            room = str(json.load(response)["room_id"])
        return f"/ws/{room}", room


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Children that ended count for their parent, as PostgreSQL's backends do.
    return sum(int(field) for field in fields[11:15]) / _TICK


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        direct = [int(child) for child in children.read_text().split()]
    except OSError:
        return [pid]
    return [pid, *(member for child in direct for member in _family(child))]


@contextmanager
def serving(name: str, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server on its core until the block ends."""
    if name != POSTGRES:
        with (
            tempfile.TemporaryDirectory() as folder,
            _process(name, Path(folder), settings or {}, None) as server,
        ):
            yield server
        return
    own_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})
    try:
        cluster = postgres(durable=True)
        with cluster as database, tempfile.TemporaryDirectory() as folder:
            os.sched_setaffinity(0, own_cores)
            with _process(name, Path(folder), settings or {}, database) as server:
                yield server
    finally:
        os.sched_setaffinity(0, own_cores)


@contextmanager
def _process(
    name: str, folder: Path, settings: Mapping[str, str], database: Postgres | None
) -> Iterator[Server]:
    port = free_port()
    log = folder / "log"
    with node_environment() as node, log.open("wb") as sink:
        commands = {
            Y_WEBSOCKET: ["node", str(RIVALS / "node_modules/@y/websocket-server/src/server.js")],
            HOCUSPOCUS: ["node", str(RIVALS / "hocuspocus.mjs"), str(port)],
        }
        environment = {
            **node,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "NODE_ENV": "production",
            "PIZARRA_DATA_DIR": str(folder),
            "PIZARRA_PORT": str(port),
            "PIZARRA_LOG_FORMAT": "json",
            **{f"PIZARRA_{key.upper()}": value for key, value in settings.items()},
            **({} if database is None else {"DATABASE_URL": database.create_database()}),
        }
        python, needed = (debians() if name == DEBIANS else None) or (sys.executable, {})
        environment |= needed
        command = commands.get(name, [python, "-m", "pizarra", "serve"])
        pinned = ["taskset", "-c", str(SERVER_CORE), *command]
        process = subprocess.Popen(pinned, env=environment, stdout=sink, stderr=sink, cwd=folder)
    ready = "/health/ready" if name in OURS else "/"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=1) as response:
                # Ours probes its sandbox after the start: that is not what is measured.
                return b"degraded" not in response.read()
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(log.read_text()) from None
            return False

    try:
        wait_until(answers, name)
        yield Server(name, port, process.pid, database)
    finally:
        process.kill()
        process.wait()
