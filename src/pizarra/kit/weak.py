"""Calls that do not keep what they call alive."""

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod


def weakly(method: Callable[..., None]) -> Callable[..., None]:
    """Return a call of a bound method that does nothing once the method's object is gone.

    Whoever keeps it does not keep the object: parts that tell their whole what happened make no cycle with it, so the
    whole leaves memory with its last user instead of with some later collection.
    """
    reference = WeakMethod(method)

    def call(*arguments: Any) -> None:
        if (living := reference()) is not None:
            living(*arguments)

    return call
