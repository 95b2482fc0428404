"""What is said on a socket beside the document: each message comes back as it was sent, and nothing else is one."""

import contextlib
import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra import control
from pizarra.collab.wire.codec import MalformedFrame
from pizarra.config import Settings
from pizarra.control import client_message, server_message
from pizarra.control.client import ClientMessage
from pizarra.control.reading import read_control
from pizarra.control.server import ServerMessage
from pizarra.control.shapes import ControlMessage

SETTINGS = Settings()
CLIENT: tuple[type[ControlMessage], ...] = get_args(get_args(ClientMessage)[0])
SERVER: tuple[type[ControlMessage], ...] = get_args(get_args(ServerMessage)[0])


def kind_of(message: type[ControlMessage]) -> str:
    return str(message.model_fields["type"].default)


def read(message: Any) -> Any:
    return read_control(json.dumps(message, ensure_ascii=False).encode(), SETTINGS)


def is_read(message: Any) -> bool:
    """Tell whether somebody is understood."""
    try:
        read(message)
    except MalformedFrame:
        return False
    return True


# Both ways


ASKED: list[ControlMessage] = [
    control.Ping(id=2**53 - 1),
    control.StartRun(),
    control.StartRun(path="ñ.py", stdin="1\n", if_running="queue"),
    control.RunInput(run_id="r", text="\x03"),
    control.StopRun(run_id="r"),
    control.Report(unsaved=0, round_trip_ms=None),
    control.Away(away=True),
    control.Paste(path="a", characters=1, lines=1, source="session"),
    control.Explain(seq=1, text="«why»"),
    control.Gather(),
    control.Suggest(path="a", start="{}", end="{}", before="", text="\u2028"),
    control.AnswerSuggestion(seq=1, accepted=False),
    control.EndThinking(),
    control.Moved(path="a", anchor="{}", head="{}"),
]


@pytest.mark.parametrize("message", ASKED, ids=lambda each: kind_of(type(each)))
def test_what_a_page_asks_for_is_read_as_it_was_sent(message: ControlMessage) -> None:
    assert read_control(message.encode(), SETTINGS) == message
    assert {*map(type, ASKED), control.ResizeRun} == set(CLIENT), "each of them"


# Words of a program may be anything, and what a signal tells is of its kind: those have tests of their own.
PLAIN = [each for each in SERVER if each not in (control.Welcome, control.RunStarted)]


@pytest.mark.parametrize("message", PLAIN, ids=kind_of)
def test_what_the_server_tells_comes_back_as_it_was_told(message: type[ControlMessage]) -> None:
    schema = message.model_json_schema()
    assert schema["additionalProperties"] is False, "nothing is told by accident"
    assert schema["properties"]["type"]["const"] == kind_of(message)


def test_no_two_messages_are_called_the_same() -> None:
    for some in (CLIENT, SERVER):
        kinds = [kind_of(each) for each in some]
        assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize(
    "told",
    [
        control.Roster(people=[]),
        control.SessionChanged(title="ñ", editing_locked=True),
        control.BranchChanged(branch=control.Branch(branch_id=7, name="Faster?")),
        control.BranchChanged(branch=None),
        control.Thinking(until=None, seconds_left=None),
        control.Refusal(code="x", detail='"quoted"\n'),
        control.SuggestionAnswered(seq=1, accepted=False, participant_id="a"),
    ],
)
def test_a_page_reads_what_it_is_told(told: ControlMessage) -> None:
    assert server_message.validate_json(told.encode()) == told
    with pytest.raises(ValueError, match="type"):
        client_message.validate_json(told.encode())


# What is none


@given(st.binary(max_size=200))
def test_whatever_is_sent_is_a_message_or_malformed(payload: bytes) -> None:
    with contextlib.suppress(MalformedFrame):
        read_control(payload, SETTINGS)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        [],
        None,
        "ping",
        {"type": None},
        {"type": "welcome"},
        {"type": "PING", "id": 1},
        {"id": 1},
        {"type": "ping"},
        {"type": "ping", "id": 1, "more": 2},
        {"type": "ping", "id": "x"},
        {"type": "ping", "id": 1.5},
        {"type": "run.start", "if_running": "maybe"},
        {"type": "run.start", "terminal": 5},
    ],
)
def test_what_is_no_message_is_malformed(sent: Any) -> None:
    with pytest.raises(MalformedFrame, match="unknown shape"):
        read(sent)


