"""What people are told of an entry, kind by kind, and that odd entries are told to nobody."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pizarra import control
from pizarra.collab.journal import StoredEvent
from pizarra.timeline.entries.shared import SHARED
from pizarra.timeline.messages import to_message

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ANA = "a" * 32
RUN = "r" * 32
STARTED: dict[str, Any] = {
    "run_id": RUN,
    "language": "python",
    "path": "main.py",
    "stdin": "",
    "at": 3,
}
ENDED: dict[str, Any] = {
    "run_id": RUN,
    "status": "exited",
    "exit_code": 0,
    "signal": None,
    "duration_ms": 41,
    "memory_kb": 8312,
    "detail": None,
}
SUGGESTED = {"path": "main.py", "start": "{}", "end": "{}", "before": "x", "text": "y"}
# Kind → what an entry of it holds, and what of the message says so; None: people hear of it otherwise, or not at all.
TOLD: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "edit": ({"update": ""}, None),
    "language": ({"language": "java"}, {"type": "session.changed", "language": "java"}),
    "join": ({"name": "Ana", "role": "candidate"}, None),
    "leave": ({"name": "Ana", "role": "candidate"}, None),
    "connection": ({"name": "Ana", "state": "lost"}, None),
    "run.started": (STARTED, {"type": "run.started"}),
    "run.input": ({"run_id": RUN, "text": "x", "eof": False}, None),
    "run.output": (
        {"run_id": RUN, "stream": "stdout", "text": "42"},
        {
            "type": "run.output",
            "run_id": RUN,
            "chunk": {"seq": 7, "stream": "stdout", "text": "42"},
        },
    ),
    "run.resized": (
        {"run_id": RUN, "columns": 100, "rows": 30},
        {"type": "run.resized", "run_id": RUN, "size": {"seq": 7, "columns": 100, "rows": 30}},
    ),
    "run.ended": (ENDED, {"type": "run.ended", "exit_code": 0, "compile_ms": None}),
    "lock": (
        {"editing": True, "running": False},
        {"type": "session.changed", "editing_locked": True, "running_locked": False},
    ),
    "role": ({"participant_id": ANA, "name": "Ana", "role": "observer"}, None),
    "removed": ({"participant_id": ANA, "name": "Ana"}, None),
    "paste": (
        {"path": "main.py", "characters": 80, "lines": 2, "source": "outside"},
        {"type": "signal"},
    ),
    "away": ({"away": False, "seconds": 5}, {"type": "signal"}),
    "explained": ({"of": 3, "text": "a call"}, {"type": "signal"}),
    "said": (
        {"text": "hola"},
        {
            "type": "said",
            "line": {
                "seq": 7,
                "at": "2026-11-22T09:30:00Z",
                "participant_id": ANA,
                "name": "Ana",
                "text": "hola",
            },
        },
    ),
    "suggestion": (SUGGESTED, {"type": "suggestion"}),
    "suggestion.answered": (
        {"of": 3, "accepted": True},
        {"type": "suggestion.answered", "seq": 3, "accepted": True, "participant_id": ANA},
    ),
    "thinking": (
        {"until": "2026-11-22T09:31:30+00:00"},
        {"type": "thinking", "until": "2026-11-22T09:31:30Z", "seconds_left": 90.0},
    ),
    "branch": (
        {"name": "And sorted?", "from": 3},
        {"type": "branch.changed", "branch": {"branch_id": 7, "name": "And sorted?"}},
    ),
    "cursor": ({"path": "main.py", "anchor": "{}", "head": "{}"}, None),
    "problem": (
        {
            "question_id": "q",
            "version": 2,
            "form": "stdio",
            "title": "",
            "statement": "",
            "spoken": "en",
            "folder": "two/",
        },
        {
            "type": "problem.changed",
            "seq": 7,
            "question_id": "q",
            "version": 2,
            "folder": "two/",
        },
    ),
    "samples": ({"problem": 3, "language": "python", "path": "", "at": 3, "results": []}, None),
    "session.ended": ({}, None),
    "session.reopened": ({}, None),
}


def told(kind: str, data: dict[str, Any], *, author: str | None = ANA) -> dict[str, Any] | None:
    event = StoredEvent(7, NOW, kind, 1, author, "Ana", data)
    message = to_message(event, NOW)
    if message is None:
        return None
    shown = message.model_dump(mode="json")
    return control.server_message.validate_python(shown, strict=False).model_dump(mode="json")


def test_every_kind_has_a_row() -> None:
    assert TOLD.keys() == SHARED.keys()


@pytest.mark.parametrize("kind", TOLD)
def test_people_are_told_what_an_entry_says(kind: str) -> None:
    data, expected = TOLD[kind]
    shown = told(kind, data)
    if expected is None or shown is None:
        assert shown is expected
    else:
        assert {name: shown[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("language", {"language": "cobol"}),
        ("thinking", {"until": "tomorrow"}),
        ("lock", {"editing": "yes"}),
        ("run.started", {**STARTED, "language": "cobol"}),
        ("run.output", {"run_id": RUN, "stream": "printer", "text": ""}),
        ("run.resized", {"run_id": RUN, "columns": 0, "rows": 30}),
        ("run.ended", {**ENDED, "status": "evaporated"}),
        ("suggestion", {"path": "main.py"}),
        ("hologram", {"of": "a later version"}),
    ],
)
def test_an_entry_of_a_shape_that_nobody_here_writes_is_told_to_nobody(
    kind: str, data: dict[str, Any]
) -> None:
    """An import brings anything, and so does a later version that serves the same database."""
    assert told(kind, data) is None


@pytest.mark.parametrize("kind", ["paste", "away", "explained", "said", "suggestion"])
def test_what_somebody_did_is_told_only_with_who_it_was(kind: str) -> None:
    data, _ = TOLD[kind]
    assert told(kind, data, author=None) is None


def test_thinking_that_is_over_and_none_at_all() -> None:
    until = {"until": "2026-11-22T09:29:00+00:00"}
    over, none = told("thinking", until), told("thinking", {"until": None})
    assert over is not None
    assert none is not None
    assert over["seconds_left"] == 0
    assert (none["until"], none["seconds_left"]) == (None, None)


@pytest.mark.parametrize(("resumes", "branch_id"), [(0, None), (3, 3)])
def test_an_earlier_question_is_gone_back_to(resumes: int, branch_id: int | None) -> None:
    message = told("branch", {"name": "First", "from": 5, "resumes": resumes})
    assert message is not None
    branch = message["branch"]
    assert (branch and branch["branch_id"]) == branch_id


@pytest.mark.parametrize(
    ("terminal", "sizes"),
    [
        (None, []),
        ({"columns": 100, "rows": 30}, [{"seq": 7, "columns": 100, "rows": 30}]),
        ({"columns": 0, "rows": 30}, []),
    ],
)
def test_a_run_begins_with_the_size_of_its_terminal_if_it_can_have_that(
    terminal: dict[str, int] | None, sizes: list[dict[str, int]]
) -> None:
    message = told("run.started", {**STARTED, "terminal": terminal})
    assert message is not None
    run = message["run"]
    assert run["sizes"] == sizes
    assert run["terminal"] is (terminal is not None)
    assert (run["status"], run["participant_id"], run["exit_code"]) == ("queued", ANA, None)
