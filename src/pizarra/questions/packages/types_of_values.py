"""What type values have, where nothing but the values says so: a person looks at it before it counts."""

from collections.abc import Sequence
from typing import Any

from pizarra.judging.signature import Type

_INT = 2**31
_LONG = 2**63
_MOST_DEPTH = 6


class NoType(ValueError):
    """The values have none that every language can write; the message says why."""


def type_of(values: Sequence[Any], depth: int = 0) -> Type:
    """Return the narrowest type that all of these values have.

    Raises:
        NoType: there is none.
    """
    if depth > _MOST_DEPTH:
        raise NoType("is nested too deep")
    some = [each for each in values if each is not None]
    if not some:
        raise NoType("is always null")
    found = _of_some(some, depth)
    return found if len(some) == len(values) else Type("optional", found)


def _of_some(values: Sequence[Any], depth: int) -> Type:
    if all(isinstance(each, bool) for each in values):
        return Type("bool")
    if all(isinstance(each, str) for each in values):
        return Type("string")
    if all(isinstance(each, list) for each in values):
        inner = [element for each in values for element in each]
        return Type("array", type_of(inner, depth + 1) if inner else Type("int"))
    if all(isinstance(each, dict) for each in values):
        inner = [element for each in values for element in each.values()]
        return Type("map", type_of(inner, depth + 1) if inner else Type("int"))
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in values):
        return _number(values)
    raise NoType("has values of several types")


def _number(values: Sequence[Any]) -> Type:
    if any(isinstance(each, float) for each in values):
        return Type("float")
    if all(-_INT <= each < _INT for each in values):
        return Type("int")
    if all(-_LONG <= each < _LONG for each in values):
        return Type("long")
    raise NoType("has integers of more than 64 bits")
