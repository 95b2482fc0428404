"""Cells of the tables in a statement: counted as the page makes them, which is never with fewer."""

import re
from pathlib import Path

import pytest

from pizarra.problems.tables import cells_of
from pizarra.settings.questions import Questions

PAGE = Path(__file__).parents[2] / "web/src/problem/bounds.ts"


@pytest.mark.parametrize(
    ("statement", "cells"),
    [
        ("", 0),
        ("a | b\n\nc", 0),
        ("Input\n-----\nn", 0),
        ("|a|b|\n|-|-|", 2),
        ("a|b\n-|:-:\n1|2\n3", 6),
        ("|a|b|\n|-|-|\n1\n2\n\n3\n4", 6),
        ("|a|b|\n|-|-|\n1\n\n\n|a|b|\n|-|-|\n1\n", 8),
        ("> |a|b|\n> |-|-|\n> c\n>\n> d", 4),
        ("- |a|b|\n  |-|-|\n  c\n\nd", 4),
        ("|a\n-|\nb\nc", 3),
        ("|a" * 200 + "|\n" + "|-" * 200 + "|\n" + "a\n" * 30_000, 200 * 30_001),
        (("|a|b|\n|-|-|\nc\n" + "\n") * 3, 12),
    ],
)
def test_cells_are_counted(statement: str, cells: int) -> None:
    assert cells_of(statement) == cells


def test_the_page_shows_what_the_server_may_be_told_to_take() -> None:
    (most,) = re.findall(r"MOST_CELLS = ([\d_]+);", PAGE.read_text())
    (bound,) = [
        each.le
        for each in Questions.model_fields["max_statement_cells"].metadata
        if hasattr(each, "le")
    ]
    assert int(most) == bound
