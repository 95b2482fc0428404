"""Names whatever holds an event loop: for how long, by its own processor time, and where it is.

A thread asks the loop a hundred times a second to come round, and looks where it is when that takes long: until then
it looks at no frame. Processor time is what counts: a machine that is busy with something else makes nobody look slow.
A loop that sleeps is not asked.
"""

import asyncio
import contextlib
import logging
import resource
import sys
import threading
import time
from collections.abc import Callable
from itertools import dropwhile, takewhile
from typing import NamedTuple, Self

from pizarra.kit.whereabouts import Call, Whereabouts

log = logging.getLogger(__name__)

HOLD_SECONDS = 0.05
_PERIOD_SECONDS = 0.01
# When the loop has done next to nothing for a while: an idle server is to be idle
_CALM_PERIOD_SECONDS = 0.045
_CALM_LOOKS = 200  # two seconds
_CALM_SHARE = 0.05  # of the time between two looks
_LITTLE_SECONDS = 0.001  # of a look
_SHOWN_FRAMES = 6
_IN_VAIN = 5  # times; for one that is let go when it is asked for it waits two or three times
_OF_THREAD: int | None = getattr(resource, "RUSAGE_THREAD", None)
_ASYNCIO = ("asyncio/events.py", "asyncio/base_events.py")  # where asyncio's own loop calls from


class Callbacks:
    """Counts what begins anew within one round of a loop, as the frames of many sockets do that were heard at once.

    Tasks are told apart without it; other callbacks of one function, in one round, are taken for one.
    """

    begun = 0


class Watchdog:
    """Watches the running loop from `start` until `stop`; `on_hold` is told the seconds of each hold, in its thread."""

    def __init__(self, on_hold: Callable[[float], None], *, seconds: float = HOLD_SECONDS) -> None:
        self.looks = 0  # so far
        self._on_hold = on_hold
        self._seconds = seconds
        self._stopped = False
        self._outer: list[Call] = []  # what called the loop: everything above it is a callback
        self._turn: object = None  # whose turn it was at the last look, and since when
        self._seen = 0.0
        # The loop was asked to come round, and did, by its own clock
        self._asked = self._came_round = 0.0
        self._is_round = True
        self._told = False

    def start(self) -> Self:
        """Begin; call it in the loop's thread."""
        self._loop = asyncio.get_running_loop()
        self._thread_id = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread_id)
        self._whereabouts = Whereabouts()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True

    def _find_outer(self) -> None:
        mine = 2  # this function and the one that asks
        calls = self._whereabouts.of(self._thread_id)[mine:]
        self._outer = list(dropwhile(_is_of_loop, calls))

    def _watch(self) -> None:
        with self._whereabouts:
            self._call(self._find_outer)
            before = time.clock_gettime(self._clock)
            calm, period = 0, _PERIOD_SECONDS
            while True:
                waits = _Waits.so_far()
                # An event's `wait` costs twice as much, and an idle server does little else.
                time.sleep(period)
                if self._stopped:
                    return
                try:
                    spent = time.clock_gettime(self._clock)
                except OSError:
                    return  # the loop's thread has ended, and its clock with it
                calm = calm + 1 if spent - before < _CALM_SHARE * period else 0
                if calm > _CALM_LOOKS:  # there is nothing to be seen
                    self.looks += 1
                else:
                    self._look(before, spent, waits.in_vain(period, spent - before))
                period = _CALM_PERIOD_SECONDS if calm >= _CALM_LOOKS else _PERIOD_SECONDS
                before = spent

    def _look(self, before: float, now: float, alone: float) -> None:
        """Note what the loop's thread spent since the last look; `alone` of it while nobody else was let run."""
        self.looks += 1
        is_round = self._is_round
        if is_round and self._told:  # what it went on to spend until then is told already
            alone = min(alone, now - max(before, self._came_round))
        if is_round:
            self._told, self._turn = False, None
            if now - before >= _LITTLE_SECONDS:
                self._ask(now - alone)
        elif not self._loop.is_running():
            self._asked = now  # its thread does something else
        held = alone if is_round else now - self._asked
        if held < self._seconds / 2 or self._told:
            return
        calls = self._callback(self._whereabouts.of(self._thread_id))
        turn = self._whose_turn(calls)
        if turn is None or turn != self._turn:
            self._turn, self._seen = turn, now
        # Only a part of it may be theirs whom one sees twice
        is_theirs = now - self._seen >= self._seconds / 2
        if held >= self._seconds and (is_theirs or alone >= self._seconds):
            self._told = True
            self._on_hold(held)
            log.warning(
                "the event loop is held: %.0f ms of processor time in %s",
                held * 1000,
                _place(calls),
            )

    def _ask(self, since: float) -> None:
        """Have the loop come round: until it does, nobody else had a turn `since` then."""
        self._asked, self._is_round = since, False
        self._call(self._come_round)

    def _call(self, callback: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(callback)

    def _come_round(self) -> None:
        self._came_round, self._is_round = time.thread_time(), True

    def _whose_turn(self, calls: list[Call]) -> object:
        """Return what tells whose turn it is: a task has one in each round, and frames are counted."""
        if (task := asyncio.current_task(self._loop)) is not None:
            return id(task)
        return (Callbacks.begun, calls[-1].function, calls[-1].file) if calls else None

    def _callback(self, calls: list[Call]) -> list[Call]:
        """Return the calls of the callback that runs, innermost first: none while the loop waits."""
        outer = len(self._outer)
        if outer and calls[-outer:] == self._outer:
            calls = calls[:-outer]
        # asyncio's own loop, in Python, runs it
        inner = list(
            takewhile(lambda call: not (call.function == "_run" and _is_of_loop(call)), calls)
        )
        return [] if not inner or _is_of_loop(inner[-1]) else inner


def _is_of_loop(call: Call) -> bool:
    return call.file.endswith(_ASYNCIO)


class _Waits(NamedTuple):
    """How often this thread has waited so far, None where nobody counts it, and when that was."""

    times: int | None
    at: float

    @classmethod
    def so_far(cls) -> Self:
        """Return the total."""
        times = resource.getrusage(_OF_THREAD).ru_nvcsw if _OF_THREAD is not None else None
        return cls(times, time.monotonic())

    def in_vain(self, asleep: float, spent: float) -> float:
        """Return the seconds, of what another thread `spent` since, for which it kept the interpreter to itself.

        This thread slept, and then waited for the interpreter: once for each switch interval, as long as it is not let
        go. One that waited seldom lacked a processor: then what the other spent may be anybody's there.
        """
        now = self.so_far()
        if now.times is None or self.times is None:
            return max(0.0, spent - asleep)
        times = now.times - self.times - 1
        if times < _IN_VAIN:
            return 0.0
        # Until it waited for the first time it may have lacked a processor too, as long as at any other time.
        lacked = now.at - self.at - asleep - times * sys.getswitchinterval()
        return max(0.0, spent - asleep - max(0.0, lacked) / (times + 1))


def _place(calls: list[Call]) -> str:
    """Return where a callback is: the innermost functions, and the one that the loop called."""
    # who imports what is of interest, not how
    shown = calls[:1] + [
        each for each in calls[1:] if not each.file.startswith("<frozen importlib")
    ]
    places = [str(call) for call in shown] or ["the loop itself"]
    if len(places) > _SHOWN_FRAMES:
        places = [*places[: _SHOWN_FRAMES - 1], "…", places[-1]]
    return " < ".join(places)
