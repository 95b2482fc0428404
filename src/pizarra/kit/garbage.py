"""The garbage collector, in a process that others wait for."""

import gc

_THRESHOLDS = (50_000, 50, 50)


def collect_less() -> None:
    """Look less often: while a program begins, all that it makes stays; looking was an eighth of a server's start."""
    gc.set_threshold(*_THRESHOLDS)


def collect_seldom() -> None:
    """Have it leave alone what was imported: that stays, and to look through all of it lets nobody else run.

    It is not even looked through now: that takes a tenth of a start, and finds a few hundred objects of 200,000.
    """
    gc.freeze()
    collect_less()
