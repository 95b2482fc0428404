"""JSON as browsers read it: Python's reader takes `NaN` and `1e999` too, and writes what nobody else can parse."""

import json
from math import isfinite
from typing import Any


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON: a browser would fail on the whole of it")


def _finite(number: str) -> float:
    value = float(number)
    if not isfinite(value):
        _refuse(number)
    return value


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a name that is there twice: readers differ in which they take")
    return fields


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_fields)


def decode(text: str) -> Any:
    """Return what a text says.

    Raises:
        ValueError: it is not JSON. RecursionError: it is nested too deeply.
    """
    return _DECODER.decode(text)
