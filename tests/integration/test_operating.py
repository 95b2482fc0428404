"""What whoever runs a server meets: readiness, a lost key, misspelt settings, stopping, copies before a migration."""

import asyncio
import contextlib
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text
from tests.harness.application import Application
from tests.harness.ports import free_port, wait_until
from tests.harness.program import clean_environment, pizarra
from tests.harness.rooms import create
from tests.harness.server import server_process

from pizarra.config import Settings, misspelt
from pizarra.database import connect
from pizarra.errors import Unavailable
from pizarra.health.readiness import Readiness, find_fault
from pizarra.migrations import migrate
from pizarra.operations.doctor import Finding, examine

ROOT = Path(__file__).resolve().parents[2]


async def _finding(folder: Path, subject: str) -> Finding:
    """Return what the doctor finds of a subject, and have it look no further."""
    findings = examine(Settings(data_dir=folder))
    return await anext(each async for each in findings if each.subject == subject)


async def test_ready_means_that_the_database_takes_what_is_written(
    tmp_path: Path, runner_socket: Path
) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, readiness_seconds=0) as server:
        path = f"{server.url}/health/ready"
        assert httpx2.get(path).status_code == 200
        with sqlite3.connect(tmp_path / "pizarra.db") as database:
            database.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )
        refused = httpx2.get(path)
        assert (refused.status_code, refused.headers["content-type"]) == (
            503,
            "application/problem+json",
        )
        told = "The database cannot be written. The log and `pizarra doctor` say why."
        assert refused.json()["detail"] == told  # whoever asks need not be signed in
        assert httpx2.get(path).status_code == 503
        assert server.log().count(f"not ready: {told} no room") == 1
        found = await _finding(tmp_path, "database")
        assert (found.ok, "it cannot be written: no room" in found.detail) == (False, True)
        with sqlite3.connect(tmp_path / "pizarra.db") as database:
            database.execute("DROP TRIGGER full")
            database.execute("ALTER TABLE runs DROP COLUMN memory_kb")
        assert "has no runs.memory_kb" in httpx2.get(path).json()["detail"]
        found = await _finding(tmp_path, "database")
        assert (found.ok, "has no runs.memory_kb" in found.detail) == (False, True)
        with sqlite3.connect(tmp_path / "pizarra.db") as database:
            database.execute("ALTER TABLE runs ADD COLUMN memory_kb INTEGER")
            database.execute("UPDATE alembic_version SET version_num = '0001'")
        assert "at revision 0001" in httpx2.get(path).json()["detail"]
        database.close()


async def test_readiness_tells_strangers_no_word_of_the_driver() -> None:
    url = f"postgres://ana:hunter2@127.0.0.1:{free_port()}/interviews"
    database = connect(Settings(database_url=url))
    try:
        fault = await find_fault(database)
        with pytest.raises(Unavailable) as refused:
            await Readiness(database, 0).require()
    finally:
        await database.dispose()
    assert fault is not None
    assert "127.0.0.1" in fault.reason
    assert (
        refused.value.detail
        == fault.told
        == "The database cannot be written. The log and `pizarra doctor` say why."
    )


async def test_readiness_looks_seldom_however_many_ask(
    running: Application, client: httpx2.AsyncClient
) -> None:
    assert (await client.get("/health/ready")).status_code == 200
    async with running.services.database.write() as db:
        await db.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(20)))
    assert {each.status_code for each in answers} == {200}
    async with running.services.database.write() as db:
        await db.execute(
            text(f"UPDATE alembic_version SET version_num = '{migrate.head_revision()}'")
        )


def test_a_lost_key_is_said(tmp_path: Path, runner_socket: Path) -> None:
    with server_process(tmp_path, runner_socket=runner_socket) as server:
        assert "was not there" not in server.log()
        create(server)
        assert server.terminate() == 0
        (tmp_path / "secret.key").unlink()
        verified = pizarra("timeline", "verify", "--data-dir", tmp_path)
        assert verified.returncode == 1
        assert "secret.key is not there" in verified.stderr
        assert not (tmp_path / "secret.key").exists()
        server.start()
        assert "secret.key was not there, and the database holds 1 session made" in server.log()
        assert "every invitation sent so far" in server.log()


