"""Sorting beside others: `sorted` keeps the interpreter's lock until it is done, which with many values takes long."""

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from typing import Any, TypeVar

_RUN = 64  # values sorted at once: few, for each may itself take long to compare

_Value = TypeVar("_Value")


def in_order(values: Sequence[_Value], key: Callable[[_Value], Any]) -> Iterator[_Value]:
    """Yield `values` in the order of their keys, equal ones as they come, and let other threads run meanwhile."""
    keyed = [(key(value), index) for index, value in enumerate(values)]
    runs = [sorted(keyed[start : start + _RUN]) for start in range(0, len(keyed), _RUN)]
    return (values[index] for _, index in merge(*runs))
