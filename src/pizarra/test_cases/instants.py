"""Which instants of a timeline the tests are tried on."""

from collections.abc import Iterable

_CHECKPOINTS = 24  # between the runs
_CLOSEST = 16  # entries from one checkpoint to the next, at least


def instants_to_try(head: int, runs: Iterable[int], *, ended: bool, most: int) -> list[int]:
    """Return the entries whose code is to be tried, in order: of the newest runs, of checkpoints, of the end.

    Checkpoints lie a power of two apart, so that those of a longer log are among those of a shorter one: what was
    tried while the session went on is not tried again.
    """
    wanted = set(sorted(set(runs))[-max(1, most - _CHECKPOINTS) :])
    if ended and head > 0:
        wanted.add(head)
    apart = _CLOSEST
    while head // apart > _CHECKPOINTS:
        apart *= 2
    for checkpoint in range(apart, head + 1, apart):
        if len(wanted) >= most:
            break
        wanted.add(checkpoint)
    return sorted(wanted)
