"""A full disk: nothing that was acknowledged is lost, people are told, and it all goes on when there is room again."""

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.fresh import embed
from tests.harness.peer import connect_peer
from tests.harness.ports import wait_until
from tests.harness.program import pizarra
from tests.harness.rooms import create, metric, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.access.disk import Disk
from pizarra.config import Settings
from pizarra.operations.doctor import examine

MIB = 2**20
KEPT = 8 * MIB  # more than is kept here
RESERVE = 8 * MIB  # the least; 5 % of this disk is less
LIMITS: dict[str, Any] = {"min_free_bytes": KEPT, "min_free_bytes_for_runs": MIB}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB, of which 5 % are kept, and the last MiB from runs."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"only root can make a small disk: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def server(small_disk: Path, runner_socket: Path) -> Iterator[ServerProcess]:
    """A server whose database, and whose log, lie on the small disk."""
    with server_process(small_disk, runner_socket=runner_socket, **LIMITS) as process:
        yield process


@contextlib.contextmanager
def filled(folder: Path, *, leave: int) -> Iterator[None]:
    """Inside, only `leave` bytes are free."""
    waste = folder / "waste"
    try:
        with waste.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        if leave:
            with waste.open("r+b") as file:
                file.truncate(waste.stat().st_size - leave)
        yield
    finally:
        waste.unlink()


def readiness(server: ServerProcess) -> dict[str, Any]:
    """Return what `/health/ready` says."""
    return dict(httpx2.get(f"{server.url}/health/ready").json())


