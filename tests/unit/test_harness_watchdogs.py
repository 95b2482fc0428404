"""What the suite takes for a hold of a loop in its own process: not the time that the garbage collector took."""

import gc
import logging
import time

from tests.harness.watchdogs import Collections, Watchdogs


class Node:
    """Something that only the collector can tell is of no use to anybody."""

    def __init__(self) -> None:
        self.itself = self


def said(ms: int) -> logging.LogRecord:
    """Return what a watchdog says."""
    message = "the event loop is held: %.0f ms of processor time in %s"
    return logging.makeLogRecord({"msg": message, "args": (ms, "somewhere")})


def test_a_hold_is_heard_and_the_collectors_part_is_not() -> None:
    gc.collect()
    heard, slow = Watchdogs(), 60_000
    heard.emit(said(slow))
    assert len(heard.news()) == 1
    heard.emit(said(1))
    assert heard.news() == []
    heard.collections.note_long(60)
    heard.emit(said(slow))
    assert heard.news() == [], "the collector took all of it"
    heard.emit(said(3 * slow))
    assert len(heard.news()) == 1, "and not of this"


def test_how_long_the_collector_took_is_known() -> None:
    counted = Collections()
    assert counted.longest_lately(60) == 0
    kept = [Node() for _ in range(200_000)]
    before = time.thread_time()
    gc.collect()
    took = time.thread_time() - before
    assert took / 2 < counted.longest_lately(60) <= took
    gc.collect(0)
    assert counted.longest_lately(60) > took / 2, "short ones are not told"
    assert counted.longest_lately(-1) == 0, "none ended in the future"
    assert len(kept) == 200_000
