"""Values of typed functions: from JSON, to what a harness reads and back, beside each other, and as people read them.

Integers are exact whatever their size: they are Python's here, and decimal digits on the way.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, assert_never

from pizarra.judging.comparing import Comparator, near
from pizarra.judging.signature import Signature, Type, parse_type
from pizarra.kit.sorting import in_order

_BITS = {"int": 31, "long": 63}
_LETTERS = {
    "int": "i",
    "long": "l",
    "float": "f",
    "bool": "b",
    "string": "s",
    "void": "v",
    "array": "A",
    "map": "M",
    "optional": "O",
    "tree": "T",
    "list": "L",
}
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_JSON = json.JSONEncoder(ensure_ascii=False)
_LENIENT = Comparator(how="exact", absolute_tolerance=1e-6, relative_tolerance=1e-6)


class NotOfType(ValueError):
    """A value is not of its type; the message says where and why."""


def letters_of(kind: Type) -> str:
    """Return a type as the harnesses are told it: `Ai` is an array of int."""
    return _LETTERS[kind.shape] + (letters_of(kind.of) if kind.of is not None else "")


def read_json(text: str) -> Any:
    """Return what JSON says.

    Raises:
        NotOfType: it is no JSON, or NaN, which is none.
    """
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotOfType(f"is no JSON: {str(error)[:100]}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f'write "{name}" with quotation marks')


def read_arguments(signature: Signature, text: str) -> list[Any]:
    """Return the arguments of a case: JSON, one value a line, in the order of the parameters.

    Raises:
        NotOfType: there are more or fewer, or one is not of its type.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) != len(signature.parameters):
        raise NotOfType(f"must have {len(signature.parameters)} lines, one for each argument")
    values = []
    for line, parameter in zip(lines, signature.parameters, strict=True):
        try:
            values.append(checked(parse_type(parameter.type), read_json(line)))
        except NotOfType as error:
            raise NotOfType(f"{parameter.name}: {error}") from error
    return values


def result_type(signature: Signature) -> Type:
    """Return the type of what a function comes to: what it returns, or the parameter that it changes."""
    if signature.in_place is None:
        return parse_type(signature.returns)
    return next(
        parse_type(each.type) for each in signature.parameters if each.name == signature.in_place
    )


def read_expected(signature: Signature, text: str) -> Any:
    """Return what a case must come to.

    Raises:
        NotOfType: it is not of the type that the function comes to.
    """
    return checked(result_type(signature), read_json(text))


def checked(kind: Type, value: Any) -> Any:
    """Return a value from JSON as one of a type.

    Raises:
        NotOfType: it is none.
    """
    match kind.shape:
        case "int" | "long":
            return _whole(kind, value)
        case "float":
            return _real(value)
        case "bool" if isinstance(value, bool):
            return value
        case "string" if isinstance(value, str):
            return value
        case "array" | "list" if isinstance(value, list) and kind.of is not None:
            return [checked(kind.of, each) for each in value]
        case "map" if isinstance(value, dict) and kind.of is not None:
            return {key: checked(kind.of, each) for key, each in value.items()}
        case "optional" if kind.of is not None:
            return None if value is None else checked(kind.of, value)
        case "tree" if isinstance(value, list) and kind.of is not None:
            return _levels([None if each is None else checked(kind.of, each) for each in value])
        case _:
            raise NotOfType(f"must be of the type {kind}")