async def test_with_little_room_nothing_new_begins_and_what_is_open_goes_on(
    server: ServerProcess, small_disk: Path
) -> None:
    session = create(server)
    runs = f"{server.url}/api/sessions/{session['session_id']}/runs"
    told = "The disk is full: nothing new can begin. Tell whoever runs this server."
    async with connect_peer(url_of(server, session), control=True) as peer:
        with filled(small_disk, leave=5 * MIB):
            assert httpx2.post(f"{server.url}/api/sessions").status_code == 201
        with filled(small_disk, leave=2 * MIB):
            assert httpx2.post(f"{server.url}/api/sessions").status_code == 507
            assert httpx2.post(f"{runs}?wait=true").json()["status"] == "exited"
        with filled(small_disk, leave=MIB // 2):
            for refused in (httpx2.post(f"{server.url}/api/sessions"), httpx2.post(runs)):
                assert refused.status_code == 507
                assert refused.headers["content-type"] == "application/problem+json"
                assert (refused.json()["code"], refused.json()["detail"]) == ("disk_full", told)
            await peer.control(type="run.start", stdin="")
            await peer.wait_for(lambda: bool(peer.controls_of("refusal")))
            assert peer.controls_of("refusal") == [
                {"type": "refusal", "code": "disk_full", "detail": told}
            ]
            ready = readiness(server)
            assert (ready["status"], ready["disk"]["ok"]) == ("degraded", False)
            assert ready["disk"]["detail"].startswith("The disk is full: ")
            assert metric(server, 'pizarra_refusals_total{bound="min_free_bytes"}') == 2
            assert metric(server, 'pizarra_refusals_total{bound="min_free_bytes_for_runs"}') == 2
            assert metric(server, "pizarra_disk_free_bytes") < 4 * MIB
            async for disk in examine(Settings(data_dir=small_disk, min_free_bytes=KEPT)):
                if disk.subject == "disk":
                    break
            assert (disk.ok, disk.detail[:18]) == (False, "The disk is full: ")
            assert disk.fix is not None
            await peer.wait_acknowledged(await peer.insert(0, "there is room for this "))
        assert readiness(server)["disk"]["ok"]
        assert httpx2.post(f"{server.url}/api/sessions").status_code == 201
    assert text_of(server, session) == "there is room for this hello"


async def test_what_finds_no_room_is_not_acknowledged_and_comes_later(
    server: ServerProcess, small_disk: Path
) -> None:
    session = create(server)
    url = url_of(server, session)
    async with connect_peer(url, control=True) as peer:
        await peer.wait_acknowledged(await peer.insert(0, "safe "))
        with filled(small_disk, leave=0):
            while peer.socket.close_code is None and len(str(peer.text)) < 900_000:
                with contextlib.suppress(Exception):
                    safe = await peer.insert(0, "y" * 50_000)
                    await peer.wait_acknowledged(safe)
            assert await peer.wait_closed() == 1013
            assert (
                peer.socket.close_reason
                == "the server's disk is full; your edits are kept by your browser"
            )
            typed, acknowledged = str(peer.text), peer.acknowledged
            assert acknowledged < peer.sent
            assert httpx2.get(f"{server.url}/health").status_code == 200
            refused = httpx2.patch(
                f"{server.url}/api/sessions/{session['session_id']}", json={"title": "t" * 200}
            )
            assert refused.status_code in (200, 507)
            assert text_of(server, session).endswith("safe hello")
        server.kill()
        server.start()
        recorded = text_of(server, session)
        assert len(recorded) >= len("safe hello") + 50_000 * (acknowledged - 1)
        async with connect_peer(url) as again:
            again.doc.apply_update(peer.doc.get_update())
            await again.wait_acknowledged(await again.edit(lambda _: None))
    assert text_of(server, session) == typed
    assert "the disk is full" in server.log().lower()


@contextlib.contextmanager
def without_room(server: ServerProcess, folder: Path) -> Iterator[None]:
    """Inside, not even the log of the database has room for a title."""
    session = create(server)
    path = f"{server.url}/api/sessions/{session['session_id']}"
    with filled(folder, leave=0):
        for number in range(3000):
            if httpx2.patch(path, json={"title": f"{number} " * 40}).status_code == 507:
                break
        else:
            pytest.fail("the disk never was full")
        yield


def test_a_session_can_be_taken_away_and_erased_on_a_full_disk(
    server: ServerProcess, small_disk: Path, tmp_path: Path
) -> None:
    session, other = create(server, "print(1)\n" * 500), create(server, "x = 1\n")
    path = f"{server.url}/api/sessions/{session['session_id']}"
    assert (small_disk / "pizarra.reserve").stat().st_size == RESERVE
    command = ("export", session["session_id"], "--data-dir", str(small_disk), "--out")
    with without_room(server, small_disk):
        for what in ("export", "export?format=html", "export?format=report", "download"):
            answer = httpx2.get(f"{path}/{what}", timeout=30)
            assert answer.status_code == 200, answer.text
            assert len(answer.content) > 500
        assert server.log().count("audited=False") == 4
        assert "its log is not sealed yet" in server.log()
        written = pizarra(*command, tmp_path / "here.zip")
        assert written.returncode == 0, written.stderr
        assert httpx2.delete(path).status_code == 204
        assert httpx2.get(path).status_code == 404
        assert not (small_disk / "pizarra.reserve").exists()
    verified = pizarra("timeline", "verify", tmp_path / "here.zip")
    assert verified.returncode == 0, verified.stdout
    wait_until((small_disk / "pizarra.reserve").exists, "the reserve", seconds=30)
    with without_room(server, small_disk):
        assert server.terminate() == 0
        stopped = pizarra(
            "export", other["session_id"], "--data-dir", small_disk, "--out", tmp_path / "o.zip"
        )
        assert stopped.returncode == 0, stopped.stderr


def test_a_session_larger_than_the_reserve_is_erased_on_a_full_disk(
    server: ServerProcess, small_disk: Path
) -> None:
    session, other = create(server), create(server, "x = 1\n")
    path = f"{server.url}/api/sessions/{session['session_id']}"
    with contextlib.closing(sqlite3.connect(small_disk / "pizarra.db")) as database:
        (key,) = database.execute(
            "SELECT id FROM sessions WHERE public_id = ?", (session["session_id"],)
        ).fetchone()
        rows = [(key, 100 + number, os.urandom(10_000)) for number in range(2000)]
        database.executemany(
            "INSERT INTO timeline_entries VALUES (?, ?, 0, 'edit', NULL, ?, NULL, 0)", rows
        )
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or the log has room for another such
    assert sum(len(row[2]) for row in rows) > 2 * RESERVE
    with without_room(server, small_disk):
        assert httpx2.delete(path).status_code == 204, server.log()
        assert httpx2.get(path).status_code == 404
        assert "erased later" not in server.log()
        assert not (small_disk / "pizarra.reserve").exists()
        assert (small_disk / "pizarra.db-wal").stat().st_size < MIB
        with contextlib.closing(sqlite3.connect(small_disk / "pizarra.db")) as database:
            (left,) = database.execute(
                "SELECT count(*) FROM timeline_entries WHERE session_id = ?", (key,)
            ).fetchone()
            (free,) = database.execute("PRAGMA freelist_count").fetchone()
        assert (left, free * 4096 > 2 * RESERVE) == (0, True)
    assert text_of(server, other) == "x = 1\n"


def test_an_import_begins_with_room_only(
    server: ServerProcess, small_disk: Path, tmp_path: Path
) -> None:
    session = create(server)
    exported = tmp_path / "session.zip"
    address = f"{server.url}/api/sessions/{session['session_id']}"
    exported.write_bytes(httpx2.get(f"{address}/export").content)
    assert httpx2.delete(address).status_code == 204
    of_server = {"PIZARRA_MIN_FREE_BYTES": str(KEPT)}
    with filled(small_disk, leave=2 * MIB):
        refused = pizarra("import", exported, "--data-dir", small_disk, environment=of_server)
    assert (refused.returncode, refused.stderr) == (
        1,
        "pizarra: the disk is full: make room, then do it again\n",
    )
    assert (
        pizarra("import", exported, "--data-dir", small_disk, environment=of_server).returncode == 0
    )


def test_the_log_says_when_there_is_no_room_and_when_there_is(
    small_disk: Path, runner_socket: Path
) -> None:
    with (
        filled(small_disk, leave=2 * MIB),
        server_process(small_disk, runner_socket=runner_socket, min_free_bytes=KEPT) as server,
    ):
        wait_until(lambda: "The disk is full: " in server.log(), "the log")


@pytest.mark.parametrize("told", [(0, 0, 0), (0, 100, 0)])
def test_a_disk_that_does_not_tell_its_size_is_not_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: tuple[int, int, int]
) -> None:
    """Some file systems that lie elsewhere answer with zeros."""
    blocks, block_bytes, free = told
    answer = os.statvfs_result((block_bytes, block_bytes, blocks, free, free, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _folder: answer)
    disk = Disk(Settings(data_dir=tmp_path))
    disk.require()
    disk.require_for_run()
    assert (disk.free(), disk.is_full, disk.describe()) == (None, False, (True, "not known here"))


def test_a_server_that_finds_no_room_says_so(small_disk: Path) -> None:
    embed(small_disk)
    with filled(small_disk, leave=0):
        refused = pizarra("serve", "--data-dir", small_disk)
    assert refused.returncode == 1
    assert "is full. Make room, then start again.\n" in refused.stderr
