"""Room on the disk: what begins with how much of it, what is kept for erasing, and what the log says of it."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pizarra.access.disk import Disk
from pizarra.config import Settings
from pizarra.errors import DiskFull

MIB = 2**20
LARGE = 100_000 * MIB
BLOCK = 4096


class FileSystem:
    """A disk of a size that a test chooses: what the system says of it."""

    def __init__(self, size: int = LARGE) -> None:
        self.size = size
        self.free = size
        self.asked: list[str] = []
        self.error: OSError | None = None

    def tell(self, folder: Any) -> Any:
        """Answer as `os.statvfs` does; a folder that is not there is none here either."""
        self.asked.append(str(folder))
        if self.error is not None:
            raise self.error
        if not Path(folder).exists():
            raise FileNotFoundError(folder)
        return SimpleNamespace(
            f_blocks=self.size // BLOCK, f_frsize=BLOCK, f_bavail=self.free // BLOCK
        )


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> FileSystem:
    """The disk that everything here lies on."""
    found = FileSystem()
    monkeypatch.setattr(os, "statvfs", found.tell)
    return found


@pytest.mark.parametrize(
    ("size", "free", "sessions", "runs"),
    [
        pytest.param(LARGE, 256 * MIB, True, True, id="just enough for all"),
        pytest.param(LARGE, 256 * MIB - BLOCK, False, True, id="what is kept for open sessions"),
        pytest.param(LARGE, 16 * MIB, False, True, id="just enough for a run"),
        pytest.param(LARGE, 16 * MIB - BLOCK, False, False, id="what is kept from runs"),
        pytest.param(LARGE, 0, False, False, id="nothing"),
        pytest.param(100 * MIB, 5 * MIB, True, True, id="a twentieth of a small disk"),
        pytest.param(100 * MIB, 5 * MIB - BLOCK, False, False, id="less than that, and than a run"),
    ],
)
def test_what_begins_with_how_much_room(
    tmp_path: Path, system: FileSystem, size: int, free: int, *, sessions: bool, runs: bool
) -> None:
    disk = Disk(Settings(data_dir=tmp_path))
    system.size, system.free = size, free

    def refused(require: Any) -> str | None:
        try:
            require()
        except DiskFull as error:
            return error.bound
        return None

    assert refused(disk.require) == (None if sessions else "min_free_bytes")
    assert refused(disk.require_for_run) == (None if runs else "min_free_bytes_for_runs")
    assert (disk.is_full, disk.free(), disk.describe()[0]) == (not sessions, free, sessions)


def test_both_bounds_are_settings(tmp_path: Path, system: FileSystem) -> None:
    disk = Disk(Settings(data_dir=tmp_path, min_free_bytes=MIB, min_free_bytes_for_runs=2 * MIB))
    system.free = MIB
    disk.require()
    disk.require_for_run()  # never more than is kept from sessions
    system.free = MIB - BLOCK
    with pytest.raises(DiskFull, match="nothing new can begin"):
        disk.require()
    with pytest.raises(DiskFull):
        disk.require_for_run()
    assert disk.describe() == (
        False,
        "The disk is full: 1,044,480 bytes are free, and 1,048,576 are kept for open sessions "
        "(PIZARRA_MIN_FREE_BYTES). No session or import begins.",
    )


def test_a_folder_that_is_not_made_yet_lies_where_the_one_above_it_does(
    tmp_path: Path, system: FileSystem
) -> None:
    disk = Disk(Settings(data_dir=tmp_path / "not" / "yet"))
    assert disk.free() == LARGE
    assert system.asked == [
        str(each) for each in (tmp_path / "not/yet", tmp_path / "not", tmp_path)
    ]


def test_a_disk_that_does_not_answer_refuses_nothing(tmp_path: Path, system: FileSystem) -> None:
    system.error = OSError(5, "Input/output error")
    disk = Disk(Settings(data_dir=tmp_path))
    disk.require()
    disk.require_for_run()
    assert (disk.free(), disk.describe()) == (None, (True, "not known here"))


async def test_postgresql_has_a_disk_of_its_own(tmp_path: Path, system: FileSystem) -> None:
    system.free = 0
    disk = Disk(Settings(data_dir=tmp_path, database_url="postgres://there/pizarra"))
    disk.require()
    disk.free_for_erasing()
    await disk.look()
    assert (disk.free(), system.asked, list(tmp_path.iterdir())) == (None, [], [])


@pytest.mark.parametrize(
    ("size", "setting", "reserve"),
    [
        pytest.param(LARGE, MIB, MIB, id="as the setting says"),
        pytest.param(100 * MIB, 32 * MIB, 8 * MIB, id="a small disk: what erasing needs"),
        pytest.param(180 * MIB, 32 * MIB, 9 * MIB, id="a larger one: a twentieth"),
    ],
)
async def test_how_much_is_held_for_erasing(
    tmp_path: Path, system: FileSystem, size: int, setting: int, reserve: int
) -> None:
    disk = Disk(Settings(data_dir=tmp_path, reserve_bytes=setting))
    held, system.size = tmp_path / "pizarra.reserve", size
    system.free = 2 * reserve - BLOCK
    await disk.look()
    assert not held.exists(), "what is left is better left"
    system.free = 2 * reserve
    await disk.look()
    assert held.stat().st_size == reserve
    assert held.stat().st_mode & 0o777 == 0o600
    system.free = reserve
    disk.free_for_erasing()
    assert held.exists(), "there is room enough without it"
    system.free = reserve - BLOCK
    disk.free_for_erasing()
    disk.free_for_erasing()  # as each session does that is erased
    assert not held.exists()


async def test_without_a_reserve_none_is_made(tmp_path: Path, system: FileSystem) -> None:
    disk = Disk(Settings(data_dir=tmp_path, reserve_bytes=0))
    await disk.look()
    system.free = 0
    disk.free_for_erasing()
    assert list(tmp_path.iterdir()) == []


async def test_a_reserve_that_finds_no_room_is_taken_away_again(
    tmp_path: Path,
    system: FileSystem,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(_file: int, _start: int, _size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    await Disk(Settings(data_dir=tmp_path)).look()
    assert list(tmp_path.iterdir()) == []
    assert "pizarra.reserve cannot be made: No space left on device" in caplog.text
    assert system.asked


async def test_the_log_says_once_that_it_is_full_and_once_that_it_is_not(
    tmp_path: Path, system: FileSystem, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(Settings(data_dir=tmp_path, reserve_bytes=0))
    for free in (LARGE, 0, 0, BLOCK, LARGE, LARGE):
        system.free = free
        await disk.look()
    told = [(each.levelname, each.message.partition(":")[0]) for each in caplog.records]
    assert told == [("ERROR", "The disk is full"), ("WARNING", "there is room on the disk again")]
    assert caplog.records[0].message.endswith("Make room.")