def _whole(kind: Type, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotOfType(f"must be of the type {kind}")
    bits = _BITS[kind.shape]
    if not -(2**bits) <= value < 2**bits:
        raise NotOfType(f"does not fit into {kind}")
    return value


def _real(value: Any) -> float:
    if isinstance(value, str) and value in _SPECIAL:
        return _SPECIAL[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotOfType("must be of the type float")
    try:
        return float(value)
    except OverflowError:
        raise NotOfType("does not fit into float") from None


def _levels(slots: list[Any]) -> list[Any]:
    """Return a tree's levels without nothing at their end.

    Raises:
        NotOfType: there is a node below none.
    """
    while slots and slots[-1] is None:
        slots.pop()
    places = 1
    for number, slot in enumerate(slots):
        if number >= places:
            raise NotOfType("has a node below none: children of null are left out")
        places += 2 * (slot is not None)
    return slots


def tokens_of(kind: Type, value: Any) -> Iterator[str]:
    """Yield a value as a harness reads it, a token a line."""
    match kind.shape:
        case "int" | "long":
            yield str(value)
        case "float":
            yield repr(value)
        case "bool":
            yield "1" if value else "0"
        case "string":
            yield f"x{value.encode('utf-8', 'replace').hex()}"
        case "array" | "list":
            yield str(len(value))
            for each in value:
                yield from tokens_of(_inner(kind), each)
        case "map":
            yield str(len(value))
            for key, each in value.items():
                yield from tokens_of(Type("string"), key)
                yield from tokens_of(_inner(kind), each)
        case "optional":
            yield "0" if value is None else "1"
            if value is not None:
                yield from tokens_of(_inner(kind), value)
        case "tree":
            yield from tokens_of(Type("array", Type("optional", kind.of)), value)
        case "void":
            return
        case _:
            assert_never(kind.shape)


def _inner(kind: Type) -> Type:
    assert kind.of is not None
    return kind.of


class Tokens:
    """Reads what a harness wrote: a program may have written anything."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = iter(tokens)

    def _take(self) -> str:
        token = next(self._tokens, None)
        if token is None:
            raise NotOfType("the value breaks off")
        return token

    def value(self, kind: Type) -> Any:
        """Return the next value.

        Raises:
            NotOfType: what comes next is none of this type.
        """
        try:
            return self._value(kind)
        except ValueError as error:
            raise NotOfType(str(error)) from error

    def _value(self, kind: Type) -> Any:
        match kind.shape:
            case "int" | "long":
                token = self._take()
                return _whole(kind, int(token))
            case "float":
                return float(self._take())
            case "bool":
                return self._take() == "1"
            case "string":
                return bytes.fromhex(self._take()[1:]).decode(errors="replace")
            case "optional":
                return self._value(_inner(kind)) if self._take() == "1" else None
            case "void":
                return None
            case "array" | "list":
                return [self._value(_inner(kind)) for _ in range(self._count())]
            case "map":
                pairs = range(self._count())
                return {self._value(Type("string")): self._value(_inner(kind)) for _ in pairs}
            case "tree":
                slots = Type("optional", kind.of)
                return _levels([self._value(slots) for _ in range(self._count())])
            case _:
                assert_never(kind.shape)

    def _count(self) -> int:
        return int(self._take())


def same_value(kind: Type, got: Any, expected: Any, comparator: Comparator) -> bool:
    """Tell whether a function came to what was expected.

    Floats may differ by a millionth, or of themselves, unless the comparator says by how much. With `multiset` the
    elements of the value itself may be in any order, and no others.
    """
    lenient = comparator if comparator.tolerant else _LENIENT
    if comparator.how == "multiset" and kind.shape in ("array", "list"):
        return _same_bag(_inner(kind), got, expected, lenient)
    return _same(kind, got, expected, lenient)


def _same(kind: Type, got: Any, expected: Any, comparator: Comparator) -> bool:
    if got is None or expected is None:
        return got is expected
    match kind.shape:
        case "float":
            both = math.isnan(got) and math.isnan(expected)
            return both or near(got, expected, comparator)
        case "array" | "list" | "tree":
            return len(got) == len(expected) and all(
                _same(_inner(kind), one, other, comparator)
                for one, other in zip(got, expected, strict=True)
            )
        case "map":
            return got.keys() == expected.keys() and all(
                _same(_inner(kind), got[key], expected[key], comparator) for key in got
            )
        case "optional":
            return _same(_inner(kind), got, expected, comparator)
        case "int" | "long" | "bool" | "string" | "void":
            return bool(got == expected)
        case _:
            assert_never(kind.shape)


def _same_bag(kind: Type, got: list[Any], expected: list[Any], comparator: Comparator) -> bool:
    """Tell whether two hold the same, by putting both in order: what differs a little only lies side by side."""
    if len(got) != len(expected):
        return False
    ordered = (in_order(each, _order) for each in (got, expected))
    return all(_same(kind, one, other, comparator) for one, other in zip(*ordered, strict=True))


def _order(value: Any) -> Any:
    """Return what values of one type can be put in order by."""
    match value:
        case None:
            return (0,)
        case dict():
            return (1, [(key, _order(value[key])) for key in in_order(list(value), str)])
        case list():
            return (1, [_order(each) for each in value])
        case float():
            return (1, *((True, 0) if math.isnan(value) else (False, round(value, 9))))
        case _:
            return (1, value)


def shown(kind: Type, value: Any) -> str:
    """Return a value as people read it: JSON, with the words of floats that JSON has not in quotation marks."""
    # Piece by piece: `dumps` lets nobody else run until it is done, which takes 0.1 s for what a candidate may return.
    return "".join(_JSON.iterencode(_shown(kind, value)))


def _shown(kind: Type, value: Any) -> Any:
    if value is None:
        return None
    match kind.shape:
        case "float" if not math.isfinite(value):
            return next(
                name
                for name, special in _SPECIAL.items()
                if special == value or (math.isnan(special) and math.isnan(value))
            )
        case "array" | "list" | "tree":
            return [_shown(_inner(kind), each) for each in value]
        case "map":
            return {key: _shown(_inner(kind), each) for key, each in value.items()}
        case "optional":
            return _shown(_inner(kind), value)
        case _:
            return value
