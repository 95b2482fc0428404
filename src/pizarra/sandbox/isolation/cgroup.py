"""Memory, process and CPU limits by cgroup, version 2 or 1, where one may be written."""

import contextlib
import fcntl
import os
import secrets
from pathlib import Path
from typing import Protocol

from pizarra.sandbox.limits import RunLimits

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_US = 100_000
_PREFIX = "pizarra-runner-"


class Cgroup(Protocol):
    """The limits of one sandbox."""

    def add(self, pid: int) -> None:
        """Put a process, and so its future children, under the limits."""
        ...

    def ran_out_of_memory(self) -> bool:
        """Tell whether the kernel killed something for memory."""
        ...

    def ran_out_of_processes(self) -> bool:
        """Tell whether a process or thread could not be started."""
        ...

    def peak_memory_kb(self) -> int | None:
        """Return the highest memory use seen, if the kernel tells."""
        ...

    def cpu_seconds(self) -> float | None:
        """Return the processor time used so far, if the kernel tells."""
        ...

    def remove(self) -> None:
        """Take the limits away; the sandbox is dead."""
        ...


class CgroupFactory(Protocol):
    """Makes cgroups under the runner's own."""

    version: int

    def create(self, name: str, limits: RunLimits) -> Cgroup:
        """Return a new cgroup.

        Raises:
            OSError: it cannot be made.
        """
        ...

    def close(self) -> None:
        """Remove what this process made."""
        ...


def _own_paths() -> dict[str, str]:
    """Return controller → path of this process, with the key "" for version 2."""
    paths: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _counter(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def _remove_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _lock(folder: Path) -> int | None:
    """Lock a folder until the descriptor is closed, or this process ends; None while another has it.

    Raises:
        OSError: it is gone, or cannot be locked.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return descriptor


def _remove_abandoned(base: Path) -> None:
    """Remove what runners that were killed could not: nobody holds its lock."""
    for folder in base.glob(f"{_PREFIX}*"):
        # Another runner that starts now removes the same.
        with contextlib.suppress(OSError):
            if (lock := _lock(folder)) is None:
                continue
            try:
                for inner in folder.iterdir():
                    if inner.is_dir():
                        _remove_folder(inner)
                _remove_folder(folder)
            finally:
                os.close(lock)


def _make_own(base: Path, name: str) -> int:
    """Make a runner's folder and return its lock.

    Raises:
        OSError: it cannot be made.
    """
    while True:
        (base / name).mkdir(exist_ok=True)
        # Another runner that starts now may take it for abandoned, until it is locked.
        with contextlib.suppress(FileNotFoundError):
            lock = _lock(base / name)
            if lock is not None and (base / name).exists():
                return lock
            if lock is not None:
                os.close(lock)


class _V1:
    def __init__(self, folders: dict[str, Path]) -> None:
        self._folders = folders

    def add(self, pid: int) -> None:
        for folder in self._folders.values():
            (folder / "cgroup.procs").write_text(str(pid))

    def ran_out_of_memory(self) -> bool:
        return _counter(_read(self._folders["memory"] / "memory.oom_control"), "oom_kill") > 0

    def ran_out_of_processes(self) -> bool:
        return _counter(_read(self._folders["pids"] / "pids.events"), "max") > 0

    def peak_memory_kb(self) -> int | None:
        text = _read(self._folders["memory"] / "memory.max_usage_in_bytes")
        return int(text) // 1024 if text else None

    def cpu_seconds(self) -> float | None:
        text = _read(self._folders["cpuacct"] / "cpuacct.usage")
        return int(text) / 1e9 if text else None

    def remove(self) -> None:
        for folder in self._folders.values():
            _remove_folder(folder)


class V1Factory:
    """Cgroups of version 1: one folder per controller."""

    version = 1

    def __init__(self) -> None:
        own = _own_paths()
        parent = f"{_PREFIX}{secrets.token_hex(8)}"  # programs see it: it must tell nothing
        self._parents = {}
        self._locks = []
        for controller in ("memory", "pids", "cpu", "cpuacct"):
            base = _ROOT / controller / own.get(controller, "/").lstrip("/")
            _remove_abandoned(base)
            self._parents[controller] = base / parent
            self._locks.append(_make_own(base, parent))

    def create(self, name: str, limits: RunLimits) -> Cgroup:
        folders = {controller: folder / name for controller, folder in self._parents.items()}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        (folders["memory"] / "memory.limit_in_bytes").write_text(str(limits.memory_bytes))
        with contextlib.suppress(OSError):  # absent where swap is not counted
            (folders["memory"] / "memory.memsw.limit_in_bytes").write_text(str(limits.memory_bytes))
        (folders["pids"] / "pids.max").write_text(str(limits.processes))
        (folders["cpu"] / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (folders["cpu"] / "cpu.cfs_quota_us").write_text(str(int(limits.cpus * _PERIOD_US)))
        return _V1(folders)

    def close(self) -> None:
        """Remove the folders this process made."""
        for folder in self._parents.values():
            _remove_folder(folder)
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()


class _V2:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, pid: int) -> None:
        (self._folder / "cgroup.procs").write_text(str(pid))

    def ran_out_of_memory(self) -> bool:
        return _counter(_read(self._folder / "memory.events"), "oom_kill") > 0

    def ran_out_of_processes(self) -> bool:
        return _counter(_read(self._folder / "pids.events"), "max") > 0

    def peak_memory_kb(self) -> int | None:
        text = _read(self._folder / "memory.peak")
        return int(text) // 1024 if text else None

    def cpu_seconds(self) -> float | None:
        used = _counter(_read(self._folder / "cpu.stat"), "usage_usec")
        return used / 1e6 if used else None

    def remove(self) -> None:
        _remove_folder(self._folder)


class V2Factory:
    """Cgroups of version 2: one folder, delegated to us."""

    version = 2

    def __init__(self) -> None:
        base = _ROOT / _own_paths()[""].lstrip("/")
        if not {"memory", "pids", "cpu"} <= set(_read(base / "cgroup.controllers").split()):
            raise OSError("the memory, pids and cpu controllers are not delegated to this process")
        # A group with processes cannot hand controllers down: the runner moves into a leaf of its own first.
        leaf = base / "pizarra-runner"
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        (base / "cgroup.subtree_control").write_text("+memory +pids +cpu")
        self._base = base

    def create(self, name: str, limits: RunLimits) -> Cgroup:
        folder = self._base / name
        folder.mkdir(exist_ok=True)
        (folder / "memory.max").write_text(str(limits.memory_bytes))
        with contextlib.suppress(OSError):
            (folder / "memory.swap.max").write_text("0")
        (folder / "pids.max").write_text(str(limits.processes))
        (folder / "cpu.max").write_text(f"{int(limits.cpus * _PERIOD_US)} {_PERIOD_US}")
        return _V2(folder)

    def close(self) -> None:
        """Nothing to remove: the leaf holds this process."""


def find_factory() -> V1Factory | V2Factory | None:
    """Return the cgroups this process may make, or None."""
    for factory in (V2Factory, V1Factory):
        try:
            candidate = factory()
            candidate.create(f"pizarra-probe-{os.getpid()}", RunLimits()).remove()
        except (OSError, KeyError):
            continue
        return candidate
    return None
