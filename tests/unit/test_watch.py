"""What a program may take of a machine is counted while it runs. The programs are real; their time is moved."""

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.harness.moved_time import in_moved_time

from pizarra.sandbox.isolation.watch import Watch
from pizarra.sandbox.limits import MIB, RunLimits

LIMITS = RunLimits(wall_seconds=1000.0, idle_seconds=None, cpu_seconds=100.0)
BUSY = "while True: pass"
CHILD_IS_BUSY = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
HOLDS = f"held = bytearray(b'x') * {64 * MIB}; print(flush=True); input()"
# A page that two have in common counts once, for each of them half.
SHARES = f"""
import os
held = bytearray(b"x") * {40 * MIB}
if os.fork() == 0:
    os.read(0, 1)
    os._exit(0)
print(flush=True)
input()
"""


@contextmanager
def program(code: str, *, says: bool = False) -> Iterator[int]:
    """Run a program of Python; when it `says` so, once it has printed a line. Yield its process id."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    # If nobody is left to end it, as the tests were killed: it has this from now on, and so will its children.
    resource.prlimit(process.pid, resource.RLIMIT_CPU, (60, 60))
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if says:
            process.stdout.readline()
        yield process.pid
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        process.stdin.close()
        process.stdout.close()


class Ended:
    """What a watch said, and after how many seconds."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._told: asyncio.Future[tuple[str, str | None, float]] = self._loop.create_future()

    def on_limit(self, reason: str, sentence: str | None) -> None:
        """Take note of it."""
        self._told.set_result((reason, sentence, self._loop.time() - self._began))

    async def told(self) -> tuple[str, str | None, float]:
        """Wait for it."""
        return await self._told

    @property
    def is_told(self) -> bool:
        """Whether it said something."""
        return self._told.done()


def test_a_program_has_so_many_seconds_and_not_one_look_more() -> None:
    async def story(pid: int) -> None:
        ended = Ended()
        Watch(replace(LIMITS, wall_seconds=10.04), pid, None, [], ended.on_limit)
        reason, sentence, seconds = await ended.told()
        assert (reason, round(seconds, 2)) == ("timeout", 10.04)
        assert sentence == "It ran for 10.04 s, the longest a program may."

    with program("input()") as pid:
        in_moved_time(story(pid))


def test_who_types_keeps_a_program_that_does_nothing() -> None:
    async def story(pid: int) -> None:
        ended = Ended()
        watch = Watch(replace(LIMITS, idle_seconds=30.0), pid, None, [], ended.on_limit)
        for _ in range(3):
            await asyncio.sleep(25)
            watch.note_life()
        assert not ended.is_told
        reason, sentence, seconds = await ended.told()
        assert reason == "timeout"
        assert sentence == "Nobody typed, and it did nothing, for 30 s."
        assert 105 < seconds < 105.5

    with program("input()", says=False) as pid:
        in_moved_time(story(pid))


def test_processor_time_of_its_children_counts_too() -> None:
    async def story(pid: int) -> None:
        ended = Ended()
        limits = replace(LIMITS, wall_seconds=20_000.0, cpu_seconds=0.3)
        Watch(limits, pid, None, [], ended.on_limit)
        reason, sentence, _ = await ended.told()
        assert reason == "timeout"
        assert sentence == "It used 0.3 s of processor time: perhaps a loop never ends."

    with program(CHILD_IS_BUSY) as pid:
        in_moved_time(story(pid))


def test_a_program_that_works_is_not_idle_though_it_says_nothing() -> None:
    async def story(pid: int) -> None:
        watch = Watch(replace(LIMITS, wall_seconds=1e9), pid, None, [], lambda *_: None)
        await asyncio.sleep(60)  # in no time: what it did until then is forgotten
        _burn(pid, 0.05)
        await asyncio.sleep(0.15)  # it was looked at since
        assert not watch.is_resting
        watch.stop()

    with program(BUSY) as pid:
        in_moved_time(story(pid))


def _burn(pid: int, seconds: float) -> None:
    """Return when a process has used so much more processor time."""
    ticks = os.sysconf("SC_CLK_TCK")

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    end = used() + seconds
    while used() < end:
        pass


def test_memory_of_its_own_ends_it_where_the_kernel_does_not_count() -> None:
    async def story(pid: int) -> None:
        ended = Ended()
        Watch(replace(LIMITS, memory_bytes=32 * MIB), pid, None, [], ended.on_limit)
        assert (await ended.told())[:2] == ("memory", None)

    with program(HOLDS, says=True) as pid:
        in_moved_time(story(pid))


def test_a_page_that_two_processes_share_counts_once() -> None:
    async def story(pid: int) -> None:
        ended = Ended()
        limits = replace(LIMITS, wall_seconds=5.0, memory_bytes=64 * MIB)
        Watch(limits, pid, None, [], ended.on_limit)
        assert (await ended.told())[0] == "timeout", "forty MiB, though each of two has them"

    with program(SHARES, says=True) as pid:
        in_moved_time(story(pid))


def test_more_files_than_it_may_make_end_it(tmp_path: Path) -> None:
    async def story(pid: int, folder: int) -> None:
        found = os.fstatvfs(folder)
        there, ended = found.f_files - found.f_ffree, Ended()
        Watch(replace(LIMITS, files=there - 1), pid, None, [folder], ended.on_limit)
        reason, sentence, seconds = await ended.told()
        assert (reason, sentence) == ("memory", f"It made more than {there - 1:,} files.")
        assert seconds < 0.2

    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with program("input()") as pid:
            in_moved_time(story(pid, folder))
    finally:
        os.close(folder)


def test_who_is_gone_is_looked_at_no_more() -> None:
    async def story(pid: int) -> None:
        ended = Ended()
        watch = Watch(replace(LIMITS, wall_seconds=10.0), pid, None, [], ended.on_limit)
        await asyncio.sleep(5)
        watch.stop()
        await asyncio.sleep(100)
        assert not ended.is_told

    with program("input()") as pid:
        in_moved_time(story(pid))
