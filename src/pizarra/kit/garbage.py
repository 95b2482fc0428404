"""The garbage collector, in a process that others wait for."""

import gc

_THRESHOLDS = (50_000, 50, 50)


def collect_seldom() -> None:
    """Have it leave alone what was imported: that stays, and to look through all of it lets nobody else run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
