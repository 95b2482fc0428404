"""The command line as a person meets it, the unhappy paths above all."""

import os
import re
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.harness import program
from tests.harness.fresh import embed
from tests.harness.libraries import OFFLINE, open_folder, wheel
from tests.harness.orphans import living
from tests.harness.ports import wait_until
from tests.harness.postgres import Postgres
from tests.harness.server import ServerProcess, server_process

from pizarra.migrations.migrate import head_revision
from pizarra.sandbox.languages import languages


def pizarra(
    *arguments: str, data_dir: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return program.pizarra(
        *arguments, environment={"PIZARRA_DATA_DIR": str(data_dir), **environment}
    )


# Whoever has their programs run on workers has no language tried out: the doctor takes a second, not ten.
NO_PROGRAMS = {"PIZARRA_RUNNER": "workers"}


def refused(result: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence a failing command says."""
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("pizarra: ")
    return last


@pytest.mark.parametrize(
    "command", [["pizarra"], [sys.executable, "-m", "pizarra"]], ids=["installed", "module"]
)
def test_version(command: list[str]) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "PYTHONPROFILEIMPORTTIME": "1"}
    result = subprocess.run(
        [*command, "--version"], capture_output=True, text=True, env=environment, cwd="/"
    )
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(r"pizarra \d+\.\d+\.\d+\n", result.stdout)
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
    assert "pizarra" in imported, "what is imported is told"
    assert not imported & {"pizarra.cli", "sqlalchemy", "pydantic"}, "asking costs no half a second"


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(pizarra("serve", "--port", str(port), data_dir=tmp_path))
    assert f"Port {port} is taken" in said
    assert "--port" in said


def test_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    said = refused(
        pizarra("serve", "--port", "0", "--data-dir", str(in_the_way / "data"), data_dir=tmp_path)
    )
    assert "cannot be written" in said
    assert "--data-dir" in said


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://root@localhost/x", "SQLite or PostgreSQL"),
        ("nonsense", "does not parse"),
        ("postgres://user:hunter2@127.0.0.1:1/x", "cannot be used"),
    ],
)
def test_a_wrong_database_url(tmp_path: Path, url: str, says: str) -> None:
    result = pizarra("serve", "--port", "0", "--database-url", url, data_dir=tmp_path)
    assert says in refused(result)
    assert "hunter2" not in result.stdout + result.stderr


def test_a_database_newer_than_the_program(tmp_path: Path) -> None:
    assert pizarra("db", "upgrade", data_dir=tmp_path).returncode == 0
    with sqlite3.connect(tmp_path / "pizarra.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("serve", "--port", "0"), ("db", "upgrade")):
        said = refused(pizarra(*command, data_dir=tmp_path))
        assert "9999" in said
        assert "newer" in said or "revision" in said


def test_a_postgres_that_is_behind_is_not_migrated_unasked(
    tmp_path: Path, cluster: Postgres, runner_socket: Path
) -> None:
    url = cluster.create_database()
    with server_process(tmp_path, url, first_start=True, runner_socket=runner_socket):
        pass  # an empty database is set up
    assert pizarra("db", "check", data_dir=tmp_path, DATABASE_URL=url).returncode == 0


def test_database_commands(tmp_path: Path) -> None:
    assert "There is no database" in refused(pizarra("db", "check", data_dir=tmp_path))
    assert pizarra("db", "upgrade", data_dir=tmp_path).returncode == 0
    assert pizarra("db", "check", data_dir=tmp_path).returncode == 0
    emptied = pizarra("db", "downgrade", "base", data_dir=tmp_path)
    assert (emptied.returncode, emptied.stdout) == (0, "The database holds nothing any more.\n")
    assert "There is no database" in refused(pizarra("db", "check", data_dir=tmp_path))
    assert "no-such" in refused(pizarra("db", "upgrade", "no-such", data_dir=tmp_path))


def test_a_misspelt_revision_takes_no_copy_away(tmp_path: Path) -> None:
    """Each left a copy of what it had not changed, and a few of those pushed out the one that was of use."""
    assert pizarra("db", "upgrade", "0027", data_dir=tmp_path).returncode == 0
    assert pizarra("db", "upgrade", data_dir=tmp_path).returncode == 0
    (copy,) = tmp_path.glob("*.bak")
    for typed in ("nosuch", "-99", "+1", "", "00"):
        said = refused(pizarra("db", "downgrade", typed, data_dir=tmp_path))
        assert f"There is no revision {typed}. There are 0001 to " in said
    assert list(tmp_path.glob("*.bak")) == [copy]
    assert pizarra("db", "downgrade", "-1", data_dir=tmp_path).returncode == 0
    assert len(list(tmp_path.glob("*.bak"))) == 2


@pytest.mark.parametrize("command", ["--version", "--help", "user list", "db check"])
def test_a_full_disk_under_its_output_is_said_in_a_line(tmp_path: Path, command: str) -> None:
    assert pizarra("user", "add", "ana", data_dir=tmp_path).returncode == 0
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pizarra", *command.split()],
            env={**program.clean_environment(), "PIZARRA_DATA_DIR": str(tmp_path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    expected = "pizarra: its output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, expected)


LOOKING = [
    *(("timeline", "verify"), ("export", "0" * 32), ("user", "list"), ("token", "list")),
    *(("db", "check"), ("user", "disable", "ana"), ("token", "revoke", "x")),
]


@pytest.mark.parametrize(
    "command",
    [
        *LOOKING,
        *(("backup", "x"), ("restore", "x"), ("toolchains",), ("questions", "export"), ("doctor",)),
        *(("timeline", "verify", "x"), ("import", "x"), ("db", "move", "--to", "x"), ("serve",)),
    ],
    ids=" ".join,
)
def test_a_setting_that_is_wrong_is_named_by_every_command(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Half of them ended in a traceback."""
    for setting, value, told in (
        ("PIZARRA_PORT", "high", "the setting port is wrong: Input should be a valid integer"),
        ("PIZARRA_OIDC_ISSUER", "login", "the setting oidc_issuer is wrong: String should match"),
        ("PIZARRA_OIDC_CLIENT_ID", "x", "half an identity provider is set: PIZARRA_OIDC_ISSUER"),
    ):
        assert told in refused(pizarra(*command, data_dir=tmp_path, **{setting: value}))


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_a_command_that_looks_makes_no_database(tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = tmp_path / "misspelt"
    assert f"There is no database of Pizarra's at {folder}/pizarra.db" in refused(
        pizarra(*command, data_dir=folder)
    )
    assert not folder.exists()


@pytest.mark.parametrize(
    "command", [*LOOKING, ("user", "add", "ana"), ("import", "/no/such")], ids=" ".join
)
def test_a_command_migrates_nothing_under_a_server_that_runs(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    embed(tmp_path)
    newest = head_revision()
    with sqlite3.connect(tmp_path / "pizarra.db") as database:
        for revision, says in (("0009", "pizarra db upgrade"), ("9999", "newer than this program")):
            database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
            database.commit()
            said = refused(pizarra(*command, data_dir=tmp_path))
            assert says in said
            assert revision in said
            assert newest in said
            found = database.execute("SELECT version_num FROM alembic_version").fetchall()
            assert found == [(revision,)]
    database.close()
    assert list(tmp_path.glob("*.bak")) == []


def test_doctor_sends_nobody_back_to_an_older_schema(tmp_path: Path) -> None:
    embed(tmp_path)
    with sqlite3.connect(tmp_path / "pizarra.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    said = pizarra("doctor", data_dir=tmp_path, **NO_PROGRAMS).stdout
    assert "newer than this program: at revision 9999" in said
    assert "Install the Pizarra that wrote it" in said
    assert "db upgrade" not in said


def test_the_first_account_may_come_before_the_first_start(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert pizarra("user", "add", "ana", "--admin", data_dir=folder).returncode == 0
    assert "ana" in pizarra("user", "list", data_dir=folder).stdout
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    verified = pizarra("timeline", "verify", data_dir=folder)
    assert verified.stdout == "✓ 0 sessions, 0 entries: nothing was changed.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--host", "0.0.0.0", "--auth", "local"), "everybody must sign in"),
        (("--public-url", "not an address"), "public_url"),
        (("--proxy-headers", "10.0.0.0/8,proxy.example"), "trusted_proxies"),
        (("--redis-url", "redis://localhost"), "PostgreSQL's address with --database-url"),
        (("--workers", "2"), "SQLite is for one web process"),
        (("--workers", "65"), "workers"),
        (("--port", "99999"), "port"),
    ],
)
def test_what_this_version_does_not_do_is_said(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    assert says in refused(pizarra("serve", *arguments, data_dir=tmp_path))


def test_a_worker_needs_a_socket(tmp_path: Path) -> None:
    assert "--socket" in refused(pizarra("worker", data_dir=tmp_path))


def proven_with_an_older_java(data_dir: Path) -> None:
    """Have a question there whose proof is from before an upgrade."""
    package = data_dir / "old"
    package.mkdir()
    (package / "problem.yaml").write_text("name: Old\n")
    assert pizarra("questions", "import", str(package), data_dir=data_dir).returncode == 0
    with sqlite3.connect(data_dir / "pizarra.db") as database:
        proof = '{"toolchains": {"java": "OpenJDK 8"}}'
        database.execute("UPDATE question_versions SET proof = ?", (proof,))
        database.execute("UPDATE questions SET proven = 1")
    database.close()


def test_doctor_reports_what_works(tmp_path: Path) -> None:
    with open_folder() as folder:
        words = ("toolchains", "add", f"python:{wheel(tmp_path)}", "--libraries-dir", folder)
        assert program.pizarra(*words, environment=OFFLINE).returncode == 0
        proven_with_an_older_java(tmp_path)
        result = pizarra("doctor", data_dir=tmp_path, PIZARRA_LIBRARIES_DIR=str(folder))
    assert result.returncode == 0, result.stdout
    lost = r"· proofs: 1 question proven with other versions: \w{32} Old \(OpenJDK 8 → OpenJDK .+\n"
    assert re.search(f"{lost}    Run: pizarra questions prove", result.stdout)
    assert "· Python's libraries: tinypy 1.2\n" in result.stdout
    assert re.search(r"✓ tier: [AB]", result.stdout)
    assert re.search(r"✓ Python: Python 3\.", result.stdout)
    assert "✓ sandbox: starts, and contained every attack" in result.stdout


def test_doctor_names_the_fix_when_a_self_test_prints_nothing(tmp_path: Path) -> None:
    """In a mount namespace with another Node.js: one that tells its version, and does nothing else."""
    if os.geteuid() != 0:
        pytest.skip("only root gives itself another Node.js")
    node = languages()["javascript"].toolchain.candidates
    there = next(path for path in map(Path, node) if path.exists())
    silent = tmp_path / "node"
    silent.write_text('#!/bin/sh\n[ "$1" = --version ] && echo v22.1.0\nexit 0\n')
    silent.chmod(0o755)
    script = f"mount --bind {silent} {there.resolve()} && exec {sys.executable} -m pizarra doctor --data-dir {tmp_path}"
    result = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, cwd="/"
    )
    assert result.returncode == 1
    assert (
        "✗ JavaScript: JavaScript failed its self-test: it printed nothing.\n    Try it by hand"
        in result.stdout
    )
    assert "ulimit -v" in result.stdout


def test_doctor_names_the_fix_where_there_is_no_sandbox(tmp_path: Path) -> None:
    """In a mount namespace where bubblewrap is hidden: a machine without it."""
    bwrap = shutil.which("bwrap")
    assert bwrap is not None
    script = f"mount --bind /dev/null {bwrap} && exec {sys.executable} -m pizarra doctor --data-dir {tmp_path}"
    result = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert result.returncode == 1, result.stderr
    assert "✗ bubblewrap: bubblewrap is not installed" in result.stdout
    assert "apt-get install bubblewrap" in result.stdout


def test_sigterm_stops_within_five_seconds_with_people_and_programs_inside(tmp_path: Path) -> None:
    with server_process(tmp_path, first_start=True) as server:
        session = httpx2.post(
            f"{server.url}/api/sessions", json={"initial_code": "while True: pass"}
        ).json()
        # once there is a runner
        httpx2.post(f"{server.url}/api/sessions/{session['session_id']}/runs", timeout=60)
        started = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - started < 5
        assert (
            subprocess.run(
                ["pgrep", "-f", str(tmp_path)], capture_output=True, check=False
            ).returncode
            == 1
        )
        server.start()
        path = f"{server.url}/api/sessions/{session['session_id']}"
        timeline = httpx2.get(f"{path}/timeline").json()
        (ended,) = [entry for entry in timeline if entry["kind"] == "run.ended"]
        assert ended["data"]["status"] in ("sandbox_error", "stopped")


def test_runs_in_flight_at_kill_are_marked_and_not_repeated(tmp_path: Path) -> None:
    with server_process(tmp_path) as server:
        code = "import time\nprint('once')\ntime.sleep(60)"
        session = httpx2.post(f"{server.url}/api/sessions", json={"initial_code": code}).json()
        path = f"{server.url}/api/sessions/{session['session_id']}/runs"
        run = httpx2.post(path, timeout=60).json()  # once there is a runner
        while httpx2.get(f"{path}/{run['run_id']}").json()["stdout"] != "once\n":
            time.sleep(0.02)
        server.kill()
        server.start()
        after = httpx2.get(f"{path}/{run['run_id']}").json()
        assert after["status"] == "sandbox_error"
        assert "run it again" in after["detail"]
        assert after["stdout"] == "once\n"


def test_the_log_has_a_line_per_request_and_no_secret(tmp_path: Path, runner_socket: Path) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, log_format="json") as server:
        session = httpx2.post(
            f"{server.url}/api/sessions", headers={"X-Request-ID": "mine-1"}
        ).json()
        token = session["share_url"].rpartition("/")[2]
        httpx2.get(f"{server.url}/j/{token}")
        httpx2.get(f"{server.url}/api/invitations/{token}?token={token}")
        joined = httpx2.post(f"{server.url}/api/join", json={"token": token, "name": "Zoë"}).json()
        answer = httpx2.get(
            f"{server.url}/api/sessions",
            headers={"authorization": f"Bearer {joined['access_token']}"},
        )
        assert answer.headers["x-request-id"]
        log = server.log()
    assert '"id": "mine-1"' in log
    assert re.search(r'"method": "POST", "path": "/api/sessions", "status": 201, "ms": [\d.]+', log)
    assert token not in log
    assert joined["access_token"] not in log
    key = (tmp_path / "secret.key").read_text().strip()
    assert key not in log


def test_the_data_directory_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "deeper" / "data"
    assert pizarra("db", "upgrade", data_dir=folder).returncode == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_kept_is_private_in_a_folder_that_is_open_to_all(
    tmp_path: Path, runner_socket: Path
) -> None:
    tmp_path.chmod(0o755)
    with server_process(tmp_path, first_start=True, runner_socket=runner_socket) as server:
        httpx2.post(f"{server.url}/api/sessions", json={})
        names = ("pizarra.db", "pizarra.db-wal", "pizarra.db-shm", "secret.key")
        assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in names] == [0o600] * 4
        server.terminate()
        (tmp_path / "pizarra.db").chmod(0o664)  # as older versions left it; a group may be meant
        server.start()
        assert stat.S_IMODE((tmp_path / "pizarra.db").stat().st_mode) == 0o660


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_stranger_writes_no_line_and_no_escape_into_the_log(
    tmp_path: Path, runner_socket: Path, log_format: str
) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, log_format=log_format) as server:
        httpx2.get(
            f"{server.url}/x%0aforged%0d%1b]0;owned%07%c2%9b2J%7f%e2%80%ae%e2%80%a8%ed%a0%80y"
        )
        httpx2.get(f"{server.url}/{'a' * 60_000}")
    log = (tmp_path / "server.log").read_bytes()  # it has ended: what it had to say is written
    lines = [line for line in log.split(b"\n") if b"forged" in line or b"aaaa" in line]
    assert [len(line) < 3000 for line in lines] == [True, True]
    assert b"owned" in lines[0]
    assert b"58,001 more" in lines[1]
    assert not set(lines[0].decode()) & set("\x1b\x07\r\x7f\x9b\u202e\u2028")


