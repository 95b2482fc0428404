"""Clocks: the real one, and one for tests that goes only when it is told to."""

import time


class Clock:
    def now(self):
        """Return the time in seconds, since whenever."""
        return time.monotonic()


class HandClock:
    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return self.seconds

    def advance(self, seconds):
        self.seconds += seconds
