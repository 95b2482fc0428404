"""When what a program printed is what was expected. Every way is linear in both, but for the words that are sorted."""

import math
import re
from collections import Counter
from typing import Literal, assert_never

from pydantic import Field, model_validator

from pizarra.schemas import RequestModel, StorableText

Comparison = Literal["text", "tokens", "numbers"]

_NUMBER = re.compile(rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_LONGEST_NUMBER = 400  # characters: a longer one is compared as text
_MOST_CHECKER = 65_536


class Checker(RequestModel):
    """A program that says whether an output is right, as Kattis' output validators do."""

    language: Literal["python", "cpp"] = Field(
        description="What it is written in.", examples=["python"]
    )
    source: StorableText = Field(
        description="It gets the files of the input and the answer and a folder as its arguments, and the output as "
        "its input; it exits with 42 if that is right, with 43 if it is wrong.",
        max_length=_MOST_CHECKER,
        examples=["import sys\nsys.exit(42)\n"],
    )


class Comparator(RequestModel):
    """How an output is compared with what was expected."""

    how: Literal["exact", "tokens", "multiset", "checker"] = Field(
        "exact",
        description="`exact`: all of it, but for spaces at line ends and blank lines at the end; of a function its "
        "value. `tokens`: word by word, as Kattis' default validator. `multiset`: lines, or the elements of a value, "
        "in any order. `checker`: a program of the question's own says.",
        examples=["exact"],
    )
    case_sensitive: bool = Field(
        True, description="With `tokens`: whether a is another letter than A.", examples=[True]
    )
    space_sensitive: bool = Field(
        False, description="With `tokens`: whether the space between counts.", examples=[False]
    )
    absolute_tolerance: float | None = Field(
        None, description="How far off a number may be.", ge=0, le=1e9, examples=[1e-6]
    )
    relative_tolerance: float | None = Field(
        None,
        description="How far off a number may be, as a part of the one that was expected.",
        ge=0,
        le=1,
        examples=[1e-6],
    )
    checker: Checker | None = Field(
        None, description="The program, with `checker`.", examples=[None]
    )

    @model_validator(mode="after")
    def _has_its_checker(self) -> "Comparator":
        if (self.how == "checker") != (self.checker is not None):
            raise ValueError("a checker is given with how: checker, and only then")
        return self

    @property
    def tolerant(self) -> bool:
        """Whether numbers may differ."""
        return self.absolute_tolerance is not None or self.relative_tolerance is not None


EXACT = Comparator(how="exact")


def comparator_of(compare: Comparison, tolerance: float) -> Comparator:
    """Return how a session's own tests are compared."""
    match compare:
        case "text":
            return EXACT
        case "tokens":
            return Comparator(how="tokens")
        case "numbers":
            return Comparator(
                how="tokens", absolute_tolerance=tolerance, relative_tolerance=tolerance
            )
        case _:
            assert_never(compare)


def says_the_same(printed: bytes, expected: bytes, comparator: Comparator = EXACT) -> bool:
    """Tell whether two outputs are the same, as a comparator sees it; a checker is not asked here."""
    match comparator.how:
        case "exact" | "checker":
            return _trimmed(printed) == _trimmed(expected)
        case "multiset":
            return _counts(printed) == _counts(expected)
        case "tokens":
            return _same_tokens(printed, expected, comparator)
        case _:
            assert_never(comparator.how)


def _counts(text: bytes) -> Counter[bytes]:
    # one by one: of a list all are counted before another thread may run
    return Counter(line for line in _trimmed(text).split(b"\n"))


def _same_tokens(printed: bytes, expected: bytes, comparator: Comparator) -> bool:
    mine, theirs = printed.split(), expected.split()
    if len(mine) != len(theirs):
        return False
    if comparator.space_sensitive and _spaces(printed) != _spaces(expected):
        return False
    if not comparator.case_sensitive:  # of ASCII, as the format says
        mine, theirs = [each.lower() for each in mine], [each.lower() for each in theirs]
    if not comparator.tolerant:
        return mine == theirs
    return all(_near(one, other, comparator) for one, other in zip(mine, theirs, strict=True))


def _spaces(text: bytes) -> list[bytes]:
    return re.findall(rb"\s+", text)


def _trimmed(text: bytes) -> bytes:
    return b"\n".join(line.rstrip(b" \t\r") for line in text.split(b"\n")).rstrip(b"\n")


def _near(printed: bytes, expected: bytes, comparator: Comparator) -> bool:
    if printed == expected:
        return True
    if not (is_number(printed) and is_number(expected)):
        return False
    return near(float(printed), float(expected), comparator)


def is_number(token: bytes) -> bool:
    """Tell whether a token is a number, of a length that somebody may mean."""
    return _NUMBER.fullmatch(token) is not None and len(token) <= _LONGEST_NUMBER


def near(got: float, expected: float, comparator: Comparator) -> bool:
    """Tell whether a number is as near to what was expected as a comparator wants it, either way."""
    if got == expected:
        return True
    allowed = max(
        comparator.absolute_tolerance or 0.0, (comparator.relative_tolerance or 0.0) * abs(expected)
    )
    return math.isclose(got, expected, rel_tol=0, abs_tol=allowed)
