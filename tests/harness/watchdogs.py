"""Whoever holds an event loop is named by a watchdog; when one speaks during a test, the test fails.

Followed are the logs of servers and runners that are processes of their own, and the watchdogs of this process.
"""

import gc
import logging
import re
import statistics
import time
from collections import deque
from pathlib import Path

SPOKE = re.compile(r"the event loop is held: .*")

# A watchdog speaks of 50 ms. The suite's processes share two cores with each other, and a core that is shared does less
# in a millisecond of its time: what speaks here held the loop for twice that, or would on a machine of its own too.
_HELD_MS = 100
# In a test's own process pytest, Hypothesis and each test before leave much to the collector: its time is anybody's,
# and is taken off. A hold is told soon after it was.
_HELD_HERE_MS = 250
_SOON_SECONDS = 2.0
_NOT_OURS = re.compile(
    r"in \S+ \((?:test_|conftest)|gc_callback|_target_gced|_weakrefset|remove \(weakref\.py|"
    r"pytest_fixture_setup"
)
# And one processor is not another: two that share a core do half as much each in a millisecond of their time. So what
# is allowed grows with what this much work takes at the moment, beside what it took where the figures above were found.
_WORK, _WORK_SECONDS = range(100_000), 0.004
_MILLISECONDS = re.compile(r"held: (\d+) ms")

# Tests that hold a loop on purpose.
PROVOKED = frozenset(
    {
        "test_what_holds_the_loop_is_named",
        "test_what_holds_the_loop_among_greenlets_is_named",
        "test_what_wakes_a_loop_that_slept_for_long_is_named",
        "test_a_call_that_lets_nobody_else_run_is_named",
        "test_what_ends_in_a_call_that_lets_nobody_run_is_told_once",
        "test_what_holds_the_runner_is_counted_by_the_web_process",
    }
)


class Collections:
    """The garbage collector's work in this process, by when it ended."""

    def __init__(self) -> None:
        self._began = 0.0
        self._latest: deque[tuple[float, float]] = deque(maxlen=100)
        gc.callbacks.append(self._note)

    def longest_lately(self, seconds: float) -> float:
        """Return the seconds of processor time of the longest that ended within so many seconds."""
        since = time.monotonic() - seconds
        return max((took for ended, took in list(self._latest) if ended >= since), default=0.0)

    def note_long(self, seconds: float) -> None:
        """Say that one took so long, just now."""
        self._latest.append((time.monotonic(), seconds))

    def _note(self, phase: str, info: dict[str, int]) -> None:
        if info["generation"] < 2:  # the others are short
            return
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.note_long(time.thread_time() - self._began)


class Watchdogs(logging.Handler):
    """Remembers what was said since somebody asked."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: list[str] = []
        self._read: dict[Path, int] = {}  # how much of each log is known
        self.collections = Collections()

    def emit(self, record: logging.LogRecord) -> None:
        """Note what a watchdog of this process says."""
        said = record.getMessage()
        collected = self.collections.longest_lately(_SOON_SECONDS) * 1000
        if _lasted(said, _HELD_HERE_MS * _slowness() + collected) and not _NOT_OURS.search(said):
            self._heard.append(said)

    def follow(self, log: Path) -> None:
        """Listen to the watchdogs of a process that writes its log to a file."""
        self._read.setdefault(log, 0)

    def news(self) -> list[str]:
        """Return what they said, and forget it."""
        heard, self._heard = self._heard, []
        for path, known in list(self._read.items()):
            if not path.exists():
                del self._read[path]
                continue
            with path.open("rb") as log:
                log.seek(known)
                new = log.read()
            self._read[path] = known + len(new)
            if spoken := SPOKE.findall(new.decode(errors="replace")):
                most = _HELD_MS * _slowness()
                heard += [said for said in spoken if _lasted(said, most)]
        return heard


def _slowness() -> float:
    """Return how many times longer than it should this processor takes for the same, 1 at the least."""
    spent = []
    for _ in range(9):
        started = time.thread_time()
        sum(each * each for each in _WORK)
        spent.append(time.thread_time() - started)
    return max(1.0, statistics.median(spent) / _WORK_SECONDS)


def _lasted(said: str, ms: float) -> bool:
    found = _MILLISECONDS.search(said)
    return found is None or int(found[1]) >= ms


WATCHDOGS = Watchdogs()
