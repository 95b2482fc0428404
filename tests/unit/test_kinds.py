"""Every kind of entry has a shape, the documentation tells it, and what does not fit is named."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from pizarra.notes.schemas import PrivateKind
from pizarra.timeline.chain import Log
from pizarra.timeline.kinds import PRIVATE, SHARED, problem_in, problem_in_scores

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "timeline.md").read_text()
EVERYWHERE = {"name", "anchor"}  # said once for the whole log of the interviewers


def documented(heading: str) -> dict[str, str]:
    """Return what the table under a heading says about each kind."""
    table = DOCS.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+) \|$", table, flags=re.MULTILINE)
    return {kind: said for kinds, said in rows for kind in re.findall(r"`([a-z.]+)`", kinds) if kind != "data"}


@pytest.mark.parametrize(
    ("heading", "kinds", "known"),
    [("Kinds of the shared log", SHARED, set()), ("Kinds of the interviewers' log", PRIVATE, EVERYWHERE)],
)
def test_the_documentation_tells_every_kind_and_field(heading: str, kinds: dict[str, Any], known: set[str]) -> None:
    said = documented(heading)
    assert set(said) == set(kinds)
    for kind, shape in kinds.items():
        missing = [name for name in shape.__annotations__ if name not in known and f"`{name}`" not in said[kind]]
        assert missing == [], kind


def test_the_interviewers_log_has_one_set_of_kinds() -> None:
    assert set(get_args(PrivateKind)) == set(PRIVATE)


@pytest.mark.parametrize(
    ("log", "kind", "data", "says"),
    [
        ("shared", "language", {}, "language: Field required"),
        ("shared", "run.ended", {"run_id": 1}, "run_id: "),
        ("shared", "away", {"away": True, "seconds": 2**40}, "seconds: "),
        ("shared", "explained", {"of": True, "text": ""}, "of: "),
        ("shared", "explained", {"of": -1, "text": ""}, "of: "),
        ("private", "note", {"name": "Ana", "anchor": 1, "text": ["x"]}, "text: "),
        ("private", "scores", {"name": "Ana", "anchor": 1, "scores": [{"score": 3}]}, "scores.0.criterion: "),
        ("shared", "language", [], "no object"),
        ("shared", "a kind of tomorrow", 3, "no object"),
        ("shared", "a kind of tomorrow", {"deep": [{"\0": 1}]}, "NUL"),
        ("private", "note", {"name": "\ud800", "anchor": 1, "text": ""}, "surrogates"),
    ],
)
def test_what_does_not_fit_is_named(log: Log, kind: str, data: object, says: str) -> None:
    assert says in str(problem_in(log, kind, data))


def test_what_a_newer_version_adds_is_passed_on() -> None:
    assert problem_in("shared", "language", {"language": "zig", "mood": "good"}) is None
    assert problem_in("shared", "a kind of tomorrow", {"any": ["thing", 1, None]}) is None
    assert problem_in_scores([{"criterion": "Testing", "score": None}]) is None
    assert "score" in str(problem_in_scores([{"criterion": "Testing", "score": "3"}]))
    assert "NUL" in str(problem_in_scores([{"criterion": "\0", "score": 3}]))
