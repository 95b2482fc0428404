"""What a worker says costs no more than what it is, whatever it says."""

import json

import pytest

from pizarra.sandbox.remote.believed import believed
from pizarra.sandbox.runner.protocol import Formatted, ProgramEnded, RunState
from pizarra.sandbox.runner.streams import RunnerFault


def formatted(text: str) -> bytes:
    return json.dumps({"type": "formatted", "format_id": "f", "text": text}).encode()


def test_nul_is_shown_and_a_few_are_enough() -> None:
    """A mebibyte of them held the event loop of every web process for 0.2 s, eight times a second."""
    told = believed(formatted("a\0" * 1000))
    assert isinstance(told, Formatted)
    assert told.text == "a␀" * 1000
    with pytest.raises(RunnerFault, match="too many NULs"):
        believed(formatted("\0" * 1001))


@pytest.mark.parametrize(
    "text",
    ["\\u0000", "\\\0", "\\\\\0\\u0000", "\0\0", "\\\\u0000u0000\0", "u0000", "\\" * 9 + "\0"],
)
def test_only_what_is_nul_is_shown_as_one(text: str) -> None:
    told = believed(formatted(text))
    assert isinstance(told, Formatted)
    assert told.text == text.replace("\0", "␀")


def test_a_number_that_none_can_be_is_not_told() -> None:
    outcome = {"exit_code": 0, "signal": None, "duration_ms": 1, "memory_kb": -5, "compile_ms": -1}
    ended = {"type": "ended", "run_id": "r", "status": "exited", "detail": None, **outcome}
    told = believed(json.dumps(ended).encode())
    assert isinstance(told, ProgramEnded)
    assert (told.memory_kb, told.compile_ms) == (0, 0)
    for place, shown in ((-(10**40), 1), (10**300, 10_000), (3, 3), (None, None)):
        waits = {"type": "state", "run_id": "r", "status": "queued", "position": place}
        state = believed(json.dumps(waits).encode())
        assert isinstance(state, RunState)
        assert state.position == shown
