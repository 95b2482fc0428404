"""The validator lets through what Yjs writes, and keeps from the CRDT what could break it."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from pizarra.collab.state.document import Document, UnusableUpdate
from pizarra.collab.wire.codec import MalformedFrame, var_uint
from pizarra.collab.wire.updates import read_state_vector, summarize_update


def rich_document() -> tuple[Doc[Any], list[bytes]]:
    """Return a document with everything an update can hold, and each update that made it."""
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    text, numbers, table = doc.get("t", type=Text), doc.get("a", type=Array), doc.get("m", type=Map)
    text += "héllo 😀"
    text.insert(0, "x")
    text.format(0, 1, {"bold": True})
    text.insert_embed(1, {"image": 1})
    del text[0:1]
    values = [1, -1, 2**40, 1.5, True, False, None, "é", b"raw", [1, [2]], {"k": {"n": None}}]
    for value in values:
        numbers.append(value)
        table[f"key {value!r}"] = value
    table["nested"] = Map({"inner": Text("deep")})
    table["list"] = Array([1, 2, 3])
    del table["list"]
    del numbers[2:5]
    doc.unobserve(subscription)
    return doc, updates


def test_everything_yjs_writes_is_understood() -> None:
    doc, updates = rich_document()
    for update in [*updates, doc.get_update(), doc.get_update(doc.get_state())]:
        summarize_update(update)


def test_a_summary_covers_what_the_crdt_sees() -> None:
    doc, _ = rich_document()
    summary = summarize_update(doc.get_update())
    reach: dict[int, int] = {}
    for client, _start, end in summary.structs:
        reach[client] = max(reach.get(client, 0), end)
    assert reach == read_state_vector(doc.get_state())


def test_lengths_are_in_utf16_units() -> None:
    doc: Doc[Any] = Doc()
    text = doc.get("t", type=Text)
    text += "é😀x"
    ((_, start, end),) = summarize_update(doc.get_update()).structs
    assert (start, end) == (0, 4)


def test_inserted_text_is_counted_in_bytes() -> None:
    doc: Doc[Any] = Doc()
    text = doc.get("t", type=Text)
    text += "é😀x"
    assert summarize_update(doc.get_update()).text_bytes == 7


PANIC = bytes((1, 0, 1, 0, 0))


def test_the_panic_is_real_and_kept_away() -> None:
    """yrs panics on a client without structs that it knows; a validator that lets it through would show here."""
    with pytest.raises(MalformedFrame):
        summarize_update(PANIC)
    document = Document()
    client = 1
    document.apply(
        bytes((1, 1))
        + var_uint(client)
        + bytes((0, 4, 1, 1))
        + b"t"
        + bytes((1,))
        + b"x"
        + bytes((0,))
    )
    with pytest.raises(UnusableUpdate):
        document.apply(PANIC)


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"\0",
        b"\0\0\0",
        PANIC,
        b"\x01\x01\x01\x00\x1f\x00\x00",  # content of unknown kind
        b"\x02\x01\x01\x00\x00\x01\x01\x01\x00\x00\x01\x00",  # a client listed twice
        b"\x01\x01\x07\x00\x00" + var_uint(2**31) + b"\x00",  # clock squatting
        b"\x01\x01\x07\x00\x00\x00\x00",  # a struct of length zero
        b"\x00\x01\x07\x01\x00\x00",  # a deletion of length zero
        var_uint(10**9) + b"\0",
    ],
)
def test_what_yjs_never_writes_is_malformed(update: bytes) -> None:
    with pytest.raises(MalformedFrame):
        summarize_update(update)


def test_values_nested_too_deeply_are_malformed() -> None:
    nested = b"\x75\x01" * 5000 + b"\x7e"
    with pytest.raises(MalformedFrame):
        summarize_update(b"\x01\x01\x01\x00\x08\x01\x01a\x01" + nested + b"\x00")


@settings(max_examples=400)
@given(st.integers(0, 2**32 - 1))
def test_mutants_never_panic(seed: int) -> None:
    """Real updates with bytes changed, cut, doubled: refused, or applied without a panic."""
    dice = random.Random(seed)
    doc, updates = rich_document()
    update = bytearray(dice.choice([*updates, doc.get_update()]))
    for _ in range(dice.randint(1, 4)):
        index = dice.randrange(len(update))
        match dice.randrange(4):
            case 0:
                update[index] = dice.randrange(256)
            case 1:
                del update[index:]
            case 2:
                update[index:index] = update[index : index + dice.randrange(8)]
            case _:
                update[index] ^= 1 << dice.randrange(8)
        if not update:
            break
    try:
        summarize_update(bytes(update))
    except MalformedFrame:
        return
    document = Document()
    document.apply(doc.get_update())
    refusals = []
    try:
        document.apply(bytes(update))
    except UnusableUpdate as error:
        refusals.append(str(error))
    assert not any("panic" in refusal for refusal in refusals)
