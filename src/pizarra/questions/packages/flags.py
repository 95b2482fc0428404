"""What the arguments of Kattis' default validator say about how outputs are compared."""

from itertools import pairwise
from typing import Any


def comparator_of(words: list[str]) -> dict[str, Any]:
    """Return the comparator that Kattis' default validator is with these arguments."""
    found: dict[str, Any] = {
        "how": "tokens",
        "case_sensitive": "case_sensitive" in words,
        "space_sensitive": "space_change_sensitive" in words,
    }
    for name, value in pairwise(words):
        try:
            number = float(value)
        except ValueError:
            continue
        if name in ("float_absolute_tolerance", "float_tolerance"):
            found["absolute_tolerance"] = number
        if name in ("float_relative_tolerance", "float_tolerance"):
            found["relative_tolerance"] = min(number, 1.0)
    return found
