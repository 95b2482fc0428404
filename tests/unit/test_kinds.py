"""Every kind of entry has a shape, the documentation tells it, and what does not fit is named."""

import math
import re
from pathlib import Path
from typing import Any

import pytest

from pizarra.timeline.entries.base import EntryData
from pizarra.timeline.entries.private import PRIVATE, Noted
from pizarra.timeline.entries.reading import (
    Unknown,
    problem_in,
    problem_in_scores,
    read_private,
    read_shared,
)
from pizarra.timeline.entries.shared import SHARED, Branched, Connected, RunOutput
from pizarra.timeline.integrity.chain import Log

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "timeline.md").read_text()
EVERYWHERE = {"name", "anchor"}  # said once for the whole log of the interviewers


def documented(heading: str) -> dict[str, str]:
    """Return what the table under a heading says about each kind."""
    table = DOCS.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+) \|$", table, flags=re.MULTILINE)
    return {
        kind: said
        for kinds, said in rows
        for kind in re.findall(r"`([a-z.]+)`", kinds)
        if kind != "data"
    }


@pytest.mark.parametrize(
    ("heading", "kinds", "known"),
    [
        ("Kinds of the shared log", SHARED, set()),
        ("Kinds of the interviewers' log", PRIVATE, EVERYWHERE),
    ],
)
def test_the_documentation_tells_every_kind_and_field(
    heading: str, kinds: dict[str, Any], known: set[str]
) -> None:
    said = documented(heading)
    assert set(said) == set(kinds), "docs/timeline.md"
    for kind, shape in kinds.items():
        missing = [
            name
            for name in (field.alias or name for name, field in shape.model_fields.items())
            if name not in known and f"`{name}`" not in said[kind]
        ]
        assert missing == [], kind


@pytest.mark.parametrize(("union", "kinds"), [("SharedKind", SHARED), ("PrivateKind", PRIVATE)])
def test_the_page_names_every_kind(union: str, kinds: dict[str, Any]) -> None:
    """Where the page reads a log, its compiler asks for each of them."""
    named = (
        (ROOT / "web" / "src" / "kinds.ts").read_text().split(f"type {union} =")[1].split(";")[0]
    )
    assert set(re.findall(r'"(.+?)"', named)) == set(kinds), "web/src/kinds.ts"


def test_every_class_of_an_entry_is_of_a_log() -> None:
    """Only of what is in the union does the type checker ask what becomes of it."""
    known = {*SHARED.values(), *PRIVATE.values()}
    assert set(EntryData.__subclasses__()) - known == set(), (
        "it is in no union: SharedData, PrivateData"
    )


@pytest.mark.parametrize(
    ("log", "kind", "data", "says"),
    [
        ("shared", "language", {}, "language: Field required"),
        ("shared", "run.ended", {"run_id": "r"}, "exit_code: Field required"),
        ("shared", "away", {"away": True, "seconds": 2**40}, "seconds: "),
        ("shared", "explained", {"of": True, "text": ""}, "of: "),
        ("shared", "explained", {"of": -1, "text": ""}, "of: "),
        ("private", "note", {"name": "Ana", "anchor": 1, "text": ["x"]}, "text: "),
        (
            "private",
            "scores",
            {"name": "Ana", "anchor": 1, "scores": [{"score": 3}]},
            "scores.0.criterion: ",
        ),
        ("shared", "language", [], "no object"),
        ("shared", "a kind of tomorrow", 3, "no object"),
        ("shared", "a kind of tomorrow", {"deep": [{"\0": 1}]}, "NUL"),
        ("private", "note", {"name": "\ud800", "anchor": 1, "text": ""}, "surrogates"),
    ],
)
def test_what_does_not_fit_is_named(log: Log, kind: str, data: object, says: str) -> None:
    assert says in str(problem_in(log, kind, data))


def test_somebody_back_after_seconds_and_tenths_fits() -> None:
    """An archive of a session in which somebody's connection was lost could not be imported."""
    back = Connected(name="Ana", state="back", seconds=12.3)
    assert back.to_data() == {"name": "Ana", "state": "back", "seconds": 12.3}
    assert problem_in("shared", back.kind, back.to_data()) is None
    assert "finite" in str(problem_in("shared", back.kind, {**back.to_data(), "seconds": math.inf}))


def test_what_was_not_given_is_not_written() -> None:
    lost = Connected(name="Ana", state="lost", reason="gone")
    assert lost.to_data() == {"name": "Ana", "state": "lost", "reason": "gone"}
    begun = Branched.model_validate({"name": "What if?", "from": 7})
    assert begun.to_data() == {"name": "What if?", "from": 7}


def test_a_row_is_of_its_class_or_unknown() -> None:
    told = {"run_id": "r", "stream": "stdout", "text": "5", "mood": "good"}
    assert read_shared("run.output", told) == RunOutput(run_id="r", stream="stdout", text="5")
    assert read_shared("a kind of tomorrow", {"x": 1}) == Unknown("a kind of tomorrow", {"x": 1})
    assert read_shared("run.output", {"run_id": 1}) == Unknown("run.output", {"run_id": 1})
    note = {"name": "Ana", "anchor": 3, "text": "asks well"}
    assert read_private("note", note) == Noted(text="asks well")
    assert read_private("run.output", told) == Unknown("run.output", told)


def test_what_a_newer_version_adds_is_passed_on() -> None:
    assert problem_in("shared", "language", {"language": "zig", "mood": "good"}) is None
    assert problem_in("shared", "a kind of tomorrow", {"any": ["thing", 1, None]}) is None
    assert problem_in_scores([{"criterion": "Testing", "score": None}]) is None
    assert "score" in str(problem_in_scores([{"criterion": "Testing", "score": "3"}]))
    assert "NUL" in str(problem_in_scores([{"criterion": "\0", "score": 3}]))
