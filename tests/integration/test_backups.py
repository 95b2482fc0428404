"""`pizarra backup` and `restore`: what was there comes back elsewhere, links and seals included."""

import asyncio
import io
import json
import os
import sqlite3
import stat
import tarfile
from pathlib import Path

import httpx2
import pytest
from tests.harness.peer import connect_peer
from tests.harness.program import pizarra
from tests.harness.rooms import create, join, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.config import Settings
from pizarra.operations.backups import BackupError, back_up, restore


def failed(*arguments: str | Path, **environment: str) -> str:
    """Return the one sentence of a command that fails."""
    done = pizarra(*arguments, environment=environment)
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    return line


_NOBODY = "postgres://ana:hunter2@127.0.0.1:1/pizarra"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A data directory, another one elsewhere, and where the backup goes."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir(mode=0o755)
    return here, there, tmp_path / "pizarra.backup"


async def test_a_backup_under_load_is_restored_elsewhere(
    folders: tuple[Path, Path, Path], runner_socket: Path
) -> None:
    here, there, file = folders
    with server_process(here, runner_socket=runner_socket) as server:
        sessions = [create(server, f"# session {number}\n") for number in range(3)]
        guest = join(server, sessions[0])
        async with connect_peer(url_of(server, sessions[0])) as peer:
            before = await peer.insert(0, "before the backup\n")
            await peer.wait_acknowledged(before)
            typing = asyncio.create_task(_type(server, sessions[1]))
            done = await asyncio.to_thread(pizarra, "backup", file, "--data-dir", here)
            typing.cancel()
            assert done.returncode == 0, done.stderr
        assert "3 sessions" in done.stdout
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "is there already" in failed("backup", file, "--data-dir", here)

    restored = pizarra("restore", file, "--data-dir", there)
    assert restored.returncode == 0, restored.stderr
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in there.iterdir()} == {
        "pizarra.db": 0o600,
        "secret.key": 0o600,
    }
    verified = pizarra("timeline", "verify", "--data-dir", there)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    with server_process(there, runner_socket=runner_socket) as server:
        assert text_of(server, sessions[0]).startswith("before the backup\n")
        assert {each["session_id"] for each in httpx2.get(f"{server.url}/api/sessions").json()} == {
            each["session_id"] for each in sessions
        }
        token = sessions[2]["share_url"].rpartition("/")[2]
        assert httpx2.get(f"{server.url}/api/invitations/{token}").status_code == 200
        headers = {"authorization": f"Bearer {guest}"}
        path = f"{server.url}/api/sessions/{sessions[0]['session_id']}/files"
        assert httpx2.get(path, headers=headers).status_code == 200
        assert "in use" in failed("restore", file, "--force", "--data-dir", there)


async def _type(server: ServerProcess, session: dict[str, object]) -> None:
    async with connect_peer(url_of(server, session)) as peer:
        while True:
            await peer.wait_acknowledged(await peer.insert(0, "typed meanwhile\n"))


def test_nothing_is_replaced_unasked(folders: tuple[Path, Path, Path]) -> None:
    here, there, file = folders
    for folder in (here, there):
        assert pizarra("db", "upgrade", "--data-dir", folder).returncode == 0
        (folder / "secret.key").write_text("ab" * 32 + "\n")
    (there / "secret.key").write_text("cd" * 32 + "\n")
    assert pizarra("backup", file, "--data-dir", here).returncode == 0
    said = failed("restore", file, "--data-dir", there)
    assert "--force" in said
    assert (there / "secret.key").read_text().startswith("cd")
    assert pizarra("restore", file, "--force", "--data-dir", there).returncode == 0
    assert (there / "secret.key").read_text().startswith("ab")


def test_what_the_system_says_is_said_in_words(folders: tuple[Path, Path, Path]) -> None:
    """A folder that is not there was told as a file of ours in it, with the system's number for that."""
    here, there, file = folders
    assert pizarra("db", "upgrade", "--data-dir", here).returncode == 0
    (here / "secret.key").write_text("ab" * 32 + "\n")
    nowhere = file.parent / "nowhere"
    for words, command in (
        (f"there is no folder {nowhere}", ("backup", nowhere / "x", "--data-dir", here)),
        (f"there is no file {file}", ("restore", file, "--data-dir", here)),
        (f"there is no file {file}", ("restore", file, "--data-dir", there)),
        ("No such file or directory", ("import", file, "--data-dir", here)),
        ("Connect call failed", ("db", "move", "--data-dir", here, "--to", _NOBODY)),
        ("Connect call failed", ("db", "upgrade", "--database-url", _NOBODY)),
    ):
        said = failed(*command)
        assert words in said
        assert "Errno" not in said
    assert list(there.iterdir()) == []