def test_a_server_that_is_stopped_while_its_runner_starts_leaves_nothing(tmp_path: Path) -> None:
    """Whoever kills a runner that starts a sandbox leaves half of it behind, waiting for ever."""
    if os.geteuid() != 0:
        pytest.skip("its processes are told from others by their uid")
    uid = 63_000 + os.getpid() % 1000
    with server_process(tmp_path, runner_first_uid=uid) as server:
        for tenth in range(7):
            time.sleep(tenth / 10)  # wherever the runner is by then
            assert server.terminate() == 0
            wait_until(lambda: living(uid, uid + 1) == [], "the end of its sandboxes", seconds=5)
            server.start()


def test_a_worker_ends_at_sigterm(tmp_path: Path) -> None:
    path = tmp_path / "runner.sock"
    command = [sys.executable, "-m", "pizarra", "worker", "--socket", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        wait_until(path.exists, "the worker")
        worker.terminate()
        assert worker.wait(timeout=10) == 0
        assert worker.stderr is not None
        assert worker.stderr.read() == ""


def test_a_runner_that_dies_is_started_again(server_with_runner: ServerProcess) -> None:
    server = server_with_runner
    session = httpx2.post(f"{server.url}/api/sessions", json={"initial_code": "print(1)"}).json()
    path = f"{server.url}/api/sessions/{session['session_id']}/runs?wait=true"
    assert httpx2.post(path, timeout=30).json()["status"] == "exited"
    children = subprocess.run(
        ["pgrep", "-f", "pizarra worker --fd", "-P", str(server.pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    (worker,) = children.stdout.split()
    os.kill(int(worker), 9)
    end = time.monotonic() + 20
    while (answer := httpx2.post(path, timeout=30)).status_code != 200 or answer.json()[
        "status"
    ] != "exited":
        assert time.monotonic() < end, answer.text
        time.sleep(0.1)


@pytest.fixture
def server_with_runner(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that started its own runner."""
    with server_process(tmp_path) as server:
        yield server
