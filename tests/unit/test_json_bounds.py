"""JSON is counted before it is decoded: what is in a text costs nothing, names and brackets do."""

import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.collab.wire.codec import (
    MalformedFrame,
    SyncStep,
    control_frame,
    decode_frame,
    sync_frame,
)
from pizarra.config import Settings
from pizarra.control.reading import read_control
from pizarra.kit.json_bounds import JsonBounds, TooIntricate

BOUNDS = JsonBounds(1000, 8)
MANY = json.dumps(dict.fromkeys(map(str, range(170_000)), 1)).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        json.dumps({"code": '[{"a": 1, "b\\\\": [2]}],' * 40_000}).encode(),
        json.dumps({"code": "\\" * 500_000}).encode(),
        b"[" + b",".join([b"1"] * 998) + b"]",
        b"[" * 8 + b"]" * 8,
        b"[[]," * 1 + b"[[]],[[]]]" * 20,
    ],
)
def test_what_people_send_passes(data: bytes) -> None:
    BOUNDS.check(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (MANY, "1,000 names, values, brackets and commas"),
        (b"[" + b",".join([b"1"] * 1000) + b"]", "1,000"),
        (b'""' * 1_000_000, "1,000"),
        (b"[" * 9 + b"]" * 9, "8 levels"),
        (b'{"a":' * 9, "8 levels"),
        (rb'["\\",' + b"1," * 1000, "1,000"),  # the text ends behind its two backslashes
    ],
)
def test_what_would_cost_too_much_is_refused(data: bytes, says: str) -> None:
    started = time.process_time()
    with pytest.raises(TooIntricate, match=says):
        BOUNDS.check(data)
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize(
    "data", [b'"' + b"\\" * 2_000_000, b'"' + b'\\"' * 1_000_000, b"1" * 2_000_000, b'"' * 999]
)
def test_counting_takes_time_in_proportion(data: bytes) -> None:
    started = time.process_time()
    BOUNDS.check(data)
    assert time.process_time() - started < 0.5


# What a pattern takes that steps over each escape: a frame of a worker's held the event loop for 25 ms.
STEPPING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},:]', re.DOTALL)


def quickest(work: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def test_escapes_are_not_stepped_over() -> None:
    data = b'"%b"' % (rb"\/A" * 700_000)
    stepping = quickest(lambda: list(STEPPING.finditer(data)))
    assert quickest(lambda: BOUNDS.check(data)) < 0.6 * stepping


@given(
    st.recursive(st.text('\\"n[]{},:', max_size=8), lambda each: st.lists(each, max_size=4)),
    st.floats(0, 1),
)
def test_texts_end_where_they_do(value: object, cut: float) -> None:
    """Whole, or cut off: as many pieces as with a look at each escape."""
    whole = json.dumps(value, ensure_ascii=False).encode()
    data = whole[: round(cut * len(whole))]
    pieces = len(STEPPING.findall(data))
    JsonBounds(pieces, 100).check(data)
    if pieces:
        with pytest.raises(TooIntricate):
            JsonBounds(pieces - 1, 100).check(data)


def test_a_control_message_is_bounded_in_bytes_and_parts(settings_of_bounds: Settings) -> None:
    ping = b'{"type":"ping","id":1}'
    assert read_control(ping, settings_of_bounds).type == "ping"
    assert read_control(ping + b" " * (4096 - len(ping)), settings_of_bounds).type == "ping"
    for refused, says in (
        (ping + b" " * (4097 - len(ping)), "4,096 bytes at most"),
        (b'{"type":"ping","x":[' + b"1," * 200 + b"1]}", "too many parts"),
        (b'{"type":"ping","x":' + b"[" * 9, "nested too deeply"),
        (b"{}", "unknown shape"),
    ):
        with pytest.raises(MalformedFrame, match=says):
            read_control(refused, settings_of_bounds)


def test_the_largest_honest_control_messages_pass() -> None:
    pasted = json.dumps(
        {"type": "run.input", "run_id": "r", "text": "\n," * 131_072}, separators=(",", ":")
    )
    assert read_control(pasted.encode(), Settings()).type == "run.input"
    proposed = {"type": "suggest", "path": "a" * 200, "start": "{}", "end": "{}"}
    longest = json.dumps(
        {**proposed, "before": "\N{GRINNING FACE}" * 20_000, "text": "\N{GRINNING FACE}" * 20_000}
    )
    assert read_control(longest.encode(), Settings()).type == "suggest"


@pytest.mark.parametrize("question", [sync_frame(SyncStep.STEP1, b"\0"), bytes((3,))])
def test_a_frame_asks_a_question_once(question: bytes) -> None:
    assert (
        len(decode_frame(sync_frame(SyncStep.STEP1, b"\0") + bytes((3,)) + control_frame(b"{}")))
        == 3
    )
    assert len(decode_frame(sync_frame(SyncStep.UPDATE, b"\0\0") * 64)) == 64
    with pytest.raises(MalformedFrame, match="twice"):
        decode_frame(question * 2)


@pytest.fixture
def settings_of_bounds() -> Settings:
    """Small bounds."""
    return Settings(max_control_bytes=4096, max_json_pieces=200, max_json_depth=8)