def test_what_is_no_backup_changes_nothing(
    folders: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    here, there, file = folders
    assert pizarra("db", "upgrade", "--data-dir", here).returncode == 0
    (here / "secret.key").write_text("ab" * 32 + "\n")
    file.write_bytes(b"nothing of the kind")
    assert "nothing was restored" in failed("restore", file, "--data-dir", there)
    with tarfile.open(file, "w:gz") as archive:
        archive.add(here / "secret.key", "../secret.key")
    assert "no backup of Pizarra" in failed("restore", file, "--data-dir", there)
    newer = tmp_path / "newer"
    with sqlite3.connect(here / "pizarra.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert pizarra("backup", newer, "--data-dir", here).returncode == 0
    assert "newer than this program" in failed("restore", newer, "--data-dir", there)
    assert list(there.iterdir()) == []


@pytest.fixture
def backup(folders: tuple[Path, Path, Path]) -> Path:
    """A backup of an installation without sessions."""
    here, _, file = folders
    assert pizarra("db", "upgrade", "--data-dir", here).returncode == 0
    (here / "secret.key").write_text("ab" * 32 + "\n")
    back_up(Settings(data_dir=here), file)
    return file


def test_no_bit_of_a_backup_may_be_another(backup: Path, folders: tuple[Path, Path, Path]) -> None:
    there, sound = Settings(data_dir=folders[1]), backup.read_bytes()
    ends = {
        *range(10),
        *range(len(sound) - 95, len(sound) - 83),
    }  # gzip's header; its end and the seal's beginning
    for at in sorted({*ends, *range(10, len(sound), len(sound) // 60)}):
        for bit in range(8) if at in ends else (at % 8,):
            backup.write_bytes(sound[:at] + bytes([sound[at] ^ 1 << bit]) + sound[at + 1 :])
            with pytest.raises(BackupError):
                restore(there, backup, force=False)
    assert list(there.data_dir.iterdir()) == []
    backup.write_bytes(sound)
    assert restore(there, backup, force=False) == 0


def test_a_backup_that_is_cut_off_is_refused_in_a_sentence(
    backup: Path, folders: tuple[Path, Path, Path]
) -> None:
    there, sound = folders[1], backup.read_bytes()
    for size in (
        0,
        5,
        len(sound) // 2,
        len(sound) - 200,
        len(sound) - 90,
        len(sound) - 85,
        len(sound) - 1,
    ):
        backup.write_bytes(sound[:size])
        with pytest.raises(BackupError):
            restore(Settings(data_dir=there), backup, force=False)
    backup.write_bytes(sound[: len(sound) // 2])
    assert "nothing was restored: " in failed("restore", backup, "--data-dir", there)
    for about in (b"{", b"[]", b"\xff", b"[" * 60_000, b'{"format": "2"}', b'{"format": 1}'):
        with tarfile.open(backup, "w:gz") as archive:
            entry = tarfile.TarInfo("about.json")
            entry.size = len(about)
            archive.addfile(entry, io.BytesIO(about))
        with pytest.raises(BackupError):
            restore(Settings(data_dir=there), backup, force=False)
    assert list(there.iterdir()) == []


def test_a_backup_of_the_first_format_is_restored_and_its_checksum_read(
    backup: Path, folders: tuple[Path, Path, Path]
) -> None:
    """Those had no seal: gzip's checksum is what they have, behind the end of the archive."""
    here, there, file = folders
    with tarfile.open(file, "w:gz") as archive:
        about = json.dumps(
            {"format": 1, "pizarra": "0.1.0", "revision": "0001", "at": "2026-11-01"}
        ).encode()
        entry = tarfile.TarInfo("about.json")
        entry.size = len(about)
        archive.addfile(entry, io.BytesIO(about))
        archive.add(here / "secret.key", "secret.key")
        archive.add(here / "pizarra.db", "pizarra.db")
    sound = file.read_bytes()
    file.write_bytes(sound[:-8] + bytes([sound[-8] ^ 1]) + sound[-7:])
    assert "is damaged" in failed("restore", file, "--data-dir", there)
    assert list(there.iterdir()) == []
    file.write_bytes(sound)
    assert pizarra("restore", file, "--data-dir", there).returncode == 0


@pytest.mark.parametrize("links", [True, False])
def test_a_file_made_meanwhile_stays(
    backup: Path, folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    here, _, _ = folders
    file, elsewhere = backup.with_name("other"), backup.with_name("elsewhere")
    (backup.parent / ".other.part").symlink_to(elsewhere)  # a name that could be guessed
    link = os.link

    def link_late(source: Path, target: Path) -> None:
        """What somebody does just before the backup gets its name, where there may be no links."""
        assert stat.S_IMODE(source.stat().st_mode) == 0o600
        if made:
            target.write_text("made meanwhile")
        if not links:
            raise PermissionError("no links here")
        link(source, target)

    monkeypatch.setattr(os, "link", link_late)
    for made in (True, False):
        if made:
            with pytest.raises(BackupError, match="is there already"):
                back_up(Settings(data_dir=here), file)
            assert file.read_text() == "made meanwhile"
            file.unlink()
        else:
            back_up(Settings(data_dir=here), file)
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not elsewhere.exists()
    assert sorted(path.name for path in backup.parent.iterdir() if path.name.startswith(".")) == [
        ".other.part"
    ]


def test_postgresql_has_its_own_tools(folders: tuple[Path, Path, Path]) -> None:
    here, _, file = folders
    url = "postgres://ana:hunter2@db.example.org/pizarra?sslmode=require"
    for command, tool in (("backup", "pg_dump --format=custom"), ("restore", "pg_restore")):
        said = failed(command, file, PIZARRA_DATA_DIR=str(here), DATABASE_URL=url)
        assert tool in said
        assert "postgresql://ana@db.example.org/pizarra" in said
        assert "secret.key" in said
        assert "hunter2" not in said
