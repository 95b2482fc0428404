"""Sorting beside others: in the same order as `sorted`, and nobody waits for all of it."""

import random
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from pizarra.judging.comparing import Comparator, says_the_same
from pizarra.judging.signature import parse_type
from pizarra.judging.values import same_value
from pizarra.kit.sorting import in_order

BAG = Comparator(how="multiset")
MANY = 100_000


@pytest.mark.parametrize("many", [0, 1, 63, 64, 65, 1_000])
def test_it_is_the_order_of_sorted(many: int) -> None:
    choose = random.Random(many)
    values = [(choose.randrange(20), number) for number in range(many)]
    assert list(in_order(values, lambda each: each[0])) == sorted(values, key=lambda each: each[0])


def longest_hold(work: Callable[[], object]) -> float:
    """Return the seconds of its own processor time that `work` takes without letting another thread run.

    It is the least of some attempts: on a busy machine it is the other thread that comes late, though nobody holds it.
    """
    return min(_longest_hold(work) for _ in range(3))


def _longest_hold(work: Callable[[], object]) -> float:
    done, seen = threading.Event(), [0.0]

    def run() -> None:
        work()
        done.set()

    working = threading.Thread(target=run)
    working.start()
    assert working.ident is not None
    clock = time.pthread_getcpuclockid(working.ident)
    while not done.is_set():
        seen.append(time.clock_gettime(clock))
        time.sleep(sys.getswitchinterval() / 2)
    working.join()
    return max(after - before for before, after in pairwise(seen))


def test_nobody_waits_until_a_bag_is_sorted() -> None:
    choose = random.Random(7)
    numbers = [choose.random() for _ in range(MANY)]
    kind = parse_type("float[]")
    assert longest_hold(lambda: same_value(kind, numbers, numbers[::-1], BAG)) < 0.05


def test_nobody_waits_until_lines_are_counted() -> None:
    lines = [f"{number}".encode() for number in range(MANY)]
    printed, expected = b"\n".join(lines), b"\n".join(reversed(lines))
    assert longest_hold(lambda: says_the_same(printed, expected, BAG)) < 0.05
    assert says_the_same(printed, expected, BAG)
    assert not says_the_same(printed, expected[:-1] + b"9", BAG)


def test_what_is_no_number_is_in_a_bag_like_any_other() -> None:
    kind = parse_type("float[]")
    odd = [float("nan"), 1.0, float("inf"), float("-inf"), float("nan"), 2.0]
    assert same_value(kind, odd, odd[::-1], BAG)
    assert not same_value(kind, odd, [*odd[1:], 2.0], BAG)