@pytest.mark.parametrize(("size", "fits"), [(4096, True), (4097, False), (10**6, False)])
def test_a_message_has_so_many_bytes(size: int, fits: bool) -> None:
    settings = Settings(max_control_bytes=4096)
    message = b'{"type": "ping", "id": 1}'
    padded = message[:-1] + b" " * (size - len(message)) + b"}"
    if fits:
        assert read_control(padded, settings) == control.Ping(id=1)
        return
    with pytest.raises(MalformedFrame) as refused:
        read_control(padded, settings)
    assert refused.value.bound == "max_control_bytes"


@pytest.mark.parametrize(
    ("payload", "bound"),
    [
        (b'{"type": "ping", "id": ' + b"[" * 33 + b"]" * 33 + b"}", "max_json_depth"),
        (b'{"type": "ping", "id": [' + b"1," * 10_000 + b"1]}", "max_json_pieces"),
    ],
)
def test_what_would_cost_much_to_read_is_not_read(payload: bytes, bound: str) -> None:
    with pytest.raises(MalformedFrame) as refused:
        read_control(payload, SETTINGS)
    assert refused.value.bound == bound


# Bounds of what is told


PASTE = {"type": "paste", "path": "main.py", "characters": 1, "lines": 1, "source": "own"}
SUGGEST = {"type": "suggest", "path": "x", "start": "", "end": "", "before": "", "text": ""}
CURSOR = {"type": "cursor", "path": "x", "anchor": "", "head": ""}


@pytest.mark.parametrize(
    ("message", "field", "most"),
    [
        (PASTE, "path", 200),
        (SUGGEST, "path", 200),
        (SUGGEST, "start", 1000),
        (SUGGEST, "end", 1000),
        (SUGGEST, "before", 20_000),
        (SUGGEST, "text", 20_000),
        (CURSOR, "path", 200),
        (CURSOR, "anchor", 300),
        (CURSOR, "head", 300),
        ({"type": "signal.explain", "seq": 1, "text": ""}, "text", 500),
        ({"type": "run.input", "run_id": "r", "text": ""}, "text", 262_144),
    ],
)
def test_a_text_has_so_many_characters(message: dict[str, Any], field: str, most: int) -> None:
    for size, fits in ((most - 1, True), (most, True), (most + 1, False)):
        assert is_read({**message, field: "ñ" * size}) is fits, size


@pytest.mark.parametrize(
    ("message", "field", "least", "most"),
    [
        (PASTE, "characters", 1, 2**31 - 1),
        (PASTE, "lines", 1, 2**31 - 1),
        ({"type": "signal.explain", "seq": 1, "text": "x"}, "seq", 1, 2**53 - 1),
        ({"type": "suggestion.answer", "seq": 1, "accepted": True}, "seq", 1, 2**53 - 1),
        ({"type": "ping", "id": 1}, "id", 0, 2**53 - 1),
        ({"type": "report", "unsaved": 1}, "unsaved", 0, 2**31 - 1),
        ({"type": "report", "unsaved": 1}, "round_trip_ms", 0, 2**31 - 1),
        ({"type": "away", "away": True}, "seconds", 0, 2**31 - 1),
    ],
)
def test_a_number_lies_in_its_range(
    message: dict[str, Any], field: str, least: int, most: int
) -> None:
    for number, fits in ((least - 1, False), (least, True), (most, True), (most + 1, False)):
        assert is_read({**message, field: number}) is fits, number


@pytest.mark.parametrize("field", ["path", "start", "end", "before", "text"])
@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_what_goes_on_the_timeline_can_be_stored(field: str, text: str) -> None:
    assert not is_read({**SUGGEST, field: text})


def test_half_a_character_is_no_text() -> None:
    half = json.dumps({**SUGGEST, "text": "\ud800"}).encode()
    with pytest.raises(MalformedFrame):
        read_control(half, SETTINGS)


@pytest.mark.parametrize(
    ("columns", "rows", "fits"),
    [
        (2, 1, True),
        (1, 1, False),
        (2, 0, False),
        (500, 300, True),
        (501, 300, False),
        (500, 301, False),
    ],
)
def test_a_terminal_has_a_size_that_a_screen_can_have(columns: int, rows: int, fits: bool) -> None:
    size = {"columns": columns, "rows": rows}
    assert is_read({"type": "run.start", "terminal": size}) is fits
    assert is_read({"type": "run.resize", "run_id": "r", "size": size}) is fits
