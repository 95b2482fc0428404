"""Looks after a running sandbox: time of every kind, and memory and files where the kernel does not count for us."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pizarra.sandbox.isolation.cgroup import Cgroup
from pizarra.sandbox.limits import RunLimits

_PERIOD_SECONDS = 0.1
_SERVICE_PERIOD_SECONDS = 0.5
_RESTING_PERIOD_SECONDS = 2.0
_REST_SECONDS = 1.0
# of processor time from one look to the next: it works, though it says nothing
_BUSY_SECONDS = 0.01
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")

OnLimit = Callable[[str, str | None], None]  # reason as the run's status names it, and a sentence


class Watch:
    """Calls `on_limit` once something goes beyond its limit. Start it when the program starts."""

    def __init__(
        self,
        limits: RunLimits,
        init_pid: int,
        cgroup: Cgroup | None,
        folders: Sequence[int],
        on_limit: OnLimit,
    ) -> None:
        self._limits = limits
        self._init_pid = init_pid
        self._cgroup = cgroup
        self._folders = folders
        self._on_limit = on_limit
        self._loop = asyncio.get_running_loop()
        self._started = self._last_sign = self._seen_at = self._loop.time()
        self._seen: dict[int, list[str]] = {}  # where the kernel does not count for us: by pid
        self._measured = self._used = 0.0
        self._cpu_before = self._cpu_last = self._cpu_seconds()
        self._timer: asyncio.TimerHandle | None = None
        self._count: asyncio.Task[None] | None = None
        self._look_later()

    def note_life(self) -> None:
        """Somebody typed, or the program did something."""
        self._last_sign = self._loop.time()

    @property
    def is_resting(self) -> bool:
        """Whether there has been no sign of it for a moment."""
        return self._loop.time() - self._last_sign > _REST_SECONDS

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
        if self._count is not None:
            self._count.cancel()

    def _look_later(self) -> None:
        end = self._started + self._limits.wall_seconds
        period = _PERIOD_SECONDS
        if self._limits.output_bytes is None:
            # Our own services, whose output nobody bounds, wait for work most of the time.
            period = _RESTING_PERIOD_SECONDS if self.is_resting else _SERVICE_PERIOD_SECONDS
        self._timer = self._loop.call_at(min(self._loop.time() + period, end), self._look)

    def _look(self) -> None:
        found = self._beyond()
        if found is not None:
            self._on_limit(*found)
        elif self._cgroup is None and self._memory() > self._limits.memory_bytes:
            self._count = self._loop.create_task(self._count_exactly())
        else:
            self._look_later()

    async def _count_exactly(self) -> None:
        """Kill what is beyond its memory though each page that processes share is counted once.

        A thread asks: the kernel walks all pages of all processes for it.
        """
        pids = list(_family(self._init_pid))
        if await asyncio.to_thread(_own_bytes, pids) > self._limits.memory_bytes:
            self._on_limit("memory", None)
        else:
            self._look_later()

    def _beyond(self) -> tuple[str, str | None] | None:
        limits, now = self._limits, self._loop.time()
        if now - self._started >= limits.wall_seconds:
            return "timeout", f"It ran for {limits.wall_seconds:g} s, the longest a program may."
        cpu = self._cpu_seconds()
        if cpu - self._cpu_before > limits.cpu_seconds:
            return (
                "timeout",
                f"It used {limits.cpu_seconds:g} s of processor time: perhaps a loop never ends.",
            )
        if cpu - self._cpu_last > _BUSY_SECONDS:
            self.note_life()
        self._cpu_last = cpu
        if limits.idle_seconds is not None and now - self._last_sign > limits.idle_seconds:
            return "timeout", f"Nobody typed, and it did nothing, for {limits.idle_seconds:g} s."
        if sum(_files_in(folder) for folder in self._folders) > limits.files:
            return "memory", f"It made more than {limits.files:,} files."
        return None

    def _cpu_seconds(self) -> float:
        if self._cgroup is not None and (seconds := self._cgroup.cpu_seconds()) is not None:
            return seconds
        return self._count_ourselves()

    def _count_ourselves(self) -> float:
        """Return the processor time since the first look, as far as it can be seen.

        What a child used is forgotten with it where its parent says that it waits for none. So when one is gone that
        was running at the last look, or of which a thread may have been, at least one processor was busy since then.
        """
        now = self._loop.time()
        seen = {pid: fields for pid in _family(self._init_pid) if (fields := _stat(pid))}
        ticks = sum(int(fields[place]) for fields in seen.values() for place in (11, 12, 13, 14))
        gone = [fields for pid, fields in self._seen.items() if pid not in seen]
        ran = any(fields[0] == "R" or int(fields[17]) > 1 for fields in gone)  # 17: its threads
        measured = ticks / _TICKS
        self._used += max(measured - self._measured, now - self._seen_at if ran else 0.0)
        self._measured, self._seen, self._seen_at = measured, seen, now
        return self._used

    def _memory(self) -> int:
        """Return the bytes that the processes have for themselves, at most.

        What a fork still shares with its parent is counted for both: `_own_bytes` is exact, and costs more.
        """
        return sum(_private_bytes(pid) for pid in _family(self._init_pid))


def _family(pid: int) -> Iterator[int]:
    """Yield a process and its descendants, as far as they can be seen."""
    waiting = [pid]
    while waiting:
        pid = waiting.pop()
        yield pid
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(OSError):
                    children = (thread / "children").read_text()
                    waiting += [int(child) for child in children.split()]


def _private_bytes(pid: int) -> int:
    with contextlib.suppress(OSError, IndexError, ValueError):
        resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[1:3]
        return (int(resident) - int(shared)) * _PAGE
    return 0


def _own_bytes(pids: Sequence[int]) -> int:
    """Return the memory of processes together, a page that several share counted once."""
    return sum(_proportional_bytes(pid) for pid in pids)


def _proportional_bytes(pid: int) -> int:
    """Return a process's own pages and its part of those that it shares (`smaps_rollup`'s Pss_Anon)."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    return _private_bytes(pid)  # a kernel before 5.4, or not ours to see


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _files_in(folder: int) -> int:
    try:
        found = os.fstatvfs(folder)
    except OSError:
        return 0
    return found.f_files - found.f_ffree
