"""The wire format: what clients write is read, and nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizarra.collab.wire.codec import (
    KEEPALIVE_FRAME,
    MAX_SAFE_INTEGER,
    MalformedFrame,
    MessageType,
    Reader,
    SyncStep,
    acknowledge_frame,
    awareness_frame,
    control_frame,
    decode_frame,
    sync_frame,
    var_bytes,
    var_uint,
)


@given(st.integers(0, MAX_SAFE_INTEGER))
def test_numbers_come_back(number: int) -> None:
    reader = Reader(var_uint(number))
    assert reader.var_uint() == number
    assert reader.exhausted


def test_numbers_of_more_than_53_bits_are_malformed() -> None:
    for raw in (var_uint(MAX_SAFE_INTEGER + 1), b"\xff" * 2000, b"\x80" * 8 + b"\x01"):
        with pytest.raises(MalformedFrame):
            Reader(raw).var_uint()


@given(st.binary(max_size=300))
def test_messages_come_back(payload: bytes) -> None:
    for step in SyncStep:
        (message,) = decode_frame(sync_frame(step, payload))
        assert (message.type, message.step, message.payload) == (MessageType.SYNC, step, payload)
    for encode, kind in (
        (awareness_frame, MessageType.AWARENESS),
        (control_frame, MessageType.CONTROL),
    ):
        (message,) = decode_frame(encode(payload))
        assert (message.type, message.payload) == (kind, payload)


def test_several_messages_in_one_frame() -> None:
    frame = (
        sync_frame(SyncStep.STEP1, b"\0")
        + acknowledge_frame(var_uint(7))
        + bytes((3,))
        + KEEPALIVE_FRAME
    )
    kinds = [message.type for message in decode_frame(frame)]
    assert kinds == [
        MessageType.SYNC,
        MessageType.ACKNOWLEDGE,
        MessageType.QUERY_AWARENESS,
        MessageType.AWARENESS,
    ]


def test_the_keepalive_is_presence_of_nobody() -> None:
    assert bytes((1, 1, 0)) == KEEPALIVE_FRAME


def test_an_acknowledgement_carries_exactly_one_number() -> None:
    for payload in (b"", var_uint(1) + b"\0", b"\xff"):
        with pytest.raises(MalformedFrame):
            decode_frame(bytes((102,)) + var_bytes(payload))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(frame: bytes) -> None:
    with contextlib.suppress(MalformedFrame):
        assert decode_frame(frame)
