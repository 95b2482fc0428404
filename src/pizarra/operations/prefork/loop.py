"""Waiting for files, signals and time in one thread, without asyncio: what runs here forks."""

import heapq
import itertools
import selectors
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

Callback = Callable[[], None]
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Timer:
    """Something to be done at a time, unless it is cancelled before."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callback) -> None:
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        """Let it be."""
        self.callback = None


class Loop:
    """Calls back until `end`. A forked process must `let_go` of it at once."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()  # of timers that are due at the same time
        self._is_over = False
        self._woken, self._waking = socket.socketpair()
        self._signals: dict[int, Callback] = {}
        self._raised: set[int] = set()
        for end in (self._woken, self._waking):
            end.setblocking(False)
        self.watch(self._woken, READ, self._hear_signals)

    def watch(self, file: socket.socket, events: int, callback: Callback) -> None:
        """Call back whenever a file can be read, or written."""
        if file in self._selector.get_map():
            self._selector.modify(file, events, callback)
        else:
            self._selector.register(file, events, callback)

    def forget(self, file: socket.socket) -> None:
        """Watch a file no more, if it was."""
        if file in self._selector.get_map():
            self._selector.unregister(file)

    def later(self, seconds: float, callback: Callback) -> Timer:
        """Call back once, after a while."""
        timer = Timer(callback)
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), timer))
        return timer

    def on_signal(self, number: int, callback: Callback) -> None:
        """Call back after a signal, between two other callbacks."""
        self._signals[number] = callback
        signal.signal(number, self._note)
        signal.set_wakeup_fd(self._waking.fileno(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Call back until somebody says `end`."""
        while not self._is_over:
            self._turn()

    def end(self) -> None:
        """Return from `run` soon."""
        self._is_over = True

    def let_go(self) -> None:
        """Close what is this loop's own, and hear no signals."""
        signal.set_wakeup_fd(-1)
        for number in self._signals:
            signal.signal(number, signal.SIG_DFL)
        self._selector.close()
        self._woken.close()
        self._waking.close()

    def _turn(self) -> None:
        wait = None
        if self._timers:
            wait = max(0.0, self._timers[0][0] - time.monotonic())
        for key, _ in self._selector.select(wait):
            # One of the callbacks before may have closed this file, and its number may be another's now.
            if self._selector.get_map().get(key.fd) is key:
                key.data()
        while self._timers and self._timers[0][0] <= time.monotonic():
            _, _, timer = heapq.heappop(self._timers)
            if timer.callback is not None:
                timer.callback()

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._raised.add(number)

    def _hear_signals(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except BlockingIOError:
            pass
        while self._raised:
            self._signals[self._raised.pop()]()