async def test_a_damaged_key_is_one_sentence(tmp_path: Path, runner_socket: Path) -> None:
    with server_process(tmp_path, runner_socket=runner_socket) as server:
        create(server)
    key = tmp_path / "secret.key"
    for holds, what in ((b"", "empty"), (b"0f", "damaged")):
        key.write_bytes(holds)
        for command in (
            ("serve", "--port", "0"),
            ("timeline", "verify"),
            ("backup", str(tmp_path / "b")),
        ):
            done = pizarra(*command, "--data-dir", tmp_path)
            (line,) = done.stderr.splitlines()
            assert done.returncode == 1
            assert f"{key} does not hold a key: it is {what}. Put it back from a backup." in line
        assert key.read_bytes() == holds
        found = await _finding(tmp_path, "data directory")
        assert (found.ok, f"{key} does not hold a key" in found.detail) == (False, True)


def test_data_in_an_open_folder_is_private(tmp_path: Path, runner_socket: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    with server_process(folder, first_start=True, runner_socket=runner_socket) as server:
        create(server)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        modes.pop("server.log")  # the test's own
        assert {"pizarra.db", "pizarra.db-wal", "secret.key"} <= set(modes)
        assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    made = tmp_path / "made/below"
    assert pizarra("db", "upgrade", "--data-dir", made).returncode == 0
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_misspelt_settings_are_named(tmp_path: Path, runner_socket: Path) -> None:
    assert dict(
        misspelt({"PIZARRA_PROT": "1", "PIZARRA_PORT": "1", "PATH": "x", "PIZARRA_TEST_KILLS": "1"})
    ) == {"PIZARRA_PROT": "PIZARRA_PORT"}
    assert dict(misspelt({"PIZARRA_XYZZY": "1"})) == {"PIZARRA_XYZZY": None}
    with server_process(tmp_path, runner_socket=runner_socket, max_wating=3) as server:
        assert "PIZARRA_MAX_WATING is no setting: did you mean PIZARRA_MAX_WAITING?" in server.log()


async def test_who_waits_for_a_run_is_told_that_the_server_stops(tmp_path: Path) -> None:
    with server_process(tmp_path) as server:
        session = create(server, "import time\nprint('on', flush=True)\ntime.sleep(60)\n")
        path = f"{server.url}/api/sessions/{session['session_id']}"
        async with httpx2.AsyncClient(timeout=60) as client:
            waiting = asyncio.create_task(client.post(f"{path}/runs?wait=true"))
            for _ in range(2000):
                kinds = (await client.get(f"{path}/timeline?kinds=run.output")).json()
                if kinds:
                    break
                await asyncio.sleep(0.02)
            assert kinds, server.log()
            os.kill(server.pid, signal.SIGTERM)
            answer = await waiting
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "stopping" in answer.json()["detail"]


def _start(folder: Path, *, wait: bool = True) -> tuple["subprocess.Popen[bytes]", Path]:
    """Start `pizarra serve` as the first of a process group, as a terminal or a supervisor does."""
    log = folder / "group.log"
    environment = {
        **clean_environment(),
        "PIZARRA_DATA_DIR": str(folder),
        "PIZARRA_PORT": str(free_port()),
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "pizarra", "serve"],
            env=environment,
            stdout=out,
            stderr=out,
            cwd="/",
            start_new_session=True,
            # A shell gives what it starts in a terminal ^C; what runs this suite in the background does not have it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
    if wait:
        wait_until(
            lambda: b"is ready: " in log.read_bytes() or process.poll() is not None, "the server"
        )
    return process, log


def test_a_group_that_is_stopped_starts_nothing_again(tmp_path: Path) -> None:
    process, log = _start(tmp_path)
    port = log.read_text().rpartition(":")[2].split()[0]
    wait_until(
        lambda: httpx2.get(f"http://127.0.0.1:{port}/health/ready").json()["status"] == "ready",
        "the runner",
    )
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(20) == 0
    assert "starting it again" not in log.read_text()
    assert "Traceback" not in log.read_text()


def _wait_for_our_code(pid: int) -> None:
    """Wait until a Python that starts runs a line of ours: before it ^C is Python's own, which takes it and says so.

    Python catches the signal once it is there; the first that our program does is to have it end the process.
    """
    status, interrupt = Path(f"/proc/{pid}/status"), 1 << (signal.SIGINT - 1)

    def catches() -> bool:
        return bool(int(re.findall(r"SigCgt:\s(\w+)", status.read_text())[0], 16) & interrupt)

    for wanted, until in ((True, time.monotonic() + 20), (False, time.monotonic() + 22)):
        while catches() is not wanted and time.monotonic() < until:
            time.sleep(0.0005)


@pytest.mark.parametrize("tenths", [0, 2, 4, 7])
def test_an_early_interrupt_prints_no_traceback(tmp_path: Path, tenths: int) -> None:
    """Wherever the start is by then: while the program is imported, while tables are made, or later."""
    process, log = _start(tmp_path, wait=False)
    _wait_for_our_code(process.pid)
    time.sleep(tenths / 10)
    os.killpg(process.pid, signal.SIGINT)
    process.wait(20)
    assert "Traceback" not in log.read_text(), log.read_text()
    assert "KeyboardInterrupt" not in log.read_text()


def test_an_idle_server_takes_next_to_nothing(tmp_path: Path) -> None:
    """esbuild as it comes asks every second whether its parent is there: half of what an idle server cost."""
    with server_process(tmp_path) as server:
        session = create(server, "")
        path = f"{server.url}/api/sessions/{session['session_id']}"
        httpx2.patch(path, json={"language": "typescript"})
        done = httpx2.post(
            f"{path}/runs?wait=true", json={"language": "typescript"}, timeout=90
        ).json()
        assert done["status"] == "exited", done
        commands = [_command(pid) for pid in _family(server.pid)]
        services = [
            each for each in commands if any(word.startswith("--service=") for word in each)
        ]
        assert services, commands
        assert not any("--ping" in each for each in services)
        wait_until(lambda: _share_of_a_core(server.pid) <= 0.005, "an idle server")


def _share_of_a_core(pid: int, seconds: float = 3.0) -> float:
    """Return what a server and all that it started take of a core, for some seconds from now."""
    begun, before = time.monotonic(), _computed(pid)
    time.sleep(seconds)
    return (_computed(pid) - before) / (time.monotonic() - begun)


def _computed(pid: int) -> float:
    """Return the seconds that a process and its children have computed, to the nanosecond."""
    seconds = 0.0
    for each in _family(pid):
        for thread in Path(f"/proc/{each}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                seconds += int(thread.read_text().split()[0]) / 1e9
    return seconds


def _family(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += [
                each
                for child in (thread / "children").read_text().split()
                for each in _family(int(child))
            ]
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


async def test_sqlite_is_copied_before_a_migration(tmp_path: Path) -> None:
    previous = migrate.revisions()[-2]
    upgrade = ("db", "upgrade", "--data-dir", tmp_path)
    downgrade = ("db", "downgrade", "-1", "--data-dir", tmp_path)
    assert pizarra(*upgrade).returncode == 0
    assert list(tmp_path.glob("*.bak")) == []  # there was nothing to lose
    assert pizarra(*downgrade).returncode == 0
    assert pizarra(*upgrade).returncode == 0
    copies = sorted(tmp_path.glob("pizarra.db.*.bak"), key=lambda path: path.stat().st_mtime_ns)
    assert [copy.name.split(".")[2].partition("-")[0] for copy in copies] == [
        migrate.head_revision(),
        previous,
    ]
    for copy in copies:
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with sqlite3.connect(copy) as database:
            (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        database.close()
        assert copy.name.startswith(f"pizarra.db.{revision}-20")
    for _ in range(2):
        pizarra(*downgrade)
        pizarra(*upgrade)
    kept = sorted(tmp_path.glob("*.bak"))
    assert len(kept) == Settings().migration_copies
    assert not set(copies) <= set(kept)


def test_the_unit_finds_what_root_installed() -> None:
    block = (ROOT / "docs/operating.md").read_text().split("```ini\n", 1)[1].split("```", 1)[0]
    assert "PIZARRA_CACHE_DIR=/var/cache/pizarra" in block
    assert "Delegate=yes" in block
    named = dict.fromkeys(re.findall(r"(PIZARRA_\w+)=", block), "x")
    assert len(named) == 4
    assert dict(misspelt(named)) == {}
