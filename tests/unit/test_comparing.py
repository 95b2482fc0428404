"""When what a program printed is what was expected."""

import json
from pathlib import Path
from typing import Any

import pytest

from pizarra.judging.comparing import comparator_of, says_the_same

CASES = json.loads((Path(__file__).parents[1] / "data" / "comparisons.json").read_text())


@pytest.mark.parametrize("case", CASES)
def test_two_outputs(case: dict[str, Any]) -> None:
    """The page shows where two differ by the same table."""
    printed, expected = case["printed"].encode(), case["expected"].encode()
    assert says_the_same(printed, expected, comparator_of(case["compare"], 1e-6)) is case["same"]


def test_bytes_that_are_no_text_are_compared_too() -> None:
    assert not says_the_same(b"\xff\n", b"\xfe\n")
    assert not says_the_same(b"\xff\n", "\ufffd\n".encode())
